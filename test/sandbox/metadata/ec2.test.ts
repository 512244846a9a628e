import assert from 'node:assert/strict';
import { trustPolicySchema } from '../../../sandbox/aws/iam/policy-document.ts';
import type { Sandbox } from '../../../sandbox/sandbox.ts';
import type { World } from '../../../sandbox/world.ts';
import { formOf, signedHeaders } from '../aws/sts-caller.ts';
import { ask as askThroughProxy } from '../proxied-client.ts';
import { ask, startOn } from './on-machine.ts';

const account = '111122223333';
const ttl = { 'x-aws-ec2-metadata-token-ttl-seconds': '60' };

/** An instance profile's role, which EC2 may assume. */
function withBuilder({ accounts }: World): void {
  const { roles } = accounts[account] ?? assert.fail();
  const { deployer } = roles;
  assert(deployer);
  roles.builder = {
    ...deployer,
    trustPolicy: {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }],
    },
  };
}

describe("EC2's metadata service", () => {
  let sandbox: Sandbox;
  const base = () => sandbox.metadataVariables.AWS_EC2_METADATA_SERVICE_ENDPOINT ?? assert.fail('no service');
  const credentialsPath = '/latest/meta-data/iam/security-credentials/';
  const start = async (ec2: string, change = withBuilder) => {
    sandbox = await startOn(`  ec2: { account: '${account}', ${ec2} }`, change);
  };
  const token = async () => (await ask(`${base()}/latest/api/token`, 'PUT', ttl)).text;
  const read = async (path: string) =>
    ask(base() + path, 'GET', { 'x-aws-ec2-metadata-token': await token() });
  afterEach(() => sandbox.close());

  it('gives the credentials of the instance profile, which STS knows', async () => {
    await start('role: builder');
    assert.deepEqual(await read(credentialsPath), { status: 200, text: 'builder' });
    const document = JSON.parse((await read(`${credentialsPath}builder`)).text);
    assert.deepEqual([document.Code, document.Type], ['Success', 'AWS-HMAC']);
    assert(sandbox.issuedSecrets.includes(document.SecretAccessKey));
    const credentials = {
      accessKeyId: document.AccessKeyId,
      secretAccessKey: document.SecretAccessKey,
      sessionToken: document.Token,
    };
    const host = 'sts.eu-west-1.amazonaws.com';
    const body = formOf('GetCallerIdentity');
    const headers = await signedHeaders(body, credentials, { host });
    const { text } = await askThroughProxy(sandbox, `https://${host}/`, { headers, body });
    const [, Arn] = /<Arn>(.*)<\/Arn>/.exec(text) ?? [];
    assert.equal(Arn, `arn:aws:sts::${account}:assumed-role/builder/i-0a1b2c3d4e5f60718`);
  });

  it('gives the same credentials until these end soon', async () => {
    await start('role: builder');
    const key = async () => JSON.parse((await read(`${credentialsPath}builder`)).text).AccessKeyId;
    assert.equal(await key(), await key());
    sandbox.world.machine.clockOffset = 6 * 60 * 60 - 299;
    const first = sandbox.issuedSecrets.length;
    await key();
    assert(sandbox.issuedSecrets.length > first + 1);
  });

  describe('refuses', () => {
    beforeEach(() => start('role: builder'));

    it('whoever has no token: version 1', async () => {
      assert.equal((await ask(base() + credentialsPath, 'GET')).status, 401);
      const forged = await ask(base() + credentialsPath, 'GET', { 'x-aws-ec2-metadata-token': 'AQAEA' });
      assert.equal(forged.status, 401);
    });

    it('a token that has ended', async () => {
      const old = await token();
      sandbox.world.machine.clockOffset = 60;
      assert.equal(
        (await ask(base() + credentialsPath, 'GET', { 'x-aws-ec2-metadata-token': old })).status,
        401,
      );
    });

    const tokens: [what: string, method: string, headers: Record<string, string>, status: number][] = [
      ['a token without a life', 'PUT', {}, 400],
      ['a token of no seconds', 'PUT', { 'x-aws-ec2-metadata-token-ttl-seconds': '0' }, 400],
      ['a token of over six hours', 'PUT', { 'x-aws-ec2-metadata-token-ttl-seconds': '21601' }, 400],
      ['a token of half a second', 'PUT', { 'x-aws-ec2-metadata-token-ttl-seconds': '0.5' }, 400],
      ['a token to whom a proxy forwards', 'PUT', { ...ttl, 'x-forwarded-for': '10.0.0.1' }, 403],
      ['a token by GET', 'GET', ttl, 405],
    ];
    for (const [what, method, headers, status] of tokens) {
      it(what, async () => {
        assert.equal((await ask(`${base()}/latest/api/token`, method, headers)).status, status);
      });
    }

    it('no token of six hours', async () => {
      const longest = { 'x-aws-ec2-metadata-token-ttl-seconds': '21600' };
      assert.equal((await ask(`${base()}/latest/api/token`, 'PUT', longest)).status, 200);
    });

    it('another role, other paths and other methods', async () => {
      assert.equal((await read(`${credentialsPath}deployer`)).status, 404);
      assert.equal((await read('/latest/user-data')).status, 404);
      const post = await ask(base() + credentialsPath, 'POST', { 'x-aws-ec2-metadata-token': await token() });
      assert.equal(post.status, 405);
    });

    it('a request for another host', async () => {
      const named = base().replace('127.0.0.1', 'localhost');
      assert.equal((await ask(`${named}/latest/api/token`, 'PUT', ttl)).status, 421);
    });
  });

  it('has no credentials without an instance profile', async () => {
    await start('hopLimit: 1');
    assert.equal((await read(credentialsPath)).status, 404);
  });

  const ec2 = {
    Effect: 'Allow' as const,
    Principal: { Service: 'ec2.amazonaws.com' },
    Action: 'sts:AssumeRole',
  };
  const untrusting = {
    'trusts another service': [{ ...ec2, Principal: { Service: 'lambda.amazonaws.com' } }],
    'trusts EC2 with another action': [{ ...ec2, Action: 'sts:TagSession' }],
    'trusts EC2 on a condition': [{ ...ec2, Condition: { StringEquals: { 'aws:SourceAccount': account } } }],
    'denies somebody': [ec2, { ...ec2, Effect: 'Deny' as const }],
  };
  for (const [what, Statement] of Object.entries(untrusting)) {
    it(`has none of a role that ${what}`, async () => {
      await start('role: builder', (world) => {
        withBuilder(world);
        const { builder } = world.accounts[account]?.roles ?? {};
        assert(builder);
        builder.trustPolicy = trustPolicySchema.parse({ Version: '2012-10-17', Statement });
      });
      const document = JSON.parse((await read(`${credentialsPath}builder`)).text);
      assert.equal(document.Code, 'AssumeRoleUnauthorizedAccess');
      assert.equal(document.SecretAccessKey, undefined);
    });
  }

  it('lets no token further than its hop limit', async () => {
    await start('role: builder, hopLimit: 1, hops: 2');
    await assert.rejects(ask(`${base()}/latest/api/token`, 'PUT', ttl), { name: 'TimeoutError' });
    sandbox.world.machine.ec2 = { account, role: 'builder', hopLimit: 2, hops: 2 };
    assert.equal((await read(credentialsPath)).status, 200);
  });

  it('meets faults and is logged under its name', async () => {
    await start('role: builder');
    sandbox.addFault({ host: 'ec2-metadata', operation: 'token', times: 1, answer: { status: 503 } });
    assert.equal((await ask(`${base()}/latest/api/token`, 'PUT', ttl)).status, 503);
    assert.equal((await read(credentialsPath)).status, 200);
    assert.deepEqual(
      sandbox.requests.map(({ host, method, status }) => `${host} ${method} ${status}`),
      ['ec2-metadata PUT 503', 'ec2-metadata PUT 200', 'ec2-metadata GET 200'],
    );
  });

  it('is not there on another machine', async () => {
    sandbox = await startOn('  proxyVariables: true');
    assert.deepEqual(sandbox.metadataVariables, {});
  });
});
