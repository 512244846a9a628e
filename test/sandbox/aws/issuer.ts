/** An identity provider with real keys, and the tokens it signs. */
import { exportJWK, generateKeyPair, type JWK, type JWTHeaderParameters, SignJWT } from 'jose';
import type { SandboxResponse } from '../../../sandbox/http.ts';

/** Claims of a token; undefined takes one out. */
export type TokenClaims = Readonly<Record<string, unknown>>;

export interface Issuer {
  readonly url: string;
  readonly publicKey: JWK;
  /** Signs a token with RS256. */
  token(claims: TokenClaims, header?: Partial<JWTHeaderParameters>): Promise<string>;
  /** The issuer's documents, by URL. */
  get(url: string): Promise<SandboxResponse>;
  /** What it answers instead, when set. */
  answer?: (url: string) => SandboxResponse | Promise<SandboxResponse>;
}

/** Keys take long to make: an issuer of the same URL has the same ones throughout a run. */
const keyPairs = new Map<string, ReturnType<typeof generateKeyPair>>();

export async function createIssuer(url: string): Promise<Issuer> {
  const made = keyPairs.get(url) ?? generateKeyPair('RS256', { extractable: true });
  keyPairs.set(url, made);
  const { privateKey, publicKey } = await made;
  const jwk: JWK = { ...(await exportJWK(publicKey)), kid: 'signing-key', use: 'sig', alg: 'RS256' };
  const keysUrl = `${url.replace(/\/$/, '')}/.well-known/jwks`;
  const issuer: Issuer = {
    url,
    publicKey: jwk,
    token: (claims, header) =>
      new SignJWT(JSON.parse(JSON.stringify(claims)))
        .setProtectedHeader({ typ: 'JWT', alg: 'RS256', kid: 'signing-key', ...header })
        .sign(privateKey),
    async get(asked) {
      if (issuer.answer !== undefined) return issuer.answer(asked);
      if (asked === `${url.replace(/\/$/, '')}/.well-known/openid-configuration`)
        return json({ issuer: url, jwks_uri: keysUrl });
      return asked === keysUrl ? json({ keys: [jwk] }) : { status: 404, headers: {}, body: '' };
    },
  };
  return issuer;
}

const json = (value: unknown): SandboxResponse => ({ status: 200, headers: {}, body: JSON.stringify(value) });
