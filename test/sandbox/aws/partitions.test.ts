import assert from 'node:assert/strict';
import { stsEndpoint } from '../../../sandbox/aws/partitions.ts';

const hosts: readonly [host: string, endpoint: string | undefined][] = [
  ['sts.amazonaws.com', 'aws us-east-1'],
  ['sts.us-east-1.amazonaws.com', 'aws us-east-1'],
  ['sts.eu-west-1.amazonaws.com', 'aws eu-west-1'],
  ['sts.ap-southeast-7.amazonaws.com', 'aws ap-southeast-7'],
  ['sts.eu-west-1.api.aws', 'aws eu-west-1'],
  ['sts-fips.us-east-1.amazonaws.com', 'aws us-east-1'],
  ['sts-fips.us-west-2.api.aws', 'aws us-west-2'],
  ['sts-fips.eu-west-1.amazonaws.com', undefined],
  ['sts.cn-north-1.amazonaws.com.cn', 'aws-cn cn-north-1'],
  ['sts.cn-northwest-1.api.amazonwebservices.com.cn', 'aws-cn cn-northwest-1'],
  ['sts.cn-north-1.amazonaws.com', undefined],
  ['sts.amazonaws.com.cn', undefined],
  ['sts.us-gov-west-1.amazonaws.com', 'aws-us-gov us-gov-west-1'],
  ['sts.us-gov-east-1.api.aws', 'aws-us-gov us-gov-east-1'],
  ['sts-fips.us-gov-west-1.amazonaws.com', undefined],
  ['sts.eusc-de-east-1.amazonaws.eu', 'aws-eusc eusc-de-east-1'],
  ['sts.eu-wst-1.amazonaws.com', undefined],
  ['sts.eu-west-1.amazonaws.com.evil.example', undefined],
  ['evil.sts.eu-west-1.amazonaws.com', undefined],
  ['iam.amazonaws.com', undefined],
  ['ecr.eu-west-1.amazonaws.com', undefined],
  ['amazonaws.com', undefined],
];

describe('host names of STS', () => {
  for (const [host, expected] of hosts) {
    it(`${host}: ${expected ?? 'nobody'}`, () => {
      const endpoint = stsEndpoint(host);
      assert.equal(endpoint && `${endpoint.partition} ${endpoint.region}`, expected);
    });
  }
});
