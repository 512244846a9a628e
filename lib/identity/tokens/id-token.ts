import * as z from 'zod/mini';
import { DeliveryError } from '../../errors/index.ts';
import { Secret } from './secret.ts';

/** What an ID token says of itself. AWS decides by these values, so they are read and never assumed. */
export interface IdTokenClaims {
  readonly issuer: string;
  readonly subject: string;
  readonly audience: string;
  /** `azp`; where a token has one, IAM takes it for the audience (IAM User Guide, "Available keys for AWS OIDC federation"). */
  readonly authorizedParty: string | undefined;
  readonly issuedAt: Date | undefined;
  readonly notBefore: Date | undefined;
  readonly expiresAt: Date;
}

export interface IdToken {
  readonly value: Secret;
  readonly claims: IdTokenClaims;
}

/** NumericDate of RFC 7519: seconds since 1970, as far as a Date reaches (ECMAScript, "Time values"). */
const numericDate = z.number().check(z.gte(0), z.lte(8.64e12));

const claimsSchema = z.object({
  iss: z.string(),
  sub: z.string(),
  aud: z.union([z.string(), z.array(z.string()).check(z.minLength(1))]),
  azp: z.optional(z.string()),
  iat: z.optional(numericDate),
  nbf: z.optional(numericDate),
  exp: numericDate,
});

/**
 * Reads a token's claims without verifying its signature: that is STS's part, with the issuer's keys.
 * @throws DeliveryError ID_TOKEN_MALFORMED
 */
export function parseIdToken(jwt: string): IdToken {
  const claims = claimsSchema.safeParse(decodePayload(jwt));
  if (!claims.success) {
    throw new DeliveryError({
      code: 'ID_TOKEN_MALFORMED',
      what: 'What was answered is no ID token.',
      why: `It is no JSON Web Token with the claims iss, sub, aud and exp:\n${z.prettifyError(claims.error)}`,
      remedy: 'Run the job again. If it stays so, check whether a proxy on the way changes answers.',
    });
  }
  const { iss, sub, aud, azp, iat, nbf, exp } = claims.data;
  return {
    value: new Secret(jwt),
    claims: {
      issuer: iss,
      subject: sub,
      audience: typeof aud === 'string' ? aud : aud.join(' '),
      authorizedParty: azp,
      issuedAt: dateOf(iat),
      notBefore: dateOf(nbf),
      expiresAt: new Date(exp * 1000),
    },
  };
}

/** The value that the provider's client-ID list and the trust policy's `aud` condition must hold. */
export function effectiveAudience(claims: IdTokenClaims): string {
  return claims.authorizedParty ?? claims.audience;
}

function dateOf(seconds: number | undefined): Date | undefined {
  return seconds === undefined ? undefined : new Date(seconds * 1000);
}

function decodePayload(jwt: string): unknown {
  const [, payload, ...rest] = jwt.split('.');
  if (!payload || rest.length !== 1) return undefined;
  try {
    return JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}
