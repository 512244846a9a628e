import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener, request, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { createAuthority } from '../../sandbox/pki.ts';
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts';
import type { World } from '../../sandbox/world.ts';
import { contoso, organizationId, productionId } from './contoso.ts';
import { ask, keepingAgent } from './proxied-client.ts';

const run = promisify(execFile);
const keys = 'https://vstoken.dev.azure.com/.well-known/jwks';
const sts = 'sts.eu-west-1.amazonaws.com';
const form = { 'content-type': 'application/x-www-form-urlencoded' };

describe('sandbox', () => {
  let sandbox: Sandbox;
  const servers: Server[] = [];

  async function start(change: (world: World) => void = () => {}): Promise<Sandbox> {
    const world = contoso();
    change(world);
    sandbox = await startSandbox(world);
    return sandbox;
  }

  /** A server of the test's own; its URL. */
  async function serve(listener: RequestListener): Promise<string> {
    const server = createServer(listener).listen(0, '127.0.0.1');
    servers.push(server);
    await once(server, 'listening');
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  const logged = () =>
    sandbox.requests.map(({ method, host, operation, status }) =>
      [method, host, operation, status].join(' '),
    );

  afterEach(async () => {
    await sandbox?.close();
    for (const server of servers.splice(0)) server.close().closeAllConnections();
  });

  describe('names', () => {
    it('answers under real names to curl, which knows the proxy and the CA file only', async function () {
      await start();
      const through = ['-sS', '--proxy', sandbox.proxyUrl, '--cacert', sandbox.caFile];
      const curl = await run('curl', [...through, keys]).catch((error: NodeJS.ErrnoException) => error);
      if (curl instanceof Error && curl.code === 'ENOENT') return this.skip();
      assert.ok(!(curl instanceof Error), String(curl));
      assert.equal(JSON.parse(curl.stdout).keys.length, 1);
    });

    it('refuses every other name in words, and logs it', async () => {
      await start();
      for (const url of ['https://example.org/', 'http://example.org/']) {
        const { status, text } = await ask(sandbox, url);
        assert.equal(status, 403);
        assert.match(text, /no host example\.org.*routes:/);
      }
      assert.deepEqual(logged(), ['CONNECT example.org  403', 'GET example.org  403']);
    });

    it('opens no connection to anywhere but routed servers', async () => {
      const url = await serve((_, response) => response.end('routed'));
      await start((world) => {
        world.routes[sts] = url;
      });
      const { port } = new URL(sandbox.proxyUrl);
      const dialled: string[] = [];
      const dial = Socket.prototype.connect;
      // The sandbox runs in this process: whatever it connects to passes here.
      Socket.prototype.connect = function (this: Socket, ...args: unknown[]) {
        const [first] = args.flat() as { host?: string; port?: number | string }[];
        dialled.push(`${first?.host}:${first?.port}`);
        return Reflect.apply(dial, this, args);
      } as typeof dial;
      try {
        for (const host of [
          'example.org',
          'sts.amazonaws.com',
          'dev.azure.com',
          'login.microsoftonline.com',
          sts,
        ]) {
          await ask(sandbox, `https://${host}/`);
          await ask(sandbox, `http://${host}/`);
        }
      } finally {
        Socket.prototype.connect = dial;
      }
      const elsewhere = dialled.filter((address) => address !== `127.0.0.1:${port}`);
      assert.deepEqual([...new Set(elsewhere)], [new URL(url).host]);
      assert.ok(dialled.length > elsewhere.length, 'the client itself must have been seen');
    });

    it('refuses a request for another host than its tunnel is for', async () => {
      await start();
      const { status, text } = await ask(sandbox, keys, { headers: { host: 'dev.azure.com' } });
      assert.equal(status, 421);
      assert.match(text, /vstoken\.dev\.azure\.com; the request's Host is dev\.azure\.com/);
      assert.equal(
        (await ask(sandbox, keys, { headers: { host: 'vstoken.dev.azure.com:443' } })).status,
        200,
      );
    });

    it('asks for the proxy user of the world', async () => {
      await start((world) => Object.assign(world.machine, { proxyUser: 'agent', proxyPassword: 's3cret' }));
      assert.deepEqual(sandbox.proxyCredentials, { user: 'agent', password: 's3cret' });
      assert.doesNotMatch(sandbox.proxyUrl, /@/);
      assert.equal((await ask(sandbox, keys)).status, 200);
      const anonymous = { proxyUrl: sandbox.proxyUrl, caFile: sandbox.caFile };
      assert.equal((await ask(anonymous, keys)).status, 407);
      assert.deepEqual(logged(), [
        'GET vstoken.dev.azure.com jwks 200',
        'CONNECT vstoken.dev.azure.com  407',
      ]);
    });
  });

  describe('log', () => {
    it('has who was asked for what, with the fields of forms', async () => {
      await start();
      const body = 'Action=GetCallerIdentity&Version=2011-06-15';
      await ask(sandbox, 'https://dev.azure.com/?x=1', { headers: { ...form, 'x-a': ['1', '2'] }, body });
      const [entry] = sandbox.requests;
      assert.deepEqual(entry?.form, { Action: 'GetCallerIdentity', Version: '2011-06-15' });
      assert.equal(entry?.operation, 'GetCallerIdentity');
      assert.equal(entry?.path, '/');
      assert.equal(entry?.query.get('x'), '1');
      assert.equal(entry?.headers['x-a'], '1, 2');
      assert.equal(entry?.method, 'POST');
      assert.equal(entry?.host, 'dev.azure.com');
      assert.equal(entry?.status, 302);
    });

    it('names operations by query, by X-Amz-Target, and else by the end of the path', async () => {
      await start();
      await ask(sandbox, 'https://dev.azure.com/?Action=GetCallerIdentity');
      await ask(sandbox, 'https://dev.azure.com/', {
        headers: { 'x-amz-target': 'Service_V2.GetThing' },
        body: '{}',
      });
      await ask(sandbox, 'https://dev.azure.com/a/b/oidctoken?x=1');
      assert.deepEqual(
        sandbox.requests.map(({ operation }) => operation),
        ['GetCallerIdentity', 'GetThing', 'oidctoken'],
      );
    });
  });

  describe('routes', () => {
    /** Answers with everything that reached it. */
    const mirror: RequestListener = async (incoming, outgoing) => {
      const body = (await buffer(incoming)).toString('utf8');
      outgoing.setHeader('X-Mirror', ['a', 'b']);
      outgoing.statusCode = 418;
      outgoing.end(
        JSON.stringify({ method: incoming.method, url: incoming.url, headers: incoming.headers, body }),
      );
    };

    it('put another server behind a real name, which still hears that name', async () => {
      const url = await serve(mirror);
      await start((world) => {
        world.routes[sts] = url;
      });
      const answer = await ask(sandbox, `https://${sts}/path%20x?b=2&a=1`, {
        method: 'PUT',
        headers: { Authorization: 'AWS4-HMAC-SHA256 x', 'Proxy-Connection': 'keep-alive' },
        body: 'payload',
      });
      const seen = JSON.parse(answer.text);
      assert.equal(answer.status, 418);
      assert.equal(answer.headers['x-mirror'], 'a, b');
      assert.equal(seen.method, 'PUT');
      assert.equal(seen.url, '/path%20x?b=2&a=1');
      assert.equal(seen.body, 'payload');
      assert.equal(seen.headers.host, sts);
      assert.equal(seen.headers.authorization, 'AWS4-HMAC-SHA256 x');
      assert.equal(seen.headers['proxy-connection'], undefined);
      assert.deepEqual(logged(), [`PUT ${sts} path%20x 418`]);
    });

    it('take forms whole, and log what they ask for', async () => {
      const url = await serve(mirror);
      await start((world) => {
        world.routes[sts] = `${url}/base/`;
      });
      const { text } = await ask(sandbox, `https://${sts}/`, {
        headers: form,
        body: 'Action=AssumeRole&RoleArn=x',
      });
      assert.equal(JSON.parse(text).body, 'Action=AssumeRole&RoleArn=x');
      assert.equal(JSON.parse(text).url, '/base/');
      assert.deepEqual(sandbox.requests[0]?.form, { Action: 'AssumeRole', RoleArn: 'x' });
    });

    it("go before the sandbox's own service, and may be set while it runs", async () => {
      const url = await serve(mirror);
      await start();
      assert.equal((await ask(sandbox, keys)).status, 200);
      sandbox.world.routes['vstoken.dev.azure.com'] = url;
      assert.equal((await ask(sandbox, keys)).status, 418);
      delete sandbox.world.routes['vstoken.dev.azure.com'];
      assert.equal((await ask(sandbox, keys)).status, 200);
    });

    it('pass bodies on as they come, both ways', async () => {
      const url = await serve((incoming, outgoing) => {
        // The answer begins with the first piece of the question, which is not complete yet.
        incoming.on('data', (piece) => outgoing.write(piece));
        incoming.on('end', () => outgoing.end());
      });
      await start((world) => {
        world.routes['registry.example'] = url;
      });
      const { hostname, port } = new URL(sandbox.proxyUrl);
      const upload = request({
        hostname,
        port,
        method: 'PUT',
        path: 'http://registry.example/v2/blob',
        headers: { host: 'registry.example', 'transfer-encoding': 'chunked' },
      });
      upload.write('first');
      const [answer] = (await once(upload, 'response')) as [IncomingMessage];
      assert.equal(String((await once(answer, 'data'))[0]), 'first');
      upload.end('second');
      assert.equal((await buffer(answer)).toString('utf8'), 'second');
    });

    it('carry large bodies unchanged', async () => {
      const url = await serve((incoming, outgoing) => incoming.pipe(outgoing));
      await start((world) => {
        world.routes['registry.example'] = url;
      });
      const body = Buffer.alloc(8 * 1024 * 1024, 'layer');
      const { text } = await ask(sandbox, 'https://registry.example/v2/blob', { method: 'PUT', body });
      assert.ok(text === body.toString('utf8'));
    });

    it('say so when their server is away', async () => {
      const url = await serve(mirror);
      servers.pop()?.close();
      await start((world) => {
        world.routes[sts] = url;
      });
      const { status, text } = await ask(sandbox, `https://${sts}/`);
      assert.equal(status, 502);
      assert.match(text, /route of sts\.eu-west-1\.amazonaws\.com failed: .*ECONNREFUSED/);
      assert.deepEqual(logged(), [`GET ${sts}  502`]);
    });

    it('break off when their server breaks off', async () => {
      const url = await serve((_, outgoing) => {
        outgoing.writeHead(200, { 'content-length': '10' });
        outgoing.write('half', () => outgoing.destroy());
      });
      await start((world) => {
        world.routes[sts] = url;
      });
      await assert.rejects(ask(sandbox, `https://${sts}/`), { code: 'ECONNRESET' });
      assert.deepEqual(logged(), [`GET ${sts}  200`]);
    });

    it('speak TLS to https servers, and check whom they speak to', async () => {
      const stranger = await createAuthority('Stranger');
      let asked = '';
      const server = createSecureServer(
        {
          SNICallback: (name, done) => {
            asked = name;
            stranger.contextFor(name).then((context) => done(null, context), done);
          },
        },
        mirror,
      ).listen(0, '127.0.0.1');
      servers.push(server);
      await once(server, 'listening');
      await start((world) => {
        world.routes[sts] = `https://localhost:${(server.address() as AddressInfo).port}`;
      });
      const { status, text } = await ask(sandbox, `https://${sts}/`);
      assert.equal(status, 502);
      assert.match(text, /unable to verify the first certificate/);
      assert.equal(asked, 'localhost');
    });

    it('meet faults first', async () => {
      const url = await serve(mirror);
      await start((world) => {
        world.routes[sts] = url;
      });
      sandbox.addFault({ host: sts, operation: 'AssumeRole', times: 1, answer: { status: 503 } });
      const asked = { headers: form, body: 'Action=AssumeRole' };
      assert.equal((await ask(sandbox, `https://${sts}/`, asked)).status, 503);
      assert.equal((await ask(sandbox, `https://${sts}/`, asked)).status, 418);
    });
  });

  describe('faults', () => {
    it("answer in the service's place as often as they are told", async () => {
      await start((world) =>
        world.faults.push({
          host: 'vstoken.dev.azure.com',
          operation: 'jwks',
          times: 2,
          answer: { status: 503, headers: { 'Retry-After': '1' }, body: 'busy' },
        }),
      );
      const statuses = [];
      for (let time = 0; time < 3; time++) statuses.push((await ask(sandbox, keys)).status);
      assert.deepEqual(statuses, [503, 503, 200]);
      assert.deepEqual(
        sandbox.requests.map(({ status }) => status),
        [503, 503, 200],
      );
      sandbox.addFault({
        host: '*',
        times: 1,
        answer: { status: 429, headers: { 'Retry-After': '7' }, body: 'slow' },
      });
      const { status, headers, text } = await ask(sandbox, keys);
      assert.deepEqual([status, headers['retry-after'], text], [429, '7', 'slow']);
    });

    it('reset connections', async () => {
      await start();
      sandbox.addFault({ host: '*', times: 1, reset: true });
      await assert.rejects(ask(sandbox, keys), { code: 'ECONNRESET' });
      assert.deepEqual(logged(), ['GET vstoken.dev.azure.com jwks ']);
      assert.equal((await ask(sandbox, keys)).status, 200);
    });

    it('leave requests without an answer, and let the sandbox close nevertheless', async () => {
      await start();
      sandbox.addFault({ host: '*', stall: true });
      const answer = ask(sandbox, keys);
      const first = await Promise.race([
        answer.catch(() => 'broken'),
        new Promise((resolve) => setTimeout(resolve, 300, 'nothing')),
      ]);
      assert.equal(first, 'nothing');
      const broken = assert.rejects(answer);
      await sandbox.close();
      await broken;
    });

    it("delay answers, their own and the service's", async () => {
      await start();
      for (const answer of [undefined, { status: 500 }]) {
        sandbox.addFault({ host: '*', times: 1, delaySeconds: 0.3, ...(answer && { answer }) });
        const before = Date.now();
        assert.equal((await ask(sandbox, keys)).status, answer?.status ?? 200);
        assert.ok(Date.now() - before >= 290, 'too early');
      }
    });

    for (const status of [502, 504, 407]) {
      it(`refuse tunnels with ${status}`, async () => {
        await start();
        sandbox.addFault({ host: 'vstoken.dev.azure.com', times: 1, refuseConnect: status });
        assert.equal((await ask(sandbox, keys)).status, status);
        assert.deepEqual(logged(), [`CONNECT vstoken.dev.azure.com  ${status}`]);
        assert.equal((await ask(sandbox, keys)).status, 200);
      });
    }

    it('show a certificate nobody trusts', async () => {
      await start();
      sandbox.addFault({ host: '*', times: 1, untrustedCertificate: true });
      await assert.rejects(ask(sandbox, keys), { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' });
      assert.equal((await ask(sandbox, keys)).status, 200);
    });

    it('lose names, as a proxy says it', async () => {
      await start();
      sandbox.addFault({ host: '*', times: 1, dnsFailure: true });
      const { status, text } = await ask(sandbox, keys);
      assert.equal(status, 503);
      assert.match(text, /Unable to determine IP address from host name "vstoken\.dev\.azure\.com"/);
    });

    it('do not strike tunnels that are open already', async () => {
      await start();
      const agent = keepingAgent(sandbox);
      assert.equal((await ask(sandbox, keys, {}, agent)).status, 200);
      sandbox.addFault({ host: '*', refuseConnect: 502 });
      assert.equal((await ask(sandbox, keys, {}, agent)).status, 200);
      agent.destroy();
      assert.equal((await ask(sandbox, keys)).status, 502);
    });

    it('are checked when they are added', async () => {
      await start();
      assert.throws(() => sandbox.addFault({ host: '*' }), /write one of answer/);
    });
  });

  describe('services', () => {
    const roleArn = 'arn:aws:iam::111122223333:role/deployer';
    const jwks = { host: 'vstoken.dev.azure.com', operation: 'jwks', times: 1 } as const;

    /** What STS says to a job's ID token. */
    async function assume(): Promise<string> {
      const job = sandbox.openJob({ hub: 'build', connections: [productionId], pipeline: 'release' });
      const { text } = await ask(
        sandbox,
        `${job.oidcRequestUri}?api-version=7.1&serviceConnectionId=${productionId}`,
        {
          method: 'POST',
          headers: { authorization: `Bearer ${job.accessToken}` },
        },
      );
      const body = new URLSearchParams({
        Action: 'AssumeRoleWithWebIdentity',
        Version: '2011-06-15',
        RoleArn: roleArn,
        RoleSessionName: 'release',
        WebIdentityToken: JSON.parse(text).oidcToken,
      });
      const answer = await ask(sandbox, `https://${sts}/`, { headers: form, body: body.toString() });
      return answer.status === 200 ? 'assumed' : (/<Code>(\w+)</.exec(answer.text)?.[1] ?? answer.text);
    }

    it('federate, from the job to credentials', async () => {
      await start();
      assert.equal(await assume(), 'assumed');
      assert.deepEqual(logged(), [
        'POST dev.azure.com oidctoken 200',
        `POST ${sts} AssumeRoleWithWebIdentity 200`,
        'GET vstoken.dev.azure.com openid-configuration 200',
        'GET vstoken.dev.azure.com jwks 200',
      ]);
    });

    it('read each other through faults and routes, as clients do', async () => {
      await start();
      for (const fault of [
        { ...jwks, reset: true } as const,
        { ...jwks, stall: true } as const,
        { ...jwks, answer: { status: 500 } },
        { host: jwks.host, times: 1, dnsFailure: true } as const,
        { host: jwks.host, times: 1, untrustedCertificate: true } as const,
      ]) {
        sandbox.addFault(fault);
        assert.notEqual(await assume(), 'assumed', JSON.stringify(fault));
        assert.equal(await assume(), 'assumed');
      }
      const stranger = await serve((_, response) => response.end('{"keys":[]}'));
      sandbox.world.routes[jwks.host] = stranger;
      assert.notEqual(await assume(), 'assumed');
    });
  });

  describe('life', () => {
    it('has two worlds side by side', async () => {
      await start();
      const other = await startSandbox({
        ...contoso(),
        organization: { ...contoso().organization, name: 'fabrikam' },
      });
      try {
        assert.notEqual(other.proxyUrl, sandbox.proxyUrl);
        assert.notEqual(other.caFile, sandbox.caFile);
        assert.equal(other.collectionUri, 'https://dev.azure.com/fabrikam/');
        const configuration = (id: string) =>
          `https://vstoken.dev.azure.com/${id}/.well-known/openid-configuration`;
        other.world.organization.id = productionId;
        assert.equal((await ask(sandbox, configuration(productionId))).status, 404);
        assert.equal((await ask(other, configuration(productionId))).status, 200);
        await assert.rejects(ask({ proxyUrl: other.proxyUrl, caFile: sandbox.caFile }, keys), {
          code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
        });
        assert.equal(sandbox.requests.length, 1);
      } finally {
        await other.close();
      }
      assert.equal((await ask(sandbox, keys)).status, 200, 'the other goes on');
    });

    it('leaves nothing behind', async () => {
      await start();
      assert.equal(statSync(sandbox.caFile).isFile(), true);
      await ask(sandbox, keys);
      await sandbox.close();
      assert.equal(existsSync(sandbox.caFile), false);
      await assert.rejects(
        ask({ proxyUrl: sandbox.proxyUrl, caFile: import.meta.filename }, 'http://dev.azure.com/'),
        {
          code: 'ECONNREFUSED',
        },
      );
    });

    it("tells the services' time, and lets tests change it", async () => {
      await start((world) => {
        world.machine.clockOffset = 3600;
      });
      const ahead = async () => {
        const { headers } = await ask(sandbox, keys);
        return Math.round((Date.parse(String(headers.date)) - Date.now()) / 60_000);
      };
      assert.equal(await ahead(), 60);
      assert.equal(Math.round(((sandbox.requests[0]?.at.getTime() ?? 0) - Date.now()) / 60_000), 60);
      sandbox.world.machine.clockOffset = -600;
      assert.equal(await ahead(), -10);
    });

    it('remembers every secret it hands out', async () => {
      await start();
      const job = sandbox.openJob({ hub: 'build', connections: [productionId], pipeline: 'release' });
      const { text } = await ask(
        sandbox,
        `${job.oidcRequestUri}?api-version=7.1&serviceConnectionId=${productionId}`,
        {
          method: 'POST',
          headers: { authorization: `Bearer ${job.accessToken}` },
        },
      );
      assert.deepEqual(sandbox.issuedSecrets, [job.accessToken, JSON.parse(text).oidcToken]);
    });

    it('reads its world at every request', async () => {
      await start();
      sandbox.world.organization.id = '11111111-2222-4333-8444-555555555555';
      const path = '.well-known/openid-configuration';
      assert.equal(
        (await ask(sandbox, `https://vstoken.dev.azure.com/${organizationId}/${path}`)).status,
        404,
      );
      const { text } = await ask(
        sandbox,
        `https://vstoken.dev.azure.com/${sandbox.world.organization.id}/${path}`,
      );
      assert.equal(JSON.parse(text).issuer, `https://vstoken.dev.azure.com/${sandbox.world.organization.id}`);
    });
  });
});
