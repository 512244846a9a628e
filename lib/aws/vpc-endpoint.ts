/** The endpoint that makes a service reachable inside a VPC. */
export interface VpcEndpoint {
  /** com.amazonaws.REGION.SERVICE; in some partitions another prefix stands before it. */
  readonly name: string;
  readonly type: 'Interface' | 'Gateway';
}

/**
 * Host names of the services that the tasks call (AWS General Reference, "Service endpoints and quotas"), and their
 * endpoint services (AWS PrivateLink Guide, "AWS services that integrate"). A cluster's own endpoint
 * (ID.xyz.REGION.eks.amazonaws.com) is none of them: a setting of the cluster makes that one private.
 */
const services: readonly (readonly [host: RegExp, service: string])[] = [
  [/^sts(?:-fips)?\.([a-z0-9-]+)\./, 'sts'],
  [/^(?:api\.)?ecr(?:-fips)?\.([a-z0-9-]+)\./, 'ecr.api'],
  [/^\d{12}\.dkr[.-]ecr(?:-fips)?\.([a-z0-9-]+)\./, 'ecr.dkr'],
  [/^(?:[a-z0-9.-]+\.)?s3(?:-fips)?[.-](?:dualstack\.)?([a-z0-9-]+)\./, 's3'],
  [/^(?:fips\.)?eks(?:-fips)?\.([a-z0-9-]+)\./, 'eks'],
  [/^signer(?:-fips)?\.([a-z0-9-]+)\./, 'signer'],
  [/^securityhub(?:-fips)?\.([a-z0-9-]+)\./, 'securityhub'],
];

/** Undefined for a host that is none of these services, in a region. */
export function vpcEndpointOf(hostname: string): VpcEndpoint | undefined {
  if (!/\.(amazonaws\.com(\.cn)?|amazonaws\.eu|api\.aws|on\.aws)$/.test(hostname)) return undefined;
  for (const [host, service] of services) {
    const region = host.exec(hostname)?.[1];
    if (!region?.includes('-')) continue;
    const type = service === 's3' ? 'Gateway' : 'Interface';
    return { name: `${prefixOf(region, service, type)}.${region}.${service}`, type };
  }
  return undefined;
}

/** As `aws ec2 describe-vpc-endpoint-services` lists them; gateways have the same prefix everywhere. */
function prefixOf(region: string, service: string, type: VpcEndpoint['type']): string {
  if (type === 'Interface' && region.startsWith('cn-')) return 'cn.com.amazonaws';
  if (region.startsWith('eusc-') && /^(ecr|securityhub)/.test(service)) return 'eu.amazonaws';
  return 'com.amazonaws';
}
