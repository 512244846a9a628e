export { parseRoleArn, type RoleArn } from './arn.ts';
export { isRegionName, partitionOf } from './region.ts';
export {
  type AssumedRole,
  type CallerIdentity,
  createSts,
  type SessionCredentials,
  type Sts,
} from './sts.ts';
