/**
 * The condition keys of STS's requests.
 *
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html
 */
import type { Authenticated } from './credentials.ts';
import type { ContextKey } from './iam/request-context.ts';
import type { Claims } from './id-token.ts';
import { providerName } from './identities.ts';
import type { SessionAttributes } from './session-attributes.ts';
import type { StsCall } from './sts-call.ts';

/** Keys of the request itself, whoever makes it. */
export function requestKeys(
  { surroundings, request, endpoint }: StsCall,
  sessionName: string,
  { tags, transitiveKeys, sourceIdentity }: SessionAttributes,
): ContextKey[] {
  const now = surroundings.now();
  return [
    ['aws:CurrentTime', now.toISOString()],
    ['aws:EpochTime', String(Math.floor(now.getTime() / 1000))],
    ['aws:SecureTransport', 'true'],
    ['aws:RequestedRegion', endpoint.region],
    ['aws:UserAgent', request.headers['user-agent']],
    // Everybody in the sandbox calls from the machine itself.
    ['aws:SourceIp', '127.0.0.1'],
    ['aws:TagKeys', [...tags.keys()]],
    ...[...tags].map(([key, value]): ContextKey => [`aws:RequestTag/${key}`, value]),
    ['sts:RoleSessionName', sessionName],
    ['sts:TransitiveTagKeys', transitiveKeys],
    ['sts:SourceIdentity', sourceIdentity],
  ];
}

/** Keys that a token's claims give, named after the provider (#condition-keys-wif). */
export function providerKeys(url: string, { sub, amr }: Claims, audience: string): ContextKey[] {
  const name = providerName(url);
  return [
    [`${name}:aud`, audience],
    [`${name}:sub`, sub],
    [`${name}:amr`, amr],
  ];
}

/** Keys of a signed request's principal (#condition-keys-principal-properties). */
export function principalKeys({ caller, userId, userName, session }: Authenticated): ContextKey[] {
  const principal: ContextKey[] = [
    // "the request context returns the ARN of the role, not the ARN of the user that assumed the role"
    ['aws:PrincipalArn', caller.kind === 'session' ? caller.roleArn : caller.arn],
    ['aws:PrincipalAccount', caller.account],
    ['aws:PrincipalType', caller.kind === 'session' ? 'AssumedRole' : 'User'],
    ['aws:PrincipalIsAWSService', 'false'],
    ['aws:ViaAWSService', 'false'],
    ['aws:userid', userId],
    ['aws:username', userName],
  ];
  if (session === undefined) return principal;
  const { attributes, webIdentity } = session.owner;
  return [
    ...principal,
    ['aws:TokenIssueTime', session.issued.toISOString()],
    // "present … only when the principal uses temporary security credentials"
    ['aws:MultiFactorAuthPresent', 'false'],
    ['aws:SourceIdentity', attributes.sourceIdentity],
    ['aws:FederatedProvider', webIdentity?.provider],
    ...[...attributes.tags].map(([key, value]): ContextKey => [`aws:PrincipalTag/${key}`, value]),
    // "can be used in role trust policies when federated principals assume another role" (#cross-condition-keys-wif)
    ...(webIdentity?.keys ?? []),
  ];
}

const parameterKeys = /^(sts:(externalid|sourceidentity|transitivetagkeys)|aws:tagkeys)$/;
const tagKeys = /^((aws:(request|resource))|iam:resource)tag\//;

/**
 * Whether it is known what a signed request means that lacks a key: that there is no such thing in the sandbox, where
 * nobody has an organisation, calls through another service or from a VPC. Keys of services other than IAM and STS
 * are beyond it.
 */
export function isKnownWhenSigned(key: string): boolean {
  const service = key.slice(0, key.lastIndexOf(':'));
  if (service === 'sts') return parameterKeys.test(key);
  return /^(aws|iam|saml)$/.test(service) || key.startsWith('aws:') || service.includes('.');
}

/**
 * The same for a request with an ID token. Keys of other providers name another token's claims ("keys are defined
 * using the name of the OIDC provider"), so they are absent. Which keys about a principal, who is not one yet, the
 * service has at this point is not documented.
 */
export function isKnownWithToken(key: string, providerUrl: string): boolean {
  const colon = key.lastIndexOf(':');
  const [service, claim] = [key.slice(0, colon), key.slice(colon + 1)];
  if (service === providerName(providerUrl).toLowerCase()) return ['aud', 'sub', 'amr'].includes(claim);
  return service.includes('.') || parameterKeys.test(key) || tagKeys.test(key);
}
