export { parseRoleArn, type RoleArn } from './arn.ts';
export { isRegionName, partitionOf } from './region.ts';
export { AwsServiceError } from './service-error.ts';
export {
  type AwsCredentials,
  type CallerIdentity,
  createSts,
  type SessionCredentials,
  type Sts,
} from './sts.ts';
export { unreachable } from './unreachable.ts';
