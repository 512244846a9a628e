/** AssumeRole: credentials of a user or a session for a role session. */
import type { Role } from '../world.ts';
import { isKnownWhenSigned, principalKeys, requestKeys } from './context-keys.ts';
import { type Authenticated, authenticate } from './credentials.ts';
import { accessDenied } from './errors.ts';
import { type Authorization, evaluateIdentityPolicies, evaluateTrustPolicy } from './iam/evaluate.ts';
import { type Policy, readIdentityPolicy, readTrustPolicy } from './iam/policy-document.ts';
import { requestContext } from './iam/request-context.ts';
import { limits } from './limits.ts';
import type { Parameters } from './parameters.ts';
import type { Xml } from './query-protocol.ts';
import { type FoundRole, findRole, readRoleRequest } from './role-request.ts';
import { openSession } from './role-session.ts';
import {
  inheritAttributes,
  neededActions,
  readAttributeParameters,
  sessionAttributes,
} from './session-attributes.ts';
import type { StsCall } from './sts-call.ts';

const ownAction = 'sts:AssumeRole';

export function assumeRole(call: StsCall): Xml {
  const authenticated = authenticate(call);
  const { caller, session } = authenticated;
  const { request, externalId, passed } = readAssumeRole(call.parameters);
  const found = findRole(request.roleArn, call);
  const attributes = session === undefined ? passed : inheritAttributes(passed, session.owner.attributes);

  const denied = (action: string) =>
    accessDenied(`User: ${caller.arn} is not authorized to perform: ${action} on resource: ${found.arn}`);
  const { role } = found;
  // A role that does not exist is denied with the same words as one that does not trust.
  if (role === undefined) throw denied(ownAction);
  const context = requestContext(
    [
      ...requestKeys(call, request.sessionName, { ...passed, sourceIdentity: attributes.sourceIdentity }),
      ...principalKeys(authenticated),
      ['sts:ExternalId', externalId],
      ['aws:ResourceAccount', found.account],
    ],
    isKnownWhenSigned,
  );
  for (const action of neededActions(ownAction, attributes)) {
    const authorization = { action, resource: found.arn, context };
    if (!isAllowed(authorization, authenticated, found, role, call)) throw denied(action);
  }
  const chained = session !== undefined;
  return openSession({ request, found, role, attributes, chained, webIdentity: undefined }, call);
}

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */
function readAssumeRole(parameters: Parameters) {
  const request = readRoleRequest(parameters);
  const externalId = parameters.optional('ExternalId', {
    length: limits.externalId,
    pattern: { expression: /^[\w+=,.@:/-]*$/, shown: '[\\w+=,.@:\\/-]*' },
  });
  const serialNumber = parameters.optional('SerialNumber', {
    length: limits.serialNumber,
    pattern: { expression: /^[\w+=/:,.@-]*$/, shown: '[\\w+=/:,.@-]*' },
  });
  const tokenCode = parameters.optional('TokenCode', {
    length: limits.tokenCode,
    pattern: { expression: /^\d*$/, shown: '[\\d]*' },
  });
  const attributes = readAttributeParameters(parameters);
  parameters.finish();
  if (serialNumber !== undefined || tokenCode !== undefined) {
    // Nobody in the sandbox has an MFA device.
    throw accessDenied(
      'MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user.',
    );
  }
  return { request, externalId, passed: sessionAttributes(attributes) };
}

/**
 * Whether role and caller both allow an action.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html
 */
function isAllowed(
  authorization: Authorization,
  authenticated: Authenticated,
  found: FoundRole,
  role: Role,
  call: StsCall,
): boolean {
  const { caller, session } = authenticated;
  const trust = evaluateTrustPolicy(readTrustPolicy(role.trustPolicy), caller, authorization);
  const identity = evaluateIdentityPolicies(identityPolicies(call, authenticated), authorization);
  if (trust === 'deny' || trust === 'none' || identity === 'deny') return false;
  // "The resulting session's permissions are the intersection of the role's identity-based policy and the session
  // policies."
  const policies = session?.owner.policies;
  if (policies !== undefined && evaluateIdentityPolicies(policies, authorization) !== 'allow') return false;
  // Within an account, a trust policy that names the principal is enough; one that names the account leaves it to the
  // account's own policies; and across accounts both sides have to allow.
  if (trust === 'allow' && caller.account === found.account) return true;
  // "a role must explicitly trust itself":
  // https://aws.amazon.com/blogs/security/announcing-an-update-to-iam-role-trust-policy-behavior/
  const assumesItself = caller.kind === 'session' && caller.roleArn === found.arn;
  return identity === 'allow' && !(trust === 'allowAccount' && assumesItself);
}

/** The policies of the user, or of the role whose session it is. */
function identityPolicies(
  { surroundings: { world } }: StsCall,
  { caller, userName, session }: Authenticated,
): Policy[] {
  const account = world.accounts[caller.account];
  const owner =
    session === undefined ? account?.users[userName ?? ''] : account?.roles[session.owner.roleName];
  return Object.values(owner?.policies ?? {}).map(readIdentityPolicy);
}
