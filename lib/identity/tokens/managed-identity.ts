import * as z from 'zod/mini';
import { DeliveryError } from '../../errors/index.ts';
import type { HttpRequest, HttpResponse } from '../../network/index.ts';
import { type IdToken, parseIdToken } from './id-token.ts';
import type { ManagedIdentitySource } from './id-token-source.ts';
import { parseJson } from './parse-json.ts';

/**
 * The token endpoint of this machine's managed identity. On App Service and Functions it is told by IDENTITY_ENDPOINT
 * and IDENTITY_HEADER (Azure docs, "How to use managed identities for App Service", REST protocol reference); on virtual
 * machines and scale sets it is the Instance Metadata Service, whose host AZURE_POD_IDENTITY_AUTHORITY_HOST replaces, as
 * in Azure's own SDKs.
 */
export function managedIdentitySource(
  environment: NodeJS.ProcessEnv,
  resource: string,
  clientId: string | undefined,
): ManagedIdentitySource {
  const { IDENTITY_ENDPOINT, IDENTITY_HEADER, AZURE_POD_IDENTITY_AUTHORITY_HOST } = environment;
  const shared = { kind: 'managedIdentity', resource, clientId } as const;
  if (IDENTITY_ENDPOINT && IDENTITY_HEADER) {
    const headers = { 'x-identity-header': IDENTITY_HEADER };
    return { ...shared, url: IDENTITY_ENDPOINT, headers, apiVersion: '2019-08-01' };
  }
  const host = (AZURE_POD_IDENTITY_AUTHORITY_HOST || 'http://169.254.169.254').replace(/\/$/, '');
  const url = `${host}/metadata/identity/oauth2/token`;
  return { ...shared, url, headers: { metadata: 'true' }, apiVersion: '2018-02-01' };
}

export function managedIdentityRequest(source: ManagedIdentitySource): HttpRequest {
  const url = new URL(source.url);
  url.searchParams.set('api-version', source.apiVersion);
  url.searchParams.set('resource', source.resource);
  if (source.clientId) url.searchParams.set('client_id', source.clientId);
  return { method: 'GET', url, headers: source.headers };
}

const answerSchema = z.looseObject({
  access_token: z.optional(z.string()),
  error: z.optional(z.string()),
  error_description: z.optional(z.string()),
});

/** @throws DeliveryError MANAGED_IDENTITY_REFUSED when the answer holds no token */
export function readManagedIdentityAnswer(
  answer: HttpResponse,
  source: ManagedIdentitySource,
  mask: (secret: string) => void,
): IdToken {
  const body = answerSchema.safeParse(parseJson(answer.body));
  const { access_token, error, error_description } = body.success ? body.data : {};
  if (answer.status === 200 && access_token) {
    mask(access_token);
    return parseIdToken(access_token);
  }
  throw new DeliveryError({
    code: 'MANAGED_IDENTITY_REFUSED',
    what: `Azure issued no token for the ${source.clientId ? `managed identity ${source.clientId}` : 'system-assigned managed identity'} (status ${answer.status}).`,
    why: error
      ? `Azure said: ${[error, error_description].filter(Boolean).join(': ')}`
      : 'The answer holds neither a token nor a reason: something else may answer at this address.',
    remedy: remedyFor(error, error_description, source),
  });
}

/** Azure docs, "How to use managed identities … on an Azure VM to acquire an access token", error handling. */
function remedyFor(
  error: string | undefined,
  description: string | undefined,
  source: ManagedIdentitySource,
): string {
  if (error === 'invalid_resource') {
    return `Register an application in the identity's tenant whose Application ID URI is ${source.resource}, or correct the input managedIdentityResource.`;
  }
  if (/identity not found/i.test(description ?? '')) {
    return source.clientId
      ? "Assign the user-assigned identity to the agent's machine:\n  az vm identity assign --resource-group GROUP --name MACHINE --identities IDENTITY"
      : "Give the agent's machine an identity, or name a user-assigned one in managedIdentityClientId:\n  az vm identity assign --resource-group GROUP --name MACHINE";
  }
  if (/multiple user assigned identities/i.test(description ?? '')) {
    return 'The machine has several identities: name one by its client id in the input managedIdentityClientId.';
  }
  return "Check the machine's identity in the Azure portal, and the input managedIdentityResource.";
}
