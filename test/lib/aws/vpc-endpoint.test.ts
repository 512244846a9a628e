import assert from 'node:assert/strict';
import { vpcEndpointOf } from '../../../lib/aws/vpc-endpoint.ts';

describe('the VPC endpoint of a service', () => {
  // AWS PrivateLink Guide, "AWS services that integrate"; the names in other partitions as
  // `aws ec2 describe-vpc-endpoint-services` lists them there.
  const names: Record<string, string> = {
    'sts.eu-west-1.amazonaws.com': 'com.amazonaws.eu-west-1.sts',
    'sts-fips.us-east-1.amazonaws.com': 'com.amazonaws.us-east-1.sts',
    'sts.us-gov-west-1.amazonaws.com': 'com.amazonaws.us-gov-west-1.sts',
    'sts.eu-west-1.api.aws': 'com.amazonaws.eu-west-1.sts',
    'api.ecr.eu-west-1.amazonaws.com': 'com.amazonaws.eu-west-1.ecr.api',
    'ecr-fips.us-east-1.amazonaws.com': 'com.amazonaws.us-east-1.ecr.api',
    'ecr.eu-west-1.api.aws': 'com.amazonaws.eu-west-1.ecr.api',
    '111122223333.dkr.ecr.eu-west-1.amazonaws.com': 'com.amazonaws.eu-west-1.ecr.dkr',
    '111122223333.dkr.ecr-fips.us-east-1.amazonaws.com': 'com.amazonaws.us-east-1.ecr.dkr',
    '111122223333.dkr-ecr.eu-west-1.on.aws': 'com.amazonaws.eu-west-1.ecr.dkr',
    's3.eu-west-1.amazonaws.com': 'com.amazonaws.eu-west-1.s3',
    's3.dualstack.eu-west-1.amazonaws.com': 'com.amazonaws.eu-west-1.s3',
    'prod-eu-west-1-starport-layer-bucket.s3.eu-west-1.amazonaws.com': 'com.amazonaws.eu-west-1.s3',
    'eks.eu-west-1.amazonaws.com': 'com.amazonaws.eu-west-1.eks',
    'fips.eks.us-east-1.amazonaws.com': 'com.amazonaws.us-east-1.eks',
    'signer.eu-west-1.amazonaws.com': 'com.amazonaws.eu-west-1.signer',
    'securityhub.eu-west-1.amazonaws.com': 'com.amazonaws.eu-west-1.securityhub',
    'sts.cn-north-1.amazonaws.com.cn': 'cn.com.amazonaws.cn-north-1.sts',
    'api.ecr.cn-north-1.amazonaws.com.cn': 'cn.com.amazonaws.cn-north-1.ecr.api',
    '111122223333.dkr.ecr.cn-northwest-1.amazonaws.com.cn': 'cn.com.amazonaws.cn-northwest-1.ecr.dkr',
    's3.cn-north-1.amazonaws.com.cn': 'com.amazonaws.cn-north-1.s3',
    'eks.cn-north-1.amazonaws.com.cn': 'cn.com.amazonaws.cn-north-1.eks',
    'securityhub.cn-north-1.amazonaws.com.cn': 'cn.com.amazonaws.cn-north-1.securityhub',
    'sts.eusc-de-east-1.amazonaws.eu': 'com.amazonaws.eusc-de-east-1.sts',
    'api.ecr.eusc-de-east-1.amazonaws.eu': 'eu.amazonaws.eusc-de-east-1.ecr.api',
  };
  for (const [host, name] of Object.entries(names)) {
    it(`behind ${host} is ${name}`, () => {
      const type = name.endsWith('.s3') ? 'Gateway' : 'Interface';
      assert.deepEqual(vpcEndpointOf(host), { name, type });
    });
  }

  for (const host of [
    'sts.amazonaws.com',
    'iam.amazonaws.com',
    'sts.eu-west-1.amazonaws.com.example',
    'sts.eu-west-1.example.com',
    'dev.azure.com',
    '0A1B2C3D4E5F.gr7.eu-west-1.eks.amazonaws.com',
    '169.254.169.254',
  ]) {
    it(`is none behind ${host}`, () => assert.equal(vpcEndpointOf(host), undefined));
  }
});
