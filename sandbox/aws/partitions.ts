/**
 * Partitions, their Regions, and the host names services have in them.
 *
 * https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html; Regions and DNS
 * suffixes as in the AWS SDKs' partitions.json.
 */

export interface Partition {
  /** Second part of an ARN. */
  readonly id: string;
  readonly regions: readonly string[];
  readonly dnsSuffix: string;
  readonly dualStackDnsSuffix: string;
}

const partitions: readonly Partition[] = [
  {
    id: 'aws',
    regions: [
      'af-south-1',
      ...[
        'ap-east-1',
        'ap-east-2',
        'ap-northeast-1',
        'ap-northeast-2',
        'ap-northeast-3',
        'ap-south-1',
        'ap-south-2',
      ],
      ...['ap-southeast-1', 'ap-southeast-2', 'ap-southeast-3', 'ap-southeast-4', 'ap-southeast-5'],
      ...['ap-southeast-6', 'ap-southeast-7', 'ca-central-1', 'ca-west-1', 'eu-central-1', 'eu-central-2'],
      ...['eu-north-1', 'eu-south-1', 'eu-south-2', 'eu-west-1', 'eu-west-2', 'eu-west-3', 'il-central-1'],
      ...['me-central-1', 'me-south-1', 'mx-central-1', 'sa-east-1', 'us-east-1', 'us-east-2', 'us-west-1'],
      'us-west-2',
    ],
    dnsSuffix: 'amazonaws.com',
    dualStackDnsSuffix: 'api.aws',
  },
  {
    id: 'aws-cn',
    regions: ['cn-north-1', 'cn-northwest-1'],
    dnsSuffix: 'amazonaws.com.cn',
    dualStackDnsSuffix: 'api.amazonwebservices.com.cn',
  },
  {
    id: 'aws-us-gov',
    regions: ['us-gov-east-1', 'us-gov-west-1'],
    dnsSuffix: 'amazonaws.com',
    dualStackDnsSuffix: 'api.aws',
  },
  {
    id: 'aws-eusc',
    regions: ['eusc-de-east-1'],
    dnsSuffix: 'amazonaws.eu',
    dualStackDnsSuffix: 'api.amazonwebservices.eu',
  },
];

/** Regions of the partition `aws` with FIPS endpoints (https://aws.amazon.com/compliance/fips/). */
const fipsRegions: ReadonlySet<string> = new Set(['us-east-1', 'us-east-2', 'us-west-1', 'us-west-2']);

/** Where a host name leads. */
export interface Endpoint {
  /** `aws`, `aws-cn`, `aws-us-gov`, `aws-eusc` */
  readonly partition: string;
  /** The Region whose name signatures have to carry. */
  readonly region: string;
}

/**
 * The endpoint of STS that a host name stands for, if any: Regional, FIPS, dual-stack, or the global one, which is
 * in us-east-1. Host names of Regions that do not exist stand for nothing, as they do in DNS.
 * https://docs.aws.amazon.com/general/latest/gr/sts.html
 */
export function stsEndpoint(host: string): Endpoint | undefined {
  if (host === 'sts.amazonaws.com') return { partition: 'aws', region: 'us-east-1' };
  const [, service, region = '', suffix = ''] = /^(sts|sts-fips)\.([a-z0-9-]+)\.(.+)$/.exec(host) ?? [];
  const partition = partitions.find(({ regions }) => regions.includes(region));
  if (partition === undefined) return undefined;
  if (suffix !== partition.dnsSuffix && suffix !== partition.dualStackDnsSuffix) return undefined;
  // GovCloud's ordinary endpoints are FIPS endpoints; they have no second name.
  if (service === 'sts-fips' && !(partition.id === 'aws' && fipsRegions.has(region))) return undefined;
  return { partition: partition.id, region };
}
