import assert from 'node:assert/strict';
import type { JSONWebKeySet } from 'jose';
import { type Sandbox, startSandbox } from '../../../sandbox/sandbox.ts';
import { contoso, entraId, organizationId, productionId, projectId, tenantId } from '../contoso.ts';
import {
  altered,
  issuedAt,
  signedByStranger,
  signedByUnknownKey,
  signedWithPublicKey,
  unsigned,
} from '../forged-tokens.ts';
import { ask } from '../proxied-client.ts';
import { askForToken, keySetOf, openJob, tokenOf, verify } from './contoso-job.ts';

const vstoken = `https://vstoken.dev.azure.com/${organizationId}`;
const entra = `https://login.microsoftonline.com/${tenantId}/v2.0`;
const exchange = 'api://AzureADTokenExchange';
const exchangeId = 'fb60f99c-7a34-4190-8149-302f77469936';
const azureDevOps = '499b84ac-1321-427f-aa17-267ca6975798';

describe('sandbox/azure-devops: ID tokens', () => {
  let sandbox: Sandbox;
  beforeEach(async () => {
    sandbox = await startSandbox(contoso());
  });
  afterEach(() => sandbox.close());

  const connection = (name: string) => {
    const found = sandbox.world.connections[name];
    assert.ok(found);
    return found;
  };

  it('have the form of Azure DevOps for a connection of another scheme', async () => {
    const before = Math.floor(Date.now() / 1000);
    const token = await tokenOf(sandbox, openJob(sandbox), productionId);
    const { payload, header } = await verify(sandbox, token, vstoken, exchange);
    const { iat = 0, nbf, exp, jti, ...claims } = payload;
    assert.deepEqual(claims, { iss: vstoken, sub: 'sc://contoso/shop/aws-production', aud: exchange });
    assert.ok(iat >= before && iat <= before + 5);
    assert.equal(exp, iat + 300);
    assert.equal(nbf, iat - 600);
    assert.match(jti ?? '', /^[0-9a-f-]{36}$/);
    assert.equal(header.alg, 'RS256');
    assert.equal(header.typ, 'JWT');
    assert.match(header.kid ?? '', /^[0-9A-F]{40}$/);
  });

  it('have the form of Entra for a workload-identity connection', async () => {
    const token = await tokenOf(sandbox, openJob(sandbox), entraId);
    const { payload, header } = await verify(sandbox, token, entra, exchangeId);
    const { iat = 0, nbf, exp, uti, ...claims } = payload;
    assert.deepEqual(claims, {
      iss: entra,
      aud: exchangeId,
      azp: azureDevOps,
      azpacr: '2',
      idtyp: 'app',
      // The application's part is that of every such token; the tenant's is Python's UUID(tenant).bytes_le.
      sub: `/eid1/c/pub/t/LG0fC0eeiky1038qHmxLkA/a/rISbSSETf0KqFyZ8ppdXmA/sc/${organizationId}/${entraId}`,
      tid: tenantId,
      ver: '2.0',
    });
    assert.equal(nbf, iat);
    assert.equal((exp ?? 0) - iat, 86_700);
    assert.ok(typeof uti === 'string');
    assert.match(header.kid ?? '', /^[\w-]{27}$/);
  });

  it('speak of the pipeline where no connection is asked for', async () => {
    const { text } = await askForToken(sandbox, openJob(sandbox), { query: 'api-version=7.1' });
    const { payload } = await verify(sandbox, JSON.parse(text).oidcToken, vstoken, exchange);
    assert.equal(payload.sub, 'p://contoso/shop/release');
    assert.equal(payload.org_id, organizationId);
    assert.equal(payload.prj_id, projectId);
  });

  it('are new at every request', async () => {
    const job = openJob(sandbox);
    const [one, other] = [
      await tokenOf(sandbox, job, productionId),
      await tokenOf(sandbox, job, productionId),
    ];
    assert.notEqual(one, other);
  });

  it('are as wrong as the world wants them', async () => {
    Object.assign(connection('aws-production'), {
      audience: 'sts.amazonaws.com',
      subject: 'sc://contoso/shop/other',
      authorizedParty: 'someone',
      lifetime: 42,
    });
    const token = await tokenOf(sandbox, openJob(sandbox), productionId);
    const { payload } = await verify(sandbox, token, vstoken, 'sts.amazonaws.com');
    assert.equal(payload.sub, 'sc://contoso/shop/other');
    assert.equal(payload.azp, 'someone');
    assert.equal((payload.exp ?? 0) - (payload.iat ?? 0), 42);
    connection('aws-entra').lifetime = -1;
    const expired = await tokenOf(sandbox, openJob(sandbox), entraId);
    await assert.rejects(verify(sandbox, expired, entra, exchangeId), { code: 'ERR_JWT_EXPIRED' });
  });

  it('follow the connection to another issuer', async () => {
    connection('aws-production').issuer = 'entra';
    const token = await tokenOf(sandbox, openJob(sandbox), productionId);
    const { payload } = await verify(sandbox, token, entra, exchangeId);
    assert.match(payload.sub ?? '', new RegExp(`/sc/${organizationId}/${productionId}$`));
  });

  describe('forged', () => {
    let token: string;
    let keys: JSONWebKeySet;
    beforeEach(async () => {
      token = await tokenOf(sandbox, openJob(sandbox), productionId);
      keys = await keySetOf(sandbox, vstoken);
    });
    const refused = (forged: string, code: string) =>
      assert.rejects(verify(sandbox, forged, vstoken, exchange), { code });

    it('are refused by a verifier that is in order', async () => {
      await refused(unsigned(token), 'ERR_JOSE_NOT_SUPPORTED');
      const [key] = keys.keys;
      assert.ok(key);
      await refused(signedWithPublicKey(token, { ...key }), 'ERR_JOSE_NOT_SUPPORTED');
      await refused(signedByUnknownKey(token), 'ERR_JWKS_NO_MATCHING_KEY');
      await refused(signedByStranger(token), 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED');
      await refused(
        altered(token, { sub: 'sc://contoso/shop/admin' }),
        'ERR_JWS_SIGNATURE_VERIFICATION_FAILED',
      );
    });

    it('come out of time from the issuer itself', async () => {
      const ask = () => tokenOf(sandbox, openJob(sandbox), productionId);
      const { machine } = sandbox.world;
      await refused(await issuedAt(machine, -3600, ask), 'ERR_JWT_EXPIRED');
      await refused(await issuedAt(machine, 3600, ask), 'ERR_JWT_CLAIM_VALIDATION_FAILED');
      assert.equal(machine.clockOffset, 0);
      await verify(sandbox, await ask(), vstoken, exchange);
    });
  });

  describe('issuers', () => {
    it('publish where their keys are, as the real ones do', async () => {
      const { text, headers } = await ask(sandbox, `${vstoken}/.well-known/openid-configuration`);
      assert.match(String(headers['content-type']), /^application\/json/);
      const configuration = JSON.parse(text);
      assert.equal(configuration.jwks_uri, 'https://vstoken.dev.azure.com/.well-known/jwks');
      assert.deepEqual(configuration.id_token_signing_alg_values_supported, ['RS256']);
      const other = JSON.parse((await ask(sandbox, `${entra}/.well-known/openid-configuration`)).text);
      assert.equal(other.jwks_uri, `https://login.microsoftonline.com/${tenantId}/discovery/v2.0/keys`);
    });

    it('publish public halves of 2048 bits, and nothing else', async () => {
      for (const issuer of [vstoken, entra]) {
        const { keys } = await keySetOf(sandbox, issuer);
        assert.equal(keys.length, 1);
        assert.deepEqual(Object.keys(keys[0] ?? {}).sort(), ['alg', 'e', 'kid', 'kty', 'n', 'use']);
        assert.equal(Buffer.from(keys[0]?.n ?? '', 'base64url').length, 256);
      }
      assert.notDeepEqual(await keySetOf(sandbox, vstoken), await keySetOf(sandbox, entra));
    });

    it('know no other organisation and no other tenant', async () => {
      const stranger = '11111111-2222-4333-8444-555555555555';
      const other = await ask(
        sandbox,
        `https://vstoken.dev.azure.com/${stranger}/.well-known/openid-configuration`,
      );
      assert.equal(other.status, 404);
      const tenant = await ask(
        sandbox,
        `https://login.microsoftonline.com/${stranger}/v2.0/.well-known/openid-configuration`,
      );
      assert.equal(tenant.status, 400);
      assert.match(
        JSON.parse(tenant.text).error_description,
        new RegExp(`^AADSTS90002: Tenant '${stranger}' not found`),
      );
    });

    it('are read, not written', async () => {
      const { status } = await ask(sandbox, 'https://vstoken.dev.azure.com/.well-known/jwks', { body: '{}' });
      assert.equal(status, 405);
      const head = await ask(sandbox, 'https://vstoken.dev.azure.com/.well-known/jwks', { method: 'HEAD' });
      assert.deepEqual([head.status, head.text], [200, '']);
    });
  });
});
