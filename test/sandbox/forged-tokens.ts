/**
 * ID tokens that no issuer would make, each wrong in one way: what a service that trusts the issuer has to refuse.
 * Made from a good token, by the attacks of RFC 8725 §2.
 */
import {
  createHmac,
  createPublicKey,
  generateKeyPairSync,
  type JsonWebKey,
  type KeyObject,
  sign,
} from 'node:crypto';
import { decodeJwt, decodeProtectedHeader, type JWTHeaderParameters, type JWTPayload } from 'jose';

type Signer = (input: string) => Buffer;

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Other header fields and claims, and another signature over them. */
function forge(
  token: string,
  header: Partial<JWTHeaderParameters>,
  claims: JWTPayload,
  signer: Signer,
): string {
  const input = [
    encode({ ...decodeProtectedHeader(token), ...header }),
    encode({ ...decodeJwt(token), ...claims }),
  ].join('.');
  return `${input}.${signer(input).toString('base64url')}`;
}

const rs256 =
  (key: KeyObject): Signer =>
  (input) =>
    sign('RSA-SHA256', Buffer.from(input), key);

const strangersKey = () => generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;

/** "alg": "none" and no signature (RFC 8725 §2.1). */
export const unsigned = (token: string): string => forge(token, { alg: 'none' }, {}, () => Buffer.alloc(0));

/** HS256 with the issuer's public key as the secret (RFC 8725 §2.1). */
export function signedWithPublicKey(token: string, published: JsonWebKey): string {
  const pem = createPublicKey({ key: published, format: 'jwk' }).export({ type: 'spki', format: 'pem' });
  return forge(token, { alg: 'HS256' }, {}, (input) => createHmac('sha256', pem).update(input).digest());
}

/** Signed by a stranger who names a key of his own. */
export const signedByUnknownKey = (token: string): string =>
  forge(token, { kid: '0000000000000000000000000000000000000000' }, {}, rs256(strangersKey()));

/** Signed by a stranger who names the issuer's key. */
export const signedByStranger = (token: string): string => forge(token, {}, {}, rs256(strangersKey()));

/** Other claims under the old signature. */
export function altered(token: string, claims: JWTPayload): string {
  const signature = Buffer.from(token.split('.')[2] ?? '', 'base64url');
  return forge(token, {}, claims, () => signature);
}

/**
 * A token the issuer really signs, at another time than its clock's: long ago, and it has expired; far ahead, and it
 * is not valid yet.
 *
 * @param ask gets the token while the services' clock stands `seconds` off
 */
export async function issuedAt(
  machine: { clockOffset: number },
  seconds: number,
  ask: () => Promise<string>,
): Promise<string> {
  const { clockOffset } = machine;
  machine.clockOffset = clockOffset + seconds;
  try {
    return await ask();
  } finally {
    machine.clockOffset = clockOffset;
  }
}
