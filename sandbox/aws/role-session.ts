/** Opening a role session, once everything has been allowed. */
import type { Role } from '../world.ts';
import { AwsError } from './errors.ts';
import { roleId, sessionArn } from './identities.ts';
import { limits } from './limits.ts';
import type { Xml } from './query-protocol.ts';
import { checkDuration, type FoundRole, type RoleRequest, readSessionPolicies } from './role-request.ts';
import type { SessionAttributes } from './session-attributes.ts';
import type { WebIdentity } from './sessions.ts';
import type { StsCall } from './sts-call.ts';

/** What was asked for, and how the caller came to be allowed it. */
export interface Granted {
  readonly request: RoleRequest;
  readonly found: FoundRole;
  readonly role: Role;
  readonly attributes: SessionAttributes;
  /** Whether a role's session asked. */
  readonly chained: boolean;
  readonly webIdentity: WebIdentity | undefined;
}

/**
 * Opens the session and says so as the service does. Throws AwsError where the session would be too long, or its
 * policies and tags too large.
 */
export function openSession(
  { request, found, role, attributes, chained, webIdentity }: Granted,
  { sessions, endpoint: { partition } }: StsCall,
): Readonly<Record<string, Xml | undefined>> {
  checkDuration(request, role, chained);
  const policies = readSessionPolicies(request, partition);
  const packedSize = packedPolicySize(request, attributes);
  const { account, name: roleName, arn: roleArn } = found;
  const arn = sessionArn(partition, account, roleName, request.sessionName);
  const userId = `${roleId(account, roleName)}:${request.sessionName}`;
  const session = sessions.open(
    { partition, account, roleName, roleArn, userId, arn, attributes, policies, webIdentity },
    // A world that tries renewal gives its roles sessions shorter than any that can be asked for.
    Math.min(request.durationSeconds, role.sessionLifetime ?? Number.POSITIVE_INFINITY),
  );
  return {
    Credentials: {
      AccessKeyId: session.accessKeyId,
      SecretAccessKey: session.secretAccessKey,
      SessionToken: session.sessionToken,
      Expiration: session.expiration.toISOString().replace('.000Z', 'Z'),
    },
    AssumedRoleUser: { AssumedRoleId: userId, Arn: arn },
    PackedPolicySize: packedSize === 0 ? undefined : String(packedSize),
    SourceIdentity: attributes.sourceIdentity,
  };
}

/**
 * How much of the space for session policies and tags a call takes, in percent. How AWS packs them is not published;
 * here they are not packed at all, and the space is that of the largest session policy.
 */
function packedPolicySize({ policy = '', policyArns }: RoleRequest, { tags }: SessionAttributes): number {
  const policiesSize = Buffer.byteLength([policy, ...policyArns].join(''));
  const tagsSize = Buffer.byteLength([...tags].flat().join(''));
  const percent = Math.ceil(((policiesSize + tagsSize) * 100) / limits.sessionPolicy.most);
  if (percent <= 100) return percent;
  const what = tagsSize > 0 ? 'tags' : 'policies';
  throw new AwsError(
    'PackedPolicyTooLarge',
    400,
    `Packed size of session ${what} consumes ${percent}% of allotted space.`,
  );
}
