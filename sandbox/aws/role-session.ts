/** What AssumeRole and AssumeRoleWithWebIdentity have in common: the role asked for, and the session got. */
import type { Role } from '../world.ts';
import { AwsError, validationError } from './errors.ts';
import { MalformedPolicyDocument, type Policy, parseSessionPolicy } from './iam/policy-document.ts';
import { roleArn, roleId, sessionArn } from './identities.ts';
import { limits } from './limits.ts';
import { managedPolicy } from './managed-policies.ts';
import type { Parameters, TextConstraint } from './parameters.ts';
import type { Xml } from './query-protocol.ts';
import type { SessionOwner } from './sessions.ts';
import type { StsCall } from './sts-call.ts';

const name = { expression: /^[\w+=,.@-]*$/, shown: '[\\w+=,.@-]*' };
const xmlText = {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the service allows tab, line feed and carriage return
  expression: /^[\u0009\u000A\u000D\u0020-\u007E\u0085\u00A0-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]+$/u,
  shown: '[\\u0009\\u000A\\u000D\\u0020-\\u007E\\u0085\\u00A0-\\uD7FF\\uE000-\\uFFFD\\u10000-\\u10FFFF]+',
};
const policyText = {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the service allows tab, line feed and carriage return
  expression: /^[\u0009\u000A\u000D\u0020-\u00FF]+$/,
  shown: '[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+',
};

export const roleSessionName: TextConstraint = { length: limits.roleSessionName, pattern: name };

/** What every AssumeRole call says. */
export interface RoleRequest {
  readonly roleArn: string;
  readonly sessionName: string;
  readonly durationSeconds: number;
  readonly policy?: string;
  readonly policyArns: readonly string[];
}

/** Reads the parameters that every AssumeRole call has. */
export function readRoleRequest(parameters: Parameters): RoleRequest {
  const roleArn = parameters.required('RoleArn', { length: limits.roleArn, pattern: xmlText });
  const sessionName = parameters.required('RoleSessionName', roleSessionName);
  // "By default, the value is set to 3600 seconds."
  const durationSeconds = parameters.integer('DurationSeconds', limits.durationSeconds) ?? 3600;
  const policy = parameters.optional('Policy', { length: limits.sessionPolicy, pattern: policyText });
  const policyArns = parameters
    .structures('PolicyArns', limits.policyArns, { arn: { length: limits.policyArn, pattern: xmlText } })
    .map(({ arn }) => arn);
  return { roleArn, sessionName, durationSeconds, ...(policy === undefined ? {} : { policy }), policyArns };
}

/** A role of the world, or the place where one would be. */
export interface FoundRole {
  readonly account: string;
  readonly name: string;
  readonly arn: string;
  /** Absent where there is none; callers must not learn that. */
  readonly role?: Role;
}

/** The role an ARN names. Throws AwsError where it is not an ARN of a role, or STS is off for its account here. */
export function findRole(arn: string, { endpoint, surroundings: { world } }: StsCall): FoundRole {
  const [, partition, account, path, name] =
    /^arn:([a-z-]+):iam::(\d{12}):role(\/(?:.*\/)?)([\w+=,.@-]{1,64})$/.exec(arn) ?? [];
  if (partition !== endpoint.partition || account === undefined || path === undefined || name === undefined) {
    throw validationError('Request ARN is invalid');
  }
  const inAccount = world.accounts[account];
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_enable-regions.html
  if (inAccount?.disabledRegions.includes(endpoint.region)) {
    throw new AwsError(
      'RegionDisabledException',
      403,
      `STS is not activated in this region for account:${account}. Your account administrator can activate STS in this region using the IAM Console.`,
    );
  }
  const role = inAccount?.roles[name];
  const exists = role !== undefined && roleArn(partition, account, name, role) === arn;
  return { account, name, arn, ...(exists ? { role } : {}) };
}

/** The role's own maximum, and the cap on chained sessions. Throws AwsError. */
export function checkDuration({ durationSeconds }: RoleRequest, role: Role, chained: boolean): void {
  if (chained && durationSeconds > limits.chainedDuration.most) {
    throw validationError(
      'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.',
    );
  }
  if (durationSeconds > role.maxSessionDuration) {
    throw validationError('The requested DurationSeconds exceeds the MaxSessionDuration set for this role.');
  }
}

/** Session policies as passed; undefined where none were. Throws AwsError. */
export function readSessionPolicies(
  { policy, policyArns }: RoleRequest,
  partition: string,
): Policy[] | undefined {
  if (policy === undefined && policyArns.length === 0) return undefined;
  const managed = policyArns.map((arn) => {
    const document = managedPolicy(arn, partition);
    if (document === undefined) {
      throw validationError(
        'At least one Policy ARN in the PolicyArns parameter does not match an existing IAM Managed Policy ARN.',
      );
    }
    return document;
  });
  try {
    return policy === undefined ? managed : [parseSessionPolicy(policy), ...managed];
  } catch (error) {
    if (error instanceof MalformedPolicyDocument)
      throw new AwsError('MalformedPolicyDocument', 400, error.message, { cause: error });
    throw error;
  }
}

/** Tags of a session, and those of them that pass on to the sessions it opens. */
export interface SessionTags {
  readonly tags: ReadonlyMap<string, string>;
  readonly transitiveKeys: readonly string[];
}

/** What a session will be, once everything has been allowed. */
export interface NewSession {
  readonly request: RoleRequest;
  readonly found: FoundRole;
  readonly role: Role;
  readonly sessionTags: SessionTags;
  readonly sourceIdentity?: string;
  readonly policies?: readonly Policy[];
  readonly webIdentity?: NonNullable<SessionOwner['webIdentity']>;
}

/** Opens the session and says so as the service does. Throws AwsError where policies and tags are too large. */
export function openSession(
  wanted: NewSession,
  { sessions, endpoint: { partition } }: StsCall,
): Readonly<Record<string, Xml>> {
  const { request, found, role, sessionTags, policies, webIdentity, sourceIdentity } = wanted;
  const packedSize = packedPolicySize(request, sessionTags);
  const arn = sessionArn(partition, found.account, found.name, request.sessionName);
  const userId = `${roleId(found.account, found.name)}:${request.sessionName}`;
  const session = sessions.open(
    {
      partition,
      account: found.account,
      roleName: found.name,
      roleArn: found.arn,
      userId,
      arn,
      tags: sessionTags.tags,
      transitiveTagKeys: sessionTags.transitiveKeys,
      ...(sourceIdentity === undefined ? {} : { sourceIdentity }),
      ...(policies === undefined ? {} : { policies }),
      ...(webIdentity === undefined ? {} : { webIdentity }),
    },
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
    ...(packedSize === 0 ? {} : { PackedPolicySize: String(packedSize) }),
    ...(sourceIdentity === undefined ? {} : { SourceIdentity: sourceIdentity }),
  };
}

/**
 * How much of the space for session policies and tags a call takes, in percent. How AWS packs them is not published;
 * here they are not packed at all, and the space is that of the largest session policy.
 */
function packedPolicySize({ policy = '', policyArns }: RoleRequest, { tags }: SessionTags): number {
  const space = limits.sessionPolicy.most;
  const policiesSize = Buffer.byteLength([policy, ...policyArns].join(''));
  const tagsSize = Buffer.byteLength([...tags].flat().join(''));
  const percent = Math.ceil(((policiesSize + tagsSize) * 100) / space);
  if (percent <= 100) return percent;
  throw new AwsError(
    'PackedPolicyTooLarge',
    400,
    tagsSize > 0
      ? `Packed size of session tags consumes ${percent}% of allotted space.`
      : `Packed size of session policies consumes ${percent}% of allotted space.`,
  );
}
