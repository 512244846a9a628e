/**
 * The issuers of ID tokens: their signing keys and the documents that publish them.
 *
 * OpenID Connect Discovery 1.0 §3 and §4 (configuration), RFC 7517 §5 (key set).
 */
import { createHash } from 'node:crypto';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { json, type SandboxRequest, type SandboxResponse, type Site, type Surroundings } from '../http.ts';
import { type Claims, type IssuerName, issuerUrl } from './claims.ts';

/** An issuer of ID tokens. */
export interface Issuer {
  /** Signs with RS256 and the published `kid`. */
  readonly sign: (claims: Claims) => Promise<string>;
  /** Makes the key ahead of its first use. */
  readonly warmUp: () => void;
  readonly site: Site;
}

/** Where an issuer publishes, as URL paths, and what its configuration says beside issuer and key set. */
interface Publication {
  readonly host: string;
  readonly configurationPath: (surroundings: Surroundings) => string;
  readonly keysPath: (surroundings: Surroundings) => string;
  readonly configuration: Readonly<Record<string, readonly string[]>>;
  readonly notFound: (request: SandboxRequest) => SandboxResponse;
}

/** https://learn.microsoft.com/entra/identity-platform/reference-error-codes */
const noTenant = ({ path }: SandboxRequest) =>
  json(400, {
    error: 'invalid_tenant',
    error_description: `AADSTS90002: Tenant '${path.split('/')[1]}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud.`,
    error_codes: [90002],
  });

const publications: Readonly<Record<IssuerName, Publication>> = {
  vstoken: {
    host: 'vstoken.dev.azure.com',
    configurationPath: ({ world }) => `/${world.organization.id}/.well-known/openid-configuration`,
    // One key set serves every organisation.
    keysPath: () => '/.well-known/jwks',
    configuration: {
      subject_types_supported: ['public', 'pairwise'],
      response_types_supported: ['id_token'],
      claims_supported: ['sub', 'aud', 'exp', 'iat', 'iss', 'nbf'],
      id_token_signing_alg_values_supported: ['RS256'],
      scopes_supported: ['openid'],
    },
    notFound: ({ path }) =>
      json(404, { Message: `No HTTP resource was found that matches the request URI '${path}'.` }),
  },
  entra: {
    host: 'login.microsoftonline.com',
    configurationPath: ({ world }) => `/${world.organization.tenant}/v2.0/.well-known/openid-configuration`,
    keysPath: ({ world }) => `/${world.organization.tenant}/discovery/v2.0/keys`,
    configuration: {
      subject_types_supported: ['pairwise'],
      response_types_supported: ['code', 'id_token', 'code id_token', 'id_token token'],
      response_modes_supported: ['query', 'fragment', 'form_post'],
      claims_supported: ['sub', 'iss', 'aud', 'exp', 'iat', 'tid', 'ver', 'azp'],
      id_token_signing_alg_values_supported: ['RS256'],
      scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
    },
    notFound: noTenant,
  },
  entraV1: {
    host: 'sts.windows.net',
    configurationPath: ({ world }) => `/${world.organization.tenant}/.well-known/openid-configuration`,
    keysPath: ({ world }) => `/${world.organization.tenant}/discovery/keys`,
    configuration: {
      subject_types_supported: ['pairwise'],
      response_types_supported: ['code', 'id_token', 'code id_token', 'token id_token', 'token'],
      response_modes_supported: ['query', 'fragment', 'form_post'],
      claims_supported: ['sub', 'iss', 'aud', 'exp', 'iat', 'tid', 'ver', 'oid'],
      id_token_signing_alg_values_supported: ['RS256'],
      scopes_supported: ['openid'],
    },
    notFound: noTenant,
  },
};

/** Starts an issuer; its key is made when it is first needed. */
export function createIssuer(name: IssuerName, surroundings: Surroundings): Issuer {
  const publication = publications[name];

  async function answer(request: SandboxRequest): Promise<SandboxResponse> {
    const keysPath = publication.keysPath(surroundings);
    switch (request.path) {
      case publication.configurationPath(surroundings):
        return json(200, {
          issuer: issuerUrl(name, surroundings.world),
          jwks_uri: `https://${publication.host}${keysPath}`,
          ...publication.configuration,
        });
      case keysPath:
        return json(200, { keys: [(await keyOf(name)).published] });
      default:
        return publication.notFound(request);
    }
  }

  return {
    async sign(claims) {
      const { privateKey, published } = await keyOf(name);
      return new SignJWT({ ...claims })
        .setProtectedHeader({ typ: 'JWT', alg: 'RS256', kid: published.kid })
        .sign(privateKey);
    },
    warmUp: () => void keyOf(name),
    site: {
      serves: (host) => host === publication.host,
      service: (request) =>
        request.method === 'GET' || request.method === 'HEAD'
          ? answer(request)
          : json(405, {
              Message: `The requested resource does not support http method '${request.method}'.`,
            }),
    },
  };
}

/**
 * One RSA key of 2048 bits an issuer, for all sandboxes of a process: making one takes a while, and the real issuers
 * too sign with the same keys for every organisation and tenant.
 */
const keys = new Map<IssuerName, ReturnType<typeof generateKey>>();

function keyOf(name: IssuerName): ReturnType<typeof generateKey> {
  const made = keys.get(name) ?? generateKey(name);
  keys.set(name, made);
  return made;
}

async function generateKey(name: IssuerName) {
  const { privateKey, publicKey } = await generateKeyPair('RS256', { modulusLength: 2048 });
  const jwk = await exportJWK(publicKey);
  const print = createHash('sha1')
    .update(jwk.n ?? '')
    .digest();
  // Azure DevOps names its keys in upper-case hexadecimal, Entra in base64url.
  const kid = name === 'vstoken' ? print.toString('hex').toUpperCase() : print.toString('base64url');
  return { privateKey, published: { ...jwk, kid, use: 'sig', alg: 'RS256' } };
}
