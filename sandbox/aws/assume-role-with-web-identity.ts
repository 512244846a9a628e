/** AssumeRoleWithWebIdentity: an ID token for a role session. The call is not signed. */
import { isKnownWithToken, providerKeys, requestKeys } from './context-keys.ts';
import { accessDenied } from './errors.ts';
import { evaluateTrustPolicy } from './iam/evaluate.ts';
import { readTrustPolicy } from './iam/policy-document.ts';
import { requestContext } from './iam/request-context.ts';
import { audienceOf, noSuchProvider, readClaims, verifyIdToken } from './id-token.ts';
import { providerArn } from './identities.ts';
import { limits } from './limits.ts';
import type { Xml } from './query-protocol.ts';
import { findRole, readRoleRequest } from './role-request.ts';
import { openSession } from './role-session.ts';
import { attributesOf, neededActions } from './session-attributes.ts';
import type { StsCall } from './sts-call.ts';

const ownAction = 'sts:AssumeRoleWithWebIdentity';

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
  const attributes = attributesOf(claims);

  const denied = (action: string) => accessDenied(`Not authorized to perform ${action}`);
  const { role } = found;
  // A role that does not exist is denied with the same words as one that does not trust.
  if (role === undefined) throw denied(ownAction);
  const trustPolicy = readTrustPolicy(role.trustPolicy);
  const arn = providerArn(endpoint.partition, found.account, provider.url);
  const keys = providerKeys(provider.url, claims, audience);
  const context = requestContext([...requestKeys(call, request.sessionName, attributes), ...keys], (key) =>
    isKnownWithToken(key, provider.url),
  );
  for (const action of neededActions(ownAction, attributes)) {
    const caller = { kind: 'webIdentity', account: found.account, arn } as const;
    const decision = evaluateTrustPolicy(trustPolicy, caller, { action, resource: found.arn, context });
    if (decision !== 'allow') throw denied(action);
  }
  return {
    ...openSession(
      { request, found, role, attributes, chained: false, webIdentity: { provider: arn, keys } },
      call,
    ),
    SubjectFromWebIdentityToken: claims.sub,
    Audience: audience,
    // The reference says "the value of the iss field"; what the service sends is the provider's ARN.
    Provider: arn,
  };
}
