import type { AwsServiceError, RoleArn } from '../aws/index.ts';
import { DeliveryError, type ErrorCode } from '../errors/index.ts';
import type { FederationSettings } from './federation-settings.ts';
import { isTagged } from './hop-tags.ts';
import { effectiveAudience, type IdToken, type IdTokenClaims } from './tokens/id-token.ts';
import {
  addClientIdCommand,
  allowAssumeCommand,
  chainTrustPolicyFor,
  createProviderCommand,
  providerArn,
  trustPolicyFor,
  updateTrustPolicyCommand,
} from './trust-policy.ts';

/** Whose ID token it is, in the words of a message. */
const bearers = {
  azureDevOps: { who: 'service connection', clock: 'that of Azure DevOps' },
  managedIdentity: { who: 'managed identity', clock: "that of Azure's metadata service" },
} as const;

/** What an explanation is made from. */
interface RefusedToken {
  readonly claims: IdTokenClaims;
  readonly bearer: (typeof bearers)[keyof typeof bearers];
  /** Seconds by which the issuer's clock is ahead of this machine's; undefined while unknown. */
  readonly clockAhead: number | undefined;
}

interface Explanation {
  readonly code: ErrorCode;
  readonly what: string;
  readonly why?: string;
  readonly remedy: string;
}

/** Why AWS would not exchange the ID token for a session of the role, and what to paste. */
export function explainWebIdentityRefusal(
  refusal: AwsServiceError,
  settings: FederationSettings,
  role: RoleArn,
  token: IdToken,
  clockAhead: number | undefined,
): DeliveryError {
  const { origin } = settings;
  const bearer = bearers[origin.kind === 'idToken' ? origin.source.kind : 'azureDevOps'];
  const refused = { claims: token.claims, bearer, clockAhead };
  return asError(refusal, webIdentityExplanation(refusal, settings, role, refused));
}

function webIdentityExplanation(
  refusal: AwsServiceError,
  settings: FederationSettings,
  role: RoleArn,
  token: RefusedToken,
): Explanation {
  const { code, message } = refusal;
  const { claims, bearer } = token;
  if (/^AccessDenied/.test(code)) return trustRefused(role, token);
  if (/^InvalidIdentityToken/.test(code)) {
    if (/No OpenIDConnect provider found/i.test(message)) return providerMissing(role, claims);
    if (/audience/i.test(message)) return audienceRefused(role, claims);
    return unverified(claims);
  }
  // One code for both; "Token expired: current date/time …" is the only text that says which.
  if (/^ExpiredToken/.test(code)) {
    return /Token expired/.test(message) ? expired(token) : outsideItsTime(token);
  }
  if (/^IDPRejectedClaim/.test(code)) {
    return {
      code: 'CLAIM_REFUSED',
      what: 'AWS reports that the issuer refused the ID token.',
      remedy: `The token has expired or was revoked. Run the job again; if it stays so, recreate the ${bearer.who}.`,
    };
  }
  if (/^IDPCommunicationError/.test(code)) return unverified(claims);
  return roleExplanation(refusal, settings, role);
}

/** Why AWS would not let an identity assume the next role of the chain; `from` is undefined for keys and machines. */
export function explainChainRefusal(
  refusal: AwsServiceError,
  settings: FederationSettings,
  from: RoleArn | undefined,
  to: RoleArn,
): DeliveryError {
  if (!/^AccessDenied/.test(refusal.code)) return asError(refusal, roleExplanation(refusal, settings, to));
  // A machine's session may bring transitive tags of its own, as those of EKS pod identities do.
  const tagged = isTagged(settings, to) || refusal.message.includes('sts:TagSession');
  const trusted = from?.arn ?? `arn:${to.partition}:iam::ACCOUNT:ROLE-OR-USER`;
  const trust = chainTrustPolicyFor(trusted, settings.externalId, tagged);
  const who = from ? `the role ${from.arn}` : 'the identity that this step starts from';
  return asError(refusal, {
    code: 'ACCESS_DENIED',
    what: `${capitalised(who)} may not assume the role ${to.arn}${tagged ? ' with session tags' : ''}.`,
    remedy: [
      `Let ${to.roleName} (account ${to.accountId}) trust it; this replaces the role's trust policy:`,
      updateTrustPolicyCommand(to, trust),
      '',
      `and let ${who} assume it:`,
      allowAssumeCommand(from, to, tagged),
    ].join('\n'),
  });
}

/** Why AWS would not say who a session is that it has just issued. */
export function explainProofRefusal(refusal: AwsServiceError): DeliveryError {
  return asError(refusal, {
    code: 'REQUEST_REFUSED',
    what: `AWS STS does not recognise these credentials (${refusal.code}).`,
    remedy:
      "Stored keys may have been deactivated or replaced. Otherwise check the agent's clock (a signature is refused when it is off by more than 5 minutes), and whether a proxy changes requests.",
  });
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Refusals that any assumption of a role can meet. */
function roleExplanation(refusal: AwsServiceError, settings: FederationSettings, role: RoleArn): Explanation {
  const { code, message } = refusal;
  const duration = settings.sessionDuration;
  if (/1 hour session limit/i.test(message)) {
    return {
      code: 'DURATION_TOO_LONG',
      what: `The session of a chained role, ${role.arn}, lives one hour at most; ${duration} s were asked for.`,
      remedy: "Ask for 3600 s or less (sessionDuration). The limit is AWS's, and no role can raise it.",
    };
  }
  if (/MaxSessionDuration/i.test(message)) {
    return {
      code: 'DURATION_TOO_LONG',
      what: `The role ${role.arn} does not allow sessions of ${duration} s.`,
      remedy: `Ask for less (sessionDuration), or raise the role's limit:\naws iam update-role --role-name ${role.roleName} --max-session-duration ${duration}`,
    };
  }
  if (/^RegionDisabled/.test(code)) {
    return {
      code: 'REGION_DISABLED',
      what: `STS is not active in ${settings.region} for account ${role.accountId}.`,
      remedy: `Enable the region, or use one that is enabled (input region):\naws account enable-region --region-name ${settings.region}`,
    };
  }
  if (/^PackedPolicyTooLarge/.test(code)) {
    return {
      code: 'SESSION_POLICY_TOO_LARGE',
      what: "The session's policies and tags together are larger than AWS allows.",
      remedy: 'Shorten the session policy, or use fewer or shorter session tags.',
    };
  }
  return {
    code: 'REQUEST_REFUSED',
    what: `AWS STS refused the request for a session of ${role.arn} (${code}).`,
    remedy: 'Read what the service said above; the request id helps AWS Support to find the call.',
  };
}

function trustRefused(role: RoleArn, { claims, bearer }: RefusedToken): Explanation {
  return {
    code: 'ACCESS_DENIED',
    what: `The role ${role.arn} does not trust this ${bearer.who}, or there is no such role.`,
    why: claimsText(claims),
    remedy: [
      "Compare each value with the role's trust policy (letter case counts):",
      `aws iam get-role --role-name ${role.roleName} --query Role.AssumeRolePolicyDocument`,
      '',
      `This policy trusts exactly this ${bearer.who}; it replaces the role's trust policy:`,
      updateTrustPolicyCommand(role, trustPolicyFor(role, claims)),
    ].join('\n'),
  };
}

function providerMissing(role: RoleArn, claims: IdTokenClaims): Explanation {
  return {
    code: 'PROVIDER_MISSING',
    what: `Account ${role.accountId} has no OpenID Connect provider for ${claims.issuer}.`,
    remedy: `Create it with credentials of account ${role.accountId}:\n${createProviderCommand(claims)}`,
  };
}

function audienceRefused(role: RoleArn, claims: IdTokenClaims): Explanation {
  return {
    code: 'AUDIENCE_REFUSED',
    what: `The provider ${providerArn(role, claims.issuer)} does not accept the audience ${effectiveAudience(claims)}.`,
    why: claimsText(claims),
    remedy: `Add the audience to the provider's client ids (letter case counts):\n${addClientIdCommand(role, claims)}`,
  };
}

function expired(token: RefusedToken): Explanation {
  return {
    code: 'ID_TOKEN_EXPIRED',
    what: `AWS takes the ID token for expired (it says: valid until ${token.claims.expiresAt.toISOString()}).`,
    why: skewText(token),
    remedy:
      "Run the job again. If the clocks differ by more than a minute, synchronise the agent's clock (chrony, w32time).",
  };
}

/** Not said to be expired: with most of its life ahead, the token is too young for AWS. */
function outsideItsTime(token: RefusedToken): Explanation {
  const { claims, clockAhead = 0 } = token;
  const now = Date.now() + clockAhead * 1000;
  if (claims.expiresAt.getTime() <= now) return expired(token);
  const from = claims.issuedAt ?? claims.notBefore;
  return {
    code: 'ID_TOKEN_NOT_YET_VALID',
    what: `AWS takes the ID token for not yet valid${from ? ` (it says: issued ${from.toISOString()})` : ''}.`,
    why: skewText(token),
    remedy:
      "Run the job again in a minute: the issuer's clock is ahead of AWS's. The agent's own clock has no part in it.",
  };
}

function unverified(claims: IdTokenClaims): Explanation {
  return {
    code: 'ID_TOKEN_UNVERIFIED',
    what: "AWS could not verify the ID token's signature with the keys of its issuer.",
    why: claimsText(claims),
    remedy: `AWS fetches ${claims.issuer}/.well-known/openid-configuration and the keys it names. Try it in a browser, and run the job again in a few minutes.`,
  };
}

/** The claims as AWS compares them. */
function claimsText(claims: IdTokenClaims): string {
  return [
    'AWS saw these claims:',
    `  issuer    ${claims.issuer}`,
    `  subject   ${claims.subject}`,
    `  audience  ${effectiveAudience(claims)}${claims.authorizedParty ? ` (the token's azp; its aud is ${claims.audience})` : ''}`,
  ].join('\n');
}

function skewText({ bearer, clockAhead }: RefusedToken): string {
  if (clockAhead === undefined) return 'How far the clocks differ is not known.';
  if (Math.abs(clockAhead) < 2) return `The agent's clock agrees with ${bearer.clock}.`;
  return `The agent's clock is ${Math.abs(clockAhead)} s ${clockAhead > 0 ? 'behind' : 'ahead of'} ${bearer.clock}.`;
}

function asError(refusal: AwsServiceError, explanation: Explanation): DeliveryError {
  const said = `AWS STS said: ${refusal.code}: ${refusal.message}`;
  return new DeliveryError({
    ...explanation,
    why: explanation.why ? `${said}\n${explanation.why}` : said,
    requestId: refusal.requestId,
  });
}
