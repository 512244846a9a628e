/**
 * ID tokens: what STS demands of one before it believes a word of it.
 *
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
 * https://openid.net/specs/openid-connect-core-1_0.html#IDToken
 */
import { compactVerify, decodeProtectedHeader, importJWK } from 'jose';
import { z } from 'zod';
import type { SandboxResponse } from '../http.ts';
import { AwsError } from './errors.ts';
import { limits } from './limits.ts';

/** "Timestamps in the token must be formatted as either an integer or a long integer." */
const timestamp = z.int();

/** OpenID Connect Core 1.0 §2: iss, sub, aud, exp and iat are REQUIRED. */
const claimsSchema = z.looseObject({
  iss: z.string(),
  sub: z.string().min(limits.subject.least).max(limits.subject.most),
  aud: z.union([z.string(), z.array(z.string()).min(1)]),
  azp: z.string().optional(),
  exp: timestamp,
  iat: timestamp,
  nbf: timestamp.optional(),
  amr: z.union([z.string().transform((method) => [method]), z.array(z.string())]).optional(),
});

export type Claims = z.infer<typeof claimsSchema>;

/** "Tokens must be signed using either RSA keys (RS256, RS384, or RS512) or ECDSA keys (ES256, ES384, or ES512)." */
const algorithms: ReadonlyMap<string, 'RSA' | 'EC'> = new Map([
  ['RS256', 'RSA'],
  ['RS384', 'RSA'],
  ['RS512', 'RSA'],
  ['ES256', 'EC'],
  ['ES384', 'EC'],
  ['ES512', 'EC'],
]);

const invalidIdentityToken = (message: string, options?: ErrorOptions) =>
  new AwsError('InvalidIdentityToken', 400, message, options);

/** Where the service's own words are not known, those of its API reference stand. */
const notValidated = (options?: ErrorOptions) =>
  invalidIdentityToken(
    'The web identity token that was passed could not be validated by AWS. Get a new identity token from the identity provider and then retry the request.',
    options,
  );

const notAToken = () =>
  invalidIdentityToken(
    'The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)',
  );

/** The service's words, with its two spaces. */
const noVerificationKey = (options?: ErrorOptions) =>
  invalidIdentityToken(
    "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements",
    options,
  );

/** Reads a token's claims without believing them: they say which provider has to vouch for them. Throws AwsError. */
export function readClaims(token: string): Claims {
  const parts = token.split('.');
  if (parts.length !== 3 || !parts.every((part) => /^[A-Za-z0-9_-]*$/.test(part))) throw notAToken();
  let payload: unknown;
  try {
    payload = JSON.parse(Buffer.from(parts[1] ?? '', 'base64url').toString('utf8'));
  } catch {
    throw notAToken();
  }
  const claims = claimsSchema.safeParse(payload);
  if (!claims.success) throw notValidated({ cause: claims.error });
  return claims.data;
}

/**
 * Checks the signature with the issuer's keys, and the times. Throws AwsError.
 * `get` reads the issuer's documents; it rejects where no answer comes.
 */
export async function verifyIdToken(
  token: string,
  claims: Claims,
  now: Date,
  get: (url: string) => Promise<SandboxResponse>,
): Promise<void> {
  const header = readHeader(token);
  const keyType = algorithms.get(header.alg);
  // `none` and the HMAC algorithms end here, before any key is looked at (RFC 8725 §3.1).
  if (keyType === undefined) throw notValidated();
  const keys = await readKeys(claims.iss, get);
  const [key, ...more] = keys.filter(({ kid, kty }) => kid === header.kid && kty === keyType);
  if (key === undefined || more.length > 0) throw noVerificationKey();
  if ((key.use ?? 'sig') !== 'sig' || (key.alg ?? header.alg) !== header.alg) throw noVerificationKey();
  try {
    await compactVerify(token, await importJWK(key, header.alg), { algorithms: [header.alg] });
  } catch (error) {
    throw notValidated({ cause: error });
  }
  checkTimes(claims, now);
}

/** Keys are told apart by `kid`; a token without one cannot be checked. */
const headerSchema = z.looseObject({ alg: z.string(), kid: z.string().min(1) });

function readHeader(token: string): z.infer<typeof headerSchema> {
  let written: unknown;
  try {
    written = decodeProtectedHeader(token);
  } catch {
    throw notAToken();
  }
  const header = headerSchema.safeParse(written);
  if (!header.success) throw notValidated({ cause: header.error });
  return header.data;
}

const configurationSchema = z.looseObject({ issuer: z.string(), jwks_uri: z.url({ protocol: /^https$/ }) });
const keySetSchema = z.object({
  keys: z.array(
    z.looseObject({
      kty: z.string(),
      kid: z.string().exactOptional(),
      use: z.string().exactOptional(),
      alg: z.string().exactOptional(),
    }),
  ),
});

/** The issuer's configuration, then its keys (OpenID Connect Discovery 1.0 §4). */
async function readKeys(issuer: string, get: (url: string) => Promise<SandboxResponse>) {
  // "any terminating / MUST be removed" (§4.1)
  const configuration = await readJson(
    `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`,
    configurationSchema,
    get,
  );
  // §4.3: "The issuer value returned MUST be identical to the Issuer URL".
  if (configuration.issuer !== issuer) throw noVerificationKey();
  const { keys } = await readJson(configuration.jwks_uri, keySetSchema, get);
  for (const kind of ['RSA', 'EC']) {
    if (keys.filter(({ kty }) => kty === kind).length > limits.keysOfOneKind.most) throw noVerificationKey();
  }
  return keys;
}

async function readJson<T>(
  url: string,
  schema: z.ZodType<T>,
  get: (url: string) => Promise<SandboxResponse>,
): Promise<T> {
  let answer: SandboxResponse;
  try {
    answer = await get(url);
  } catch (error) {
    // API_AssumeRoleWithWebIdentity.html, IDPCommunicationError
    throw new AwsError(
      'IDPCommunicationError',
      400,
      'The request could not be fulfilled because the identity provider (IDP) that was asked to verify the incoming identity token could not be reached. This is often a transient error caused by network conditions. Retry the request a limited number of times so that you do not exceed the request rate. If the error persists, the identity provider might be down or not responding.',
      { cause: error },
    );
  }
  if (answer.status !== 200) throw noVerificationKey();
  try {
    return schema.parse(JSON.parse(answer.body.toString()));
  } catch (error) {
    throw noVerificationKey({ cause: error });
  }
}

/**
 * IAM gives a token "a five-minute window beyond the expiration time" (id_roles_providers_oidc.html) for clock skew;
 * the sandbox gives none, so that nobody comes to live off it.
 */
function checkTimes({ exp, iat, nbf }: Claims, now: Date): void {
  const seconds = Math.floor(now.getTime() / 1000);
  if (seconds >= exp) {
    throw new AwsError(
      'ExpiredTokenException',
      400,
      `Token expired: current date/time ${seconds} must be before the expiration date/time ${exp}`,
    );
  }
  // RFC 7519 §4.1.5, and a token cannot have been issued later than now.
  if (seconds < (nbf ?? iat) || seconds < iat) {
    throw new AwsError(
      'ExpiredTokenException',
      400,
      'The web identity token that was passed is expired or is not valid. Get a new identity token from the identity provider and then retry the request.',
    );
  }
}

/**
 * Who the token was made out to: `azp` where it has one, else its audience. Throws AwsError unless that is one of the
 * provider's client IDs.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif
 */
export function audienceOf(claims: Claims, clientIds: readonly string[]): string {
  const audiences = typeof claims.aud === 'string' ? [claims.aud] : claims.aud;
  // OpenID Connect Core 1.0 §3.1.3.7 (4): a token for several audiences should say which one asked for it.
  const audience = claims.azp ?? (audiences.length === 1 ? audiences[0] : undefined);
  if (audience === undefined || !clientIds.includes(audience))
    throw invalidIdentityToken('Incorrect token audience');
  return audience;
}

/** The service's answer where the account does not know the token's issuer. */
export const noSuchProvider = (issuer: string) =>
  invalidIdentityToken(`No OpenIDConnect provider found in your account for ${issuer}`);
