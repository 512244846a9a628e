/** AssumeRole: credentials of a user or a session for a role session. */
import { type Authenticated, authenticate } from './credentials.ts';
import { AwsError, accessDenied } from './errors.ts';
import {
  type Authorization,
  type Decision,
  evaluateIdentityPolicies,
  evaluateTrustPolicy,
} from './iam/evaluate.ts';
import { type Policy, readIdentityPolicy, readTrustPolicy } from './iam/policy-document.ts';
import { type ContextValue, requestContext } from './iam/request-context.ts';
import { limits } from './limits.ts';
import type { Parameters } from './parameters.ts';
import type { Xml } from './query-protocol.ts';
import { requestKeys } from './request-keys.ts';
import {
  checkDuration,
  type FoundRole,
  findRole,
  openSession,
  type RoleRequest,
  readRoleRequest,
  readSessionPolicies,
  roleSessionName,
  type SessionTags,
} from './role-session.ts';
import type { StsCall } from './sts-call.ts';
import { tagText } from './tag-text.ts';

export function assumeRole(call: StsCall): Xml {
  const authenticated = authenticate(call);
  const request = readAssumeRole(call.parameters);
  const found = findRole(request.roleArn, call);
  const { session } = authenticated;
  const tags = joinTags(request.passedTags, session?.owner);
  // "After the source identity is set, the value cannot be changed."
  const sourceIdentity = session?.owner.sourceIdentity ?? request.sourceIdentity;
  const role = authorize(call, authenticated, found, {
    ...request,
    tags,
    ...(sourceIdentity === undefined ? {} : { sourceIdentity }),
  });
  checkDuration(request, role, session !== undefined);
  const policies = readSessionPolicies(request, call.endpoint.partition);
  return openSession(
    {
      request,
      found,
      role,
      sessionTags: tags,
      ...(sourceIdentity === undefined ? {} : { sourceIdentity }),
      ...(policies === undefined ? {} : { policies }),
    },
    call,
  );
}

interface AssumeRoleRequest extends RoleRequest {
  readonly externalId?: string;
  readonly sourceIdentity?: string;
  readonly passedTags: SessionTags;
}

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */
function readAssumeRole(parameters: Parameters): AssumeRoleRequest {
  const request = readRoleRequest(parameters);
  const externalId = parameters.optional('ExternalId', {
    length: limits.externalId,
    pattern: { expression: /^[\w+=,.@:/-]*$/, shown: '[\\w+=,.@:\\/-]*' },
  });
  const sourceIdentity = parameters.optional('SourceIdentity', {
    ...roleSessionName,
    length: limits.sourceIdentity,
  });
  const serialNumber = parameters.optional('SerialNumber', {
    length: limits.serialNumber,
    pattern: { expression: /^[\w+=/:,.@-]*$/, shown: '[\\w+=/:,.@-]*' },
  });
  const tokenCode = parameters.optional('TokenCode', {
    length: limits.tokenCode,
    pattern: { expression: /^\d*$/, shown: '[\\d]*' },
  });
  const tagList = parameters.structures('Tags', limits.tags, {
    Key: { length: limits.tagKey, pattern: tagText.key },
    Value: { length: limits.tagValue, pattern: tagText.value },
  });
  const transitiveKeys = parameters.texts('TransitiveTagKeys', limits.transitiveTagKeys, {
    length: limits.tagKey,
    pattern: tagText.key,
  });
  parameters.finish();
  if (serialNumber !== undefined || tokenCode !== undefined) {
    // Nobody in the sandbox has an MFA device.
    throw accessDenied(
      'MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user.',
    );
  }
  // "You cannot use a value that begins with the text aws:."
  if (sourceIdentity?.startsWith('aws:'))
    throw invalidParameterValue('SourceIdentity cannot begin with aws:.');
  return {
    ...request,
    ...(externalId === undefined ? {} : { externalId }),
    ...(sourceIdentity === undefined ? {} : { sourceIdentity }),
    passedTags: readTags(tagList, transitiveKeys),
  };
}

const invalidParameterValue = (message: string) => new AwsError('InvalidParameterValue', 400, message);

function readTags(
  list: readonly { readonly Key: string; readonly Value: string }[],
  transitiveKeys: readonly string[],
): SessionTags {
  const folded = list.map(({ Key }) => Key.toLowerCase());
  if (new Set(folded).size < folded.length) {
    throw invalidParameterValue('Duplicate tag keys found. Please note that Tag keys are case insensitive.');
  }
  if (folded.some((key) => key.startsWith('aws:'))) {
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html#id_tags_rules_creating
    throw invalidParameterValue('Tag keys cannot begin with aws:.');
  }
  if (!transitiveKeys.every((key) => folded.includes(key.toLowerCase()))) {
    throw invalidParameterValue('The specified transitive tag key must be included in the requested tags.');
  }
  return { tags: new Map(list.map(({ Key, Value }) => [Key, Value])), transitiveKeys };
}

/**
 * Tags passed, and those inherited from the calling session: "If you pass a session tag with the same key as an
 * inherited tag, the operation fails."
 */
function joinTags(
  passed: SessionTags,
  caller:
    | { readonly tags: ReadonlyMap<string, string>; readonly transitiveTagKeys: readonly string[] }
    | undefined,
): SessionTags {
  if (caller === undefined) return passed;
  const transitive = new Set(caller.transitiveTagKeys.map((key) => key.toLowerCase()));
  const inherited = [...caller.tags].filter(([key]) => transitive.has(key.toLowerCase()));
  if ([...passed.tags.keys()].some((key) => transitive.has(key.toLowerCase()))) {
    throw invalidParameterValue(
      "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.",
    );
  }
  return {
    tags: new Map([...inherited, ...passed.tags]),
    transitiveKeys: [...inherited.map(([key]) => key), ...passed.transitiveKeys],
  };
}

type Wanted = AssumeRoleRequest & { readonly tags: SessionTags };

/** The role, if both sides allow it. A role that does not exist is denied with the same words. */
function authorize(call: StsCall, authenticated: Authenticated, found: FoundRole, wanted: Wanted) {
  const { caller } = authenticated;
  const denied = (action: string) =>
    accessDenied(`User: ${caller.arn} is not authorized to perform: ${action} on resource: ${found.arn}`);
  const { role } = found;
  if (role === undefined) throw denied('sts:AssumeRole');
  const actions = ['sts:AssumeRole'];
  // Inherited tags too: "the role trust policies for all roles … must have the sts:TagSession permission"
  // (id_session-tags.html#id_session-tags_permissions-required).
  if (wanted.tags.tags.size > 0) actions.push('sts:TagSession');
  if (wanted.sourceIdentity !== undefined) actions.push('sts:SetSourceIdentity');
  const trustPolicy = readTrustPolicy(role.trustPolicy);
  const permissions = permissionsOf(call, authenticated);
  const context = requestContext(
    [
      ...requestKeys(call, wanted.sessionName, {
        ...wanted.passedTags,
        ...(wanted.sourceIdentity === undefined ? {} : { sourceIdentity: wanted.sourceIdentity }),
      }),
      ...principalKeys(authenticated),
      ['sts:ExternalId', wanted.externalId],
      ['aws:ResourceAccount', found.account],
    ],
    (key) =>
      /^sts:/.test(key)
        ? !/^sts:(externalid|sourceidentity|transitivetagkeys)$/.test(key)
        : /^(?!aws:|iam:|saml:)[a-z0-9-]+:/.test(key),
  );
  for (const action of actions) {
    const authorization: Authorization = { action, resource: found.arn, context };
    const trust = evaluateTrustPolicy(trustPolicy, caller, authorization);
    const identity = evaluateIdentityPolicies(permissions.identity, authorization);
    const bound: Decision =
      permissions.session === undefined
        ? 'allow'
        : evaluateIdentityPolicies(permissions.session, authorization);
    const owner = bound === 'allow' ? identity : bound;
    const crossAccount = caller.account !== found.account;
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html: across
    // accounts both sides have to allow; within one, a trust policy that names the principal is enough.
    const trusted = trust === 'allow' || (trust === 'allowAccount' && !assumesItself(authenticated, found));
    const enough =
      crossAccount || trust === 'allowAccount' ? owner === 'allow' : bound === 'allow' && identity !== 'deny';
    if (!trusted || !enough) throw denied(action);
  }
  return role;
}

/** "a role must explicitly trust itself": https://aws.amazon.com/blogs/security/announcing-an-update-to-iam-role-trust-policy-behavior/ */
function assumesItself({ caller }: Authenticated, { arn }: FoundRole): boolean {
  return caller.kind === 'session' && caller.roleArn === arn;
}

/** What the caller may do: its identity policies, and the session policies that narrow them. */
function permissionsOf(
  { surroundings: { world } }: StsCall,
  { caller, session, userName }: Authenticated,
): { readonly identity: readonly Policy[]; readonly session?: readonly Policy[] } {
  const account = world.accounts[caller.account];
  const owner =
    session === undefined ? account?.users[userName ?? ''] : account?.roles[session.owner.roleName];
  const identity = Object.values(owner?.policies ?? {}).map(readIdentityPolicy);
  const policies = session?.owner.policies;
  return { identity, ...(policies === undefined ? {} : { session: policies }) };
}

/**
 * What a signed request says of its principal.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principal-properties
 */
function principalKeys({
  caller,
  userId,
  userName,
  session,
}: Authenticated): (readonly [string, ContextValue | undefined])[] {
  const principal = [
    // "the request context returns the ARN of the role, not the ARN of the user that assumed the role"
    ['aws:PrincipalArn', caller.kind === 'session' ? caller.roleArn : caller.arn],
    ['aws:PrincipalAccount', caller.account],
    ['aws:PrincipalType', caller.kind === 'session' ? 'AssumedRole' : 'User'],
    ['aws:PrincipalIsAWSService', 'false'],
    ['aws:ViaAWSService', 'false'],
    ['aws:userid', userId],
    ['aws:username', userName],
  ] as const;
  if (session === undefined) return [...principal];
  const { tags, sourceIdentity, webIdentity } = session.owner;
  return [
    ...principal,
    ['aws:TokenIssueTime', session.issued.toISOString()],
    // "present … only when the principal uses temporary security credentials"
    ['aws:MultiFactorAuthPresent', 'false'],
    ['aws:SourceIdentity', sourceIdentity],
    ['aws:FederatedProvider', webIdentity?.provider],
    ...[...tags].map(([key, value]) => [`aws:PrincipalTag/${key}`, value] as const),
    // "can be used in role trust policies when federated principals assume another role" (#cross-condition-keys-wif)
    ...(webIdentity?.keys ?? []),
  ];
}
