/** A job of the sample world, and the ways a task asks for its ID token. */
import { createLocalJWKSet, type JSONWebKeySet, type JWTPayload, jwtVerify } from 'jose';
import type { JobRequest, Sandbox, SandboxJob } from '../../../sandbox/sandbox.ts';
import { entraId, productionId } from '../contoso.ts';
import { type Answered, type Asked, ask } from '../proxied-client.ts';

/** A build job of pipeline `release` that names both connections. */
export const openJob = (sandbox: Sandbox, changes: Partial<JobRequest> = {}): SandboxJob =>
  sandbox.openJob({ hub: 'build', connections: [productionId, entraId], pipeline: 'release', ...changes });

/** Asks as a task does; `query` and headers may be changed, a header taken away by undefined. */
export function askForToken(
  sandbox: Sandbox,
  job: SandboxJob,
  changes: {
    readonly uri?: string;
    readonly query?: string;
    readonly method?: string;
    readonly headers?: Readonly<Record<string, string | undefined>>;
    readonly body?: string;
  } = {},
): Promise<Answered> {
  const { uri = job.oidcRequestUri, query = `api-version=7.1&serviceConnectionId=${productionId}` } = changes;
  const headers = {
    authorization: `Bearer ${job.accessToken}`,
    'content-type': 'application/json',
    'x-tfs-fedauthredirect': 'Suppress',
    ...changes.headers,
  };
  const kept = Object.entries(headers).filter(([, value]) => value !== undefined);
  const { method = 'POST', body = '{}' } = changes;
  const asked: Asked = {
    method,
    headers: Object.fromEntries(kept),
    ...(method === 'POST' && { body }),
  };
  return ask(sandbox, query === '' ? uri : `${uri}?${query}`, asked);
}

/** The ID token of a connection. */
export async function tokenOf(sandbox: Sandbox, job: SandboxJob, connectionId: string): Promise<string> {
  const { text } = await askForToken(sandbox, job, {
    query: `api-version=7.1&serviceConnectionId=${connectionId}`,
  });
  return JSON.parse(text).oidcToken;
}

/** The key set of an issuer, found as any relying party finds it. */
export async function keySetOf(sandbox: Sandbox, issuer: string): Promise<JSONWebKeySet> {
  const { text } = await ask(sandbox, `${issuer}/.well-known/openid-configuration`);
  const configuration = JSON.parse(text);
  if (configuration.issuer !== issuer) throw new Error(`${issuer} calls itself ${configuration.issuer}`);
  return JSON.parse((await ask(sandbox, configuration.jwks_uri)).text);
}

/** Verifies a token with its issuer's published keys; jose throws where it is not to be trusted. */
export async function verify(
  sandbox: Sandbox,
  token: string,
  issuer: string,
  audience: string,
): Promise<{ payload: JWTPayload; header: { alg: string; kid?: string; typ?: string } }> {
  const keys = createLocalJWKSet(await keySetOf(sandbox, issuer));
  const { payload, protectedHeader } = await jwtVerify(token, keys, { issuer, audience });
  return { payload, header: protectedHeader };
}
