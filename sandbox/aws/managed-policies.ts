/**
 * Managed policies that can be passed as session policies. AWS has over a thousand; here are those whose documents
 * are short enough to be the same. Any other ARN is refused as one that does not exist, never taken unread.
 *
 * https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html
 */
import { type Policy, readIdentityPolicy } from './iam/policy-document.ts';

const awsManaged: ReadonlyMap<string, Policy> = new Map([
  ['AdministratorAccess', allOf('Allow')],
  ['AWSDenyAll', allOf('Deny')],
]);

function allOf(effect: 'Allow' | 'Deny'): Policy {
  return readIdentityPolicy({
    Version: '2012-10-17',
    Statement: [{ Effect: effect, Action: ['*'], Resource: '*' }],
  });
}

/** The managed policy of an ARN, in the partition of the call. */
export function managedPolicy(arn: string, partition: string): Policy | undefined {
  const prefix = `arn:${partition}:iam::aws:policy/`;
  return arn.startsWith(prefix) ? awsManaged.get(arn.slice(prefix.length)) : undefined;
}
