/**
 * Azure's Instance Metadata Service, as far as tokens of managed identities go.
 *
 * https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token
 * https://learn.microsoft.com/azure/virtual-machines/instance-metadata-service
 */
import { randomBytes } from 'node:crypto';
import { type Claims, type IssuerName, issuerUrl } from '../azure-devops/claims.ts';
import type { Issuer } from '../azure-devops/issuer.ts';
import { json, type SandboxRequest, type SandboxResponse, type Service, type Surroundings } from '../http.ts';
import type { ManagedIdentity, World } from '../world.ts';

const tokenPath = '/metadata/identity/oauth2/token';
/** The one version that the page documents. */
const apiVersion = '2018-02-01';
/** Seconds that a managed identity's token lives. */
const tokenLife = 24 * 60 * 60;
const known = new Set(['api-version', 'resource', 'client_id', 'object_id']);

/** The service of one machine. */
export function createAzureMetadata(
  { world, now, rememberSecret }: Surroundings,
  issuers: Readonly<Record<IssuerName, Issuer>>,
): Service {
  return async (request) => {
    const refused = refusalOfForm(request);
    if (refused) return refused;
    const { query } = request;
    const resource = query.get('resource') ?? '';
    const application = world.machine.applications[resource];
    if (application === undefined) {
      const { tenant } = world.organization;
      return refusal(
        'invalid_resource',
        `AADSTS500011: The resource principal named ${resource} was not found in the tenant named ${tenant}. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant.`,
      );
    }
    const identity = identityFor(world.machine.managedIdentities ?? [], query);
    if ('status' in identity) return identity;
    const { issuer, claims } = tokenOf(identity, world, resource, application, now());
    const token = await issuers[issuer].sign(claims);
    rememberSecret(token);
    // Every number is a text here.
    return json(200, {
      access_token: token,
      client_id: identity.clientId,
      expires_in: String(tokenLife - 1),
      expires_on: String(claims.exp),
      ext_expires_in: String(tokenLife - 1),
      not_before: String(claims.nbf),
      resource,
      token_type: 'Bearer',
    });
  };
}

/** What is wrong with a request before anybody looks at whose token it wants. */
function refusalOfForm({ method, path, headers, query }: SandboxRequest): SandboxResponse | undefined {
  if (path !== tokenPath) return json(404, { error: 'Not found' });
  if (method !== 'GET') return json(405, { error: 'Method not allowed' });
  // "must not contain an X-Forwarded-For header. Any request that doesn't meet both of these requirements is rejected"
  if (headers['x-forwarded-for'] !== undefined) {
    return refusal('invalid_request', 'Requests with an X-Forwarded-For header are not allowed');
  }
  if (headers.metadata?.toLowerCase() !== 'true') {
    return refusal('bad_request_102', 'Required metadata header not specified');
  }
  if (query.get('api-version') !== apiVersion) {
    return json(400, {
      error: 'Bad request. api-version is invalid or was not specified in the request.',
      'newest-versions': [apiVersion],
    });
  }
  if (!query.get('resource')) {
    return refusal('invalid_request', "The request is missing a required parameter: 'resource'");
  }
  // Stricter than the real one, which passes over what it does not know, and takes the first of what stands twice.
  const names = [...query.keys()];
  if (names.some((name) => !known.has(name)) || new Set(names).size < names.length) {
    return refusal('invalid_request', 'The request includes an invalid parameter, or one more than once');
  }
  return undefined;
}

/**
 * By client id or object id; without one the system-assigned identity, or else the only user-assigned one ("If there's
 * … only one user assigned managed identity exists, then IMDS defaults to that").
 */
function identityFor(
  identities: readonly ManagedIdentity[],
  query: URLSearchParams,
): ManagedIdentity | SandboxResponse {
  const [clientId, objectId] = [query.get('client_id')?.toLowerCase(), query.get('object_id')?.toLowerCase()];
  if (clientId !== undefined || objectId !== undefined) {
    const found = identities.find(
      (each) =>
        (clientId === undefined || each.clientId === clientId) &&
        (objectId === undefined || each.principalId === objectId),
    );
    return found ?? notFound;
  }
  const system = identities.find(({ assignment }) => assignment === 'system');
  if (system) return system;
  const [only, ...more] = identities;
  if (more.length > 0) {
    return refusal(
      'invalid_request',
      'Multiple user assigned identities exist, please specify the clientId / resourceId of the identity in the token request',
    );
  }
  return only ?? notFound;
}

/**
 * Claims of an application's access token.
 * https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference
 */
function tokenOf(
  { clientId, principalId, tokens }: ManagedIdentity,
  world: World,
  resource: string,
  application: string,
  now: Date,
): { issuer: IssuerName; claims: Claims & { exp: number; nbf: number } } {
  const issuer = tokens === 'v1' ? 'entraV1' : 'entra';
  const seconds = Math.floor(now.getTime() / 1000);
  const iss = issuerUrl(issuer, world);
  const shared = {
    iss,
    // Entra dates its tokens back against clock skew.
    iat: seconds - 300,
    nbf: seconds - 300,
    exp: seconds + tokenLife,
    idtyp: 'app',
    oid: principalId,
    sub: principalId,
    tid: world.organization.tenant,
    uti: randomBytes(16).toString('base64url'),
  };
  return {
    issuer,
    claims:
      tokens === 'v1'
        ? { ...shared, aud: resource, appid: clientId, appidacr: '2', idp: iss, ver: '1.0' }
        : // v2.0 names the application by its client id, and the identity in azp, which IAM takes for the audience.
          { ...shared, aud: application, azp: clientId, azpacr: '2', ver: '2.0' },
  };
}

const refusal = (error: string, description: string) => json(400, { error, error_description: description });
const notFound = refusal('invalid_request', 'Identity not found');
