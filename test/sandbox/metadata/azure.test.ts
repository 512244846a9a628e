import assert from 'node:assert/strict';
import { createRemoteJWKSet, customFetch, jwtVerify } from 'jose';
import { FileFault } from '../../../sandbox/checked-yaml.ts';
import type { Sandbox } from '../../../sandbox/sandbox.ts';
import { tenantId } from '../contoso.ts';
import { ask as askThroughProxy } from '../proxied-client.ts';
import { ask, startOn } from './on-machine.ts';

const system = {
  clientId: '11111111-1111-4111-8111-111111111111',
  principalId: '21111111-1111-4111-8111-111111111111',
};
const user = {
  clientId: '12222222-2222-4222-8222-222222222222',
  principalId: '22222222-2222-4222-8222-222222222222',
};
const other = {
  clientId: '13333333-3333-4333-8333-333333333333',
  principalId: '23333333-3333-4333-8333-333333333333',
};
const resource = 'api://AzureADTokenExchange';

const written = (...identities: object[]) => `  managedIdentities: ${JSON.stringify(identities)}`;
const systemAssigned = { ...system, assignment: 'system' };

describe("Azure's metadata service", () => {
  let sandbox: Sandbox;
  const start = async (...identities: object[]) => {
    sandbox = await startOn(written(...identities));
  };
  afterEach(() => sandbox.close());

  const asked = (
    query: Record<string, string> = {},
    headers: Record<string, string> = { metadata: 'true' },
    method = 'GET',
  ) => {
    const base = sandbox.metadataVariables.AZURE_POD_IDENTITY_AUTHORITY_HOST ?? assert.fail('no service');
    const all = new URLSearchParams({ 'api-version': '2018-02-01', resource, ...query });
    for (const [name, value] of Object.entries(query)) if (value === '') all.delete(name);
    return ask(`${base}/metadata/identity/oauth2/token?${all}`, method, headers);
  };
  const subjectOf = async (query?: Record<string, string>) => {
    const { status, text } = await asked(query);
    assert.equal(status, 200, text);
    const [, payload = ''] = JSON.parse(text).access_token.split('.');
    return JSON.parse(Buffer.from(payload, 'base64url').toString()).sub;
  };
  const saidTo = async (query: Record<string, string>, headers?: Record<string, string>, method?: string) => {
    const { status, text } = await asked(query, headers, method);
    return `${status} ${text}`;
  };

  it('gives a token that verifies with the keys its issuer publishes', async () => {
    await start(systemAssigned);
    const answer = JSON.parse((await asked()).text);
    assert.deepEqual(
      [answer.token_type, answer.resource, answer.client_id],
      ['Bearer', resource, system.clientId],
    );
    assert(sandbox.issuedSecrets.includes(answer.access_token));
    const get = async (url: string) => (await askThroughProxy(sandbox, url)).text;
    const issuer = `https://sts.windows.net/${tenantId}/`;
    const configuration = JSON.parse(await get(`${issuer}.well-known/openid-configuration`));
    assert.equal(configuration.issuer, issuer);
    const keys = createRemoteJWKSet(new URL(configuration.jwks_uri), {
      [customFetch]: async (url: string) => new Response(await get(url)),
    });
    const { payload, protectedHeader } = await jwtVerify(answer.access_token, keys, {
      issuer,
      audience: resource,
    });
    assert.equal(protectedHeader.alg, 'RS256');
    assert.deepEqual(
      [payload.sub, payload.oid, payload.appid, payload.tid, payload.ver, payload.azp],
      [system.principalId, system.principalId, system.clientId, tenantId, '1.0', undefined],
    );
    assert.deepEqual([answer.expires_on, answer.not_before], [String(payload.exp), String(payload.nbf)]);
  });

  it('gives one of the v2.0 form where the application asks for that', async () => {
    await start({ ...user, tokens: 'v2' });
    const [, payload = ''] = JSON.parse((await asked()).text).access_token.split('.');
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
    assert.deepEqual(
      [claims.iss, claims.aud, claims.azp, claims.ver],
      [
        `https://login.microsoftonline.com/${tenantId}/v2.0`,
        'fb60f99c-7a34-4190-8149-302f77469936',
        user.clientId,
        '2.0',
      ],
    );
  });

  it('takes the system-assigned identity, the only one, or the one that is named', async () => {
    await start(user, systemAssigned);
    assert.equal(await subjectOf(), system.principalId);
    assert.equal(await subjectOf({ client_id: user.clientId.toUpperCase() }), user.principalId);
    assert.equal(await subjectOf({ object_id: user.principalId }), user.principalId);
    await sandbox.close();
    await start(user);
    assert.equal(await subjectOf(), user.principalId);
  });

  it('refuses to choose among several', async () => {
    await start(user, other);
    assert.match(await saidTo({}), /^400 .*Multiple user assigned identities exist/);
    assert.equal(await subjectOf({ client_id: other.clientId }), other.principalId);
  });

  it('finds no identity that is not there', async () => {
    await start(user);
    assert.match(
      await saidTo({ client_id: other.clientId }),
      /^400 .*"invalid_request".*"Identity not found"/,
    );
    assert.match(
      await saidTo({ client_id: user.clientId, object_id: other.principalId }),
      /^400 .*"Identity not found"/,
    );
    await sandbox.close();
    await start();
    assert.match(await saidTo({}), /^400 .*"Identity not found"/);
  });

  describe('refuses a request', () => {
    beforeEach(() => start(systemAssigned));
    const metadata = { metadata: 'true' };
    const refused: [
      what: string,
      query: Record<string, string>,
      headers: Record<string, string>,
      said: RegExp,
    ][] = [
      ['without its header', {}, {}, /^400 .*bad_request_102.*Required metadata header/],
      ['with another value in it', {}, { metadata: 'yes' }, /^400 .*bad_request_102/],
      ['that was forwarded', {}, { ...metadata, 'x-forwarded-for': '10.0.0.1' }, /^400 .*X-Forwarded-For/],
      ['without a version', { 'api-version': '' }, metadata, /^400 .*api-version is invalid/],
      ['of another version', { 'api-version': '2017-12-01' }, metadata, /^400 .*api-version is invalid/],
      ['without a resource', { resource: '' }, metadata, /^400 .*missing a required parameter/],
      [
        'for an unknown resource',
        { resource: 'api://other' },
        metadata,
        /^400 .*invalid_resource.*AADSTS500011/,
      ],
      ['with what it does not know', { scope: 'x' }, metadata, /^400 .*invalid parameter/],
    ];
    for (const [what, query, headers, said] of refused) {
      it(what, async () => assert.match(await saidTo(query, headers), said));
    }

    it('by POST, or elsewhere', async () => {
      assert.match(await saidTo({}, metadata, 'POST'), /^405 /);
      const base = sandbox.metadataVariables.AZURE_POD_IDENTITY_AUTHORITY_HOST;
      assert.equal((await ask(`${base}/metadata/instance`, 'GET', metadata)).status, 404);
    });
  });

  it('meets faults and is logged under its name', async () => {
    await start(systemAssigned);
    sandbox.addFault({
      host: 'azure-metadata',
      times: 1,
      answer: { status: 429, headers: { 'Retry-After': '1' } },
    });
    assert.equal((await asked()).status, 429);
    assert.equal((await asked()).status, 200);
    assert.deepEqual(
      sandbox.requests.map(({ host, status }) => `${host} ${status}`),
      ['azure-metadata 429', 'azure-metadata 200'],
    );
  });

  it('cannot have two system-assigned identities, nor one twice', async () => {
    sandbox = await startOn('  proxyVariables: true');
    assert.throws(() => startOn(written(systemAssigned, { ...other, assignment: 'system' })), FileFault);
    assert.throws(() => startOn(written(user, user)), FileFault);
  });
});
