/** AssumeRoleWithWebIdentity: an ID token for a role session. The call is not signed. */

import { accessDenied } from './errors.ts';
import { evaluateTrustPolicy } from './iam/evaluate.ts';
import { readTrustPolicy } from './iam/policy-document.ts';
import type { ContextValue } from './iam/request-context.ts';
import { requestContext } from './iam/request-context.ts';
import { audienceOf, type Claims, noSuchProvider, readClaims, verifyIdToken } from './id-token.ts';
import { providerArn, providerName } from './identities.ts';
import { limits } from './limits.ts';
import type { Xml } from './query-protocol.ts';
import { requestKeys } from './request-keys.ts';
import {
  checkDuration,
  type FoundRole,
  findRole,
  openSession,
  readRoleRequest,
  readSessionPolicies,
} from './role-session.ts';
import type { StsCall } from './sts-call.ts';
import { readTokenTags, type TokenTags } from './token-tags.ts';

const action = 'sts:AssumeRoleWithWebIdentity';

export async function assumeRoleWithWebIdentity(call: StsCall): Promise<Xml> {
  const { parameters, endpoint, surroundings } = call;
  const request = readRoleRequest(parameters);
  // ProviderId is for OAuth 2.0 access tokens: "Do not specify this value for an OpenID Connect identity provider."
  // It is not read, and so refused.
  const token = parameters.required('WebIdentityToken', { length: limits.webIdentityToken, sensitive: true });
  parameters.finish();

  const found = findRole(request.roleArn, call);
  const claims = readClaims(token);
  // "The OIDC IdP and the IAM role must be in the same AWS account"; issuer and URL are compared as they are.
  const provider = surroundings.world.accounts[found.account]?.oidcProviders.find(
    ({ url }) => url === claims.iss,
  );
  if (provider === undefined) throw noSuchProvider(claims.iss);
  await verifyIdToken(token, claims, surroundings.now(), surroundings.get);
  const audience = audienceOf(claims, provider.clientIds);
  const tags = readTokenTags(claims);

  const providedBy = provide(endpoint.partition, found.account, provider.url, claims, audience);
  // A role that does not exist is denied with the same words.
  const role = authorize(call, found, request.sessionName, providedBy, tags);
  checkDuration(request, role, false);
  const policies = readSessionPolicies(request, endpoint.partition);
  const opened = openSession(
    {
      request,
      found,
      role,
      sessionTags: tags,
      ...(tags.sourceIdentity === undefined ? {} : { sourceIdentity: tags.sourceIdentity }),
      ...(policies === undefined ? {} : { policies }),
      webIdentity: { provider: providedBy.arn, keys: providedBy.keys },
    },
    call,
  );
  return {
    ...opened,
    SubjectFromWebIdentityToken: claims.sub,
    Audience: audience,
    // The reference says "the value of the iss field"; what the service sends is the provider's ARN.
    Provider: providedBy.arn,
  };
}

interface Provided {
  readonly arn: string;
  /** The provider's URL without its scheme. */
  readonly name: string;
  readonly keys: readonly (readonly [string, ContextValue])[];
}

/**
 * The condition keys that a token gives, named after the provider's URL without its scheme.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif
 */
function provide(
  partition: string,
  account: string,
  url: string,
  claims: Claims,
  audience: string,
): Provided {
  const name = providerName(url);
  const keys = [
    [`${name}:aud`, audience],
    [`${name}:sub`, claims.sub],
    ...(claims.amr === undefined ? [] : [[`${name}:amr`, claims.amr] as const]),
  ] as const;
  return { arn: providerArn(partition, account, url), name, keys };
}

/** What the role's trust policy has to allow: the call, and what the token brings along. */
function authorize(
  call: StsCall,
  { account, arn, role }: FoundRole,
  sessionName: string,
  provider: Provided,
  tags: TokenTags,
) {
  if (role === undefined) throw accessDenied(`Not authorized to perform ${action}`);
  const trustPolicy = readTrustPolicy(role.trustPolicy);
  const context = requestContext(
    [...requestKeys(call, sessionName, tags), ...provider.keys],
    (key) => !isKnown(key, provider.name),
  );
  const actions = [action];
  if (tags.tags.size > 0) actions.push('sts:TagSession');
  if (tags.sourceIdentity !== undefined) actions.push('sts:SetSourceIdentity');
  for (const needed of actions) {
    const decision = evaluateTrustPolicy(
      trustPolicy,
      { kind: 'webIdentity', account, arn: provider.arn },
      { action: needed, resource: arn, context },
    );
    if (decision !== 'allow') throw accessDenied(`Not authorized to perform ${needed}`);
  }
  return role;
}

/**
 * Whether a key that the request lacks is known to be absent. Keys of other providers are: "keys are defined using the
 * name of the OIDC provider", so they name another token's claims. Which keys about a principal, who is not one yet,
 * the service has at this point is not documented.
 */
function isKnown(key: string, providerName: string): boolean {
  const colon = key.lastIndexOf(':');
  const [service, claim] = [key.slice(0, colon), key.slice(colon + 1)];
  if (service === providerName.toLowerCase()) return ['aud', 'sub', 'amr'].includes(claim);
  if (service.includes('.')) return true;
  return /^(sts:(externalid|sourceidentity|transitivetagkeys)|aws:tagkeys|(aws:(request|resource)|iam:resource)tag\/.*)$/.test(
    key,
  );
}
