/** The endpoint that makes a service reachable inside a VPC. */
export interface VpcEndpoint {
  /** com.amazonaws.REGION.SERVICE */
  readonly name: string;
  readonly type: 'Interface' | 'Gateway';
}

/** Host names of the services that the tasks call, and their endpoint services (AWS PrivateLink Guide, "AWS services that integrate"). */
const services: readonly (readonly [RegExp, string])[] = [
  [/^sts(?:-fips)?\.([a-z0-9-]+)\./, 'sts'],
  [/^api\.ecr(?:-fips)?\.([a-z0-9-]+)\./, 'ecr.api'],
  [/^\d{12}\.dkr[.-]ecr(?:-fips)?\.([a-z0-9-]+)\./, 'ecr.dkr'],
  [/^(?:[a-z0-9.-]+\.)?s3[.-]([a-z0-9-]+)\./, 's3'],
  [/^(?:[A-Z0-9]+\.[a-z0-9]+\.)?eks(?:-fips)?\.([a-z0-9-]+)\./i, 'eks'],
  [/^signer(?:-fips)?\.([a-z0-9-]+)\./, 'signer'],
  [/^securityhub(?:-fips)?\.([a-z0-9-]+)\./, 'securityhub'],
];

/** Undefined for a host that is none of these services, in a region. China's services have the prefix cn.com.amazonaws. */
export function vpcEndpointOf(hostname: string): VpcEndpoint | undefined {
  if (!/\.(amazonaws\.com(\.cn)?|amazonaws\.eu|api\.aws)$/.test(hostname)) return undefined;
  for (const [host, service] of services) {
    const region = host.exec(hostname)?.[1];
    if (!region?.includes('-')) continue;
    const prefix = region.startsWith('cn-') ? 'cn.com.amazonaws' : 'com.amazonaws';
    return { name: `${prefix}.${region}.${service}`, type: service === 's3' ? 'Gateway' : 'Interface' };
  }
  return undefined;
}
