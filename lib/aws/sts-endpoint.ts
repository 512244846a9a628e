import { partition } from '@aws-sdk/core/client';

/**
 * The regional endpoint of STS, by the settings every AWS SDK knows (AWS SDKs Reference Guide, "Service-specific
 * endpoints", "Dual-stack and FIPS endpoints"). A test compares it with the SDK's own rules for every region.
 */
export function stsEndpoint(region: string, environment: NodeJS.ProcessEnv): URL {
  const ignored = isOn(environment.AWS_IGNORE_CONFIGURED_ENDPOINT_URLS);
  const configured = environment.AWS_ENDPOINT_URL_STS || environment.AWS_ENDPOINT_URL;
  if (configured && !ignored) return new URL(configured);
  const { name, dnsSuffix, dualStackDnsSuffix } = partition(region);
  const dualStack = isOn(environment.AWS_USE_DUALSTACK_ENDPOINT);
  // In GovCloud the ordinary endpoints are FIPS endpoints already.
  const fips = isOn(environment.AWS_USE_FIPS_ENDPOINT) && (dualStack || name !== 'aws-us-gov');
  return new URL(
    `https://sts${fips ? '-fips' : ''}.${region}.${dualStack ? dualStackDnsSuffix : dnsSuffix}/`,
  );
}

function isOn(value: string | undefined): boolean {
  return value?.toLowerCase() === 'true';
}
