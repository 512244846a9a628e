import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Connections,
  type HttpResponse,
  isTransient,
  type NetworkSettings,
  networkFaultOf,
  openConnections,
  ProxyRefusedError,
  send,
  TimedOutError,
  timeouts,
} from '../../../lib/network/index.ts';
import { type Authority, createAuthority } from '../../../sandbox/pki.ts';
import { type ConnectRule, type Listening, Loopback } from './loopback.ts';

const kindOf = (error: unknown) => networkFaultOf(error)?.kind;

describe('connections', () => {
  const usual = { ...timeouts };
  let folder: string;
  let authority: Authority;
  let caFile: string;
  let loopback: Loopback;
  let connections: Connections | undefined;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'connections-'));
    authority = await createAuthority('Company CA');
    caFile = join(folder, 'ca.pem');
    writeFileSync(caFile, `Company CA\n${authority.certificatePem}\n`);
  });
  after(() => rmSync(folder, { recursive: true }));

  beforeEach(() => {
    loopback = new Loopback();
    Object.assign(timeouts, { connect: 2, response: 3 });
  });
  afterEach(async () => {
    connections?.close();
    connections = undefined;
    await loopback.close();
    Object.assign(timeouts, usual);
  });

  /** One GET over connections that the test's end closes; the same ones for every call of a test. */
  function get(url: string, settings: NetworkSettings = {}, signal?: AbortSignal): Promise<HttpResponse> {
    connections ??= openConnections(settings);
    return send({ method: 'GET', url: new URL(url), headers: {} }, connections, signal);
  }

  const throughProxy = (proxy: Listening, credentials: { username?: string; password?: string } = {}) => ({
    proxy: {
      url: `http://127.0.0.1:${proxy.port}`,
      ...credentials,
      bypass: { form: 'no_proxy' as const, entries: [] },
    },
    caFiles: [caFile],
  });
  const at = (server: Listening, scheme = 'http') => `${scheme}://127.0.0.1:${server.port}/`;
  const hello: RequestListener = (request, response) => response.end(`hello ${request.headers.host}`);

  describe('directly', () => {
    it('send method, headers and body, and give back what came', async () => {
      const server = await loopback.http((request, response) => {
        request.setEncoding('utf8').on('data', (body) => {
          response.writeHead(418, { 'x-said': `${request.method} ${request.url} ${request.headers.accept}` });
          response.end(`${request.headers['content-length']}: ${body}`);
        });
      });
      connections = openConnections({});
      const answer = await send(
        { method: 'POST', url: new URL('/a?b=c', at(server)), headers: { accept: 'x/y' }, body: 'grüße' },
        connections,
      );
      assert.equal(answer.status, 418);
      assert.equal(answer.headers['x-said'], 'POST /a?b=c x/y');
      assert.equal(answer.body, '7: grüße');
    });

    it('are kept for the next request', async () => {
      const server = await loopback.http(hello);
      await get(at(server));
      await get(at(server));
      assert.equal(server.accepted, 1);
    });

    it('are closed with their pool, so that the process can end', async () => {
      const server = await loopback.http(hello);
      await get(at(server));
      connections?.close();
      await until(() => server.open === 0);
    });

    it('do not follow redirects', async () => {
      const server = await loopback.http((_request, response) =>
        response.writeHead(302, { location: 'https://login.example/' }).end(),
      );
      assert.equal((await get(at(server))).status, 302);
    });

    it('refuse an answer that does not end', async () => {
      const server = await loopback.http((_request, response) => {
        for (let i = 0; i < 20; i++) response.write('x'.repeat(64 * 1024));
      });
      await assert.rejects(get(at(server)), (error) => {
        const fault = networkFaultOf(error);
        return fault?.kind === 'reset' && /over 1 MiB/.test(fault.detail);
      });
    });

    it('end when the answer breaks off half-way', async () => {
      const server = await loopback.http((request, response) => {
        response.writeHead(200, { 'content-length': '100' });
        response.write('half', () => setImmediate(() => request.socket.destroy()));
      });
      await assert.rejects(get(at(server)), (error) => kindOf(error) === 'reset');
    });

    it('end when the connection breaks off before an answer', async () => {
      const server = await loopback.http((request) => request.socket.destroy());
      await assert.rejects(get(at(server)), (error) => kindOf(error) === 'reset');
    });

    it('end when nobody listens there', async () => {
      const server = await loopback.raw();
      await loopback.close();
      await assert.rejects(get(at(server)), (error) => kindOf(error) === 'refused');
    });

    it('end when something other than HTTP answers', async () => {
      const server = await loopback.raw((socket) => socket.end('220 smtp.example ESMTP\r\n'));
      await assert.rejects(get(at(server)), (error) => kindOf(error) === 'reset');
    });
  });

  describe('over TLS', () => {
    it("trust the company's authority beside the usual ones", async () => {
      const server = await loopback.https(authority, hello);
      const answer = await get(`https://localhost:${server.port}/`, { caFiles: [caFile] });
      assert.equal(answer.status, 200);
    });

    it('are kept for the next request', async () => {
      const server = await loopback.https(authority, hello);
      await get(`https://localhost:${server.port}/`, { caFiles: [caFile] });
      await get(`https://localhost:${server.port}/`);
      assert.equal(server.accepted, 1);
    });

    it('trust no other, and say that trying again is in vain', async () => {
      const server = await loopback.https(await createAuthority('Other CA'), hello);
      await assert.rejects(get(`https://localhost:${server.port}/`, { caFiles: [caFile] }), (error) => {
        const fault = networkFaultOf(error);
        return fault?.kind === 'tls' && !isTransient(fault);
      });
    });

    it("refuse a certificate of another host's", async () => {
      const server = await loopback.https(
        { ...authority, contextFor: () => authority.contextFor('other.example') },
        hello,
      );
      await assert.rejects(get(`https://localhost:${server.port}/`, { caFiles: [caFile] }), (error) => {
        return kindOf(error) === 'tls' && /altnames/.test((error as Error).message);
      });
    });

    it('say that the file of authorities is missing, as a fault of TLS', async () => {
      const missing = join(folder, 'missing.pem');
      await assert.rejects(get('https://localhost:1/', { caFiles: [missing] }), (error) => {
        const fault = networkFaultOf(error);
        return fault?.kind === 'tls' && fault.detail.includes(missing);
      });
    });

    it('say that the other side speaks no TLS', async () => {
      const server = await loopback.http(hello);
      await assert.rejects(get(at(server, 'https')), (error) => kindOf(error) === 'tls');
    });

    it('trust every authority of every file', async () => {
      const [second, third] = [await createAuthority('second'), await createAuthority('third')];
      const bundle = join(folder, 'bundle.pem');
      writeFileSync(bundle, `# second\n${second.certificatePem}\n# third\n${third.certificatePem}`);
      for (const known of [authority, second, third]) {
        const server = await loopback.https(known, hello);
        const answer = await get(`https://localhost:${server.port}/`, { caFiles: [caFile, bundle] });
        assert.equal(answer.status, 200);
      }
    });
  });

  describe('time out', () => {
    const inPhase = (phase: string) => (error: unknown) =>
      error instanceof TimedOutError && error.phase === phase && kindOf(error) === 'timeout';

    it('when TLS does not come about', async () => {
      timeouts.connect = 0.05;
      const silent = await loopback.raw();
      await assert.rejects(get(at(silent, 'https')), inPhase('connect'));
      await until(() => silent.open === 0);
    });

    it('when no answer comes', async () => {
      timeouts.response = 0.05;
      const silent = await loopback.http(() => {});
      await assert.rejects(get(at(silent)), inPhase('response'));
      await until(() => silent.open === 0);
    });

    it('when the answer stops half-way', async () => {
      timeouts.response = 0.05;
      const server = await loopback.http((_request, response) => response.write('half'));
      await assert.rejects(get(at(server)), inPhase('response'));
    });

    it('when the proxy does not answer CONNECT', async () => {
      timeouts.connect = 0.05;
      const silent = await loopback.raw();
      await assert.rejects(get('https://sts.test/', throughProxy(silent)), inPhase('connect'));
      connections?.close();
      await until(() => silent.open === 0);
    });

    it('when TLS does not come about behind the proxy', async () => {
      timeouts.connect = 0.05;
      const silent = await loopback.raw();
      const proxy = await loopback.proxy(() => ({ tunnelTo: silent.port }));
      await assert.rejects(get('https://sts.test/', throughProxy(proxy)), inPhase('connect'));
      await until(() => silent.open === 0);
    });

    it('not while an answer is on its way: a connection once had is enough', async () => {
      timeouts.connect = 0.25;
      await authority.contextFor('sts.test');
      const slow: RequestListener = (_request, response) => setTimeout(() => response.end(), 300);
      const server = await loopback.https(authority, slow);
      const proxy = await loopback.proxy(() => ({ tunnelTo: server.port }));
      assert.equal((await get('https://sts.test/', throughProxy(proxy))).status, 200);
      // The second one goes over the kept connection, which is there from the beginning.
      assert.equal((await get('https://sts.test/', throughProxy(proxy))).status, 200);
      assert.equal(server.accepted, 1);
    });
  });

  describe('cancelled', () => {
    const reason = new Error('cancelled');

    it('before they begin: nothing is sent', async () => {
      const server = await loopback.http(hello);
      await assert.rejects(get(at(server), {}, AbortSignal.abort(reason)), reason);
      assert.equal(server.accepted, 0);
    });

    for (const [place, start] of [
      ['while an answer is awaited', async () => at(await loopback.http(() => {}))],
      ['while TLS is awaited', async () => at(await loopback.raw(), 'https')],
    ] as const) {
      it(`${place}: they end with the reason`, async () => {
        const controller = new AbortController();
        const running = get(await start(), {}, controller.signal);
        setTimeout(() => controller.abort(reason), 20);
        await assert.rejects(running, reason);
      });
    }

    it('while the proxy is awaited: they end with the reason and leave no socket', async () => {
      const silent = await loopback.raw();
      const controller = new AbortController();
      const running = get('https://sts.test/', throughProxy(silent), controller.signal);
      setTimeout(() => controller.abort(reason), 20);
      await assert.rejects(running, reason);
      connections?.close();
      await until(() => silent.open === 0);
    });
  });

  describe('through a proxy', () => {
    it('reach the target by its own name, and are kept', async () => {
      const server = await loopback.https(authority, hello);
      const asked: string[] = [];
      const proxy = await loopback.proxy((_host, request) => {
        asked.push(`${request.url} ${request.headers['proxy-authorization'] ?? 'anonymous'}`);
        return { tunnelTo: server.port };
      });
      assert.equal((await get('https://sts.test/', throughProxy(proxy))).body, 'hello sts.test');
      await get('https://sts.test/', throughProxy(proxy));
      assert.deepEqual(asked, ['sts.test:443 anonymous']);
      assert.equal(server.accepted, 1);
    });

    it('keep a connection for each target', async () => {
      const server = await loopback.https(authority, hello);
      const proxy = await loopback.proxy(() => ({ tunnelTo: server.port }));
      assert.equal((await get('https://one.test/', throughProxy(proxy))).body, 'hello one.test');
      assert.equal((await get('https://two.test/', throughProxy(proxy))).body, 'hello two.test');
      assert.equal(proxy.accepted, 2);
    });

    it('give the credentials to the proxy, and to nobody else', async () => {
      let seen: string | undefined;
      const server = await loopback.https(authority, (request, response) => {
        response.end(JSON.stringify(request.headers));
      });
      const proxy = await loopback.proxy((_host, request) => {
        seen = request.headers['proxy-authorization'];
        return { tunnelTo: server.port };
      });
      const { body } = await get(
        'https://sts.test/',
        throughProxy(proxy, { username: 'agent', password: 'p:%ä@' }),
      );
      assert.equal(seen, `Basic ${Buffer.from('agent:p:%ä@').toString('base64')}`);
      assert.doesNotMatch(body, /authorization/i);
    });

    const refusing =
      (status: string): ConnectRule =>
      () => ({ refuse: `HTTP/1.1 ${status}` });
    for (const [status, transient] of [
      ['407 Proxy Authentication Required', false],
      ['403 Forbidden', false],
      ['502 Bad Gateway', true],
      ['504 Gateway Timeout', true],
    ] as const) {
      it(`that answers ${status}: say so, ${transient ? 'and try again' : 'once'}; no socket stays`, async () => {
        const proxy = await loopback.proxy(refusing(status));
        await assert.rejects(get('https://sts.test/', throughProxy(proxy)), (error) => {
          assert(error instanceof ProxyRefusedError);
          assert.equal(`${error.statusCode}`, status.slice(0, 3));
          assert.equal(error.message, `the proxy 127.0.0.1:${proxy.port} answered ${status}`);
          const fault = networkFaultOf(error);
          assert(fault);
          assert.equal(fault.kind, 'proxy');
          assert.equal(isTransient(fault), transient);
          return true;
        });
        await until(() => proxy.open === 0);
      });
    }

    it('that hangs up: count as broken off', async () => {
      const proxy = await loopback.raw((socket) => socket.destroy());
      await assert.rejects(
        get('https://sts.test/', throughProxy(proxy)),
        (error) => kindOf(error) === 'reset',
      );
    });

    it('that is not there: count as refused', async () => {
      const proxy = await loopback.raw();
      await loopback.close();
      await assert.rejects(
        get('https://sts.test/', throughProxy(proxy)),
        (error) => kindOf(error) === 'refused',
      );
    });

    it('that itself speaks TLS with a certificate of the company', async () => {
      const server = await loopback.https(authority, hello);
      const proxy = await loopback.proxy(() => ({ tunnelTo: server.port }), authority);
      const settings = throughProxy(proxy);
      const tlsProxy = { ...settings.proxy, url: `https://localhost:${proxy.port}` };
      assert.equal((await get('https://sts.test/', { ...settings, proxy: tlsProxy })).body, 'hello sts.test');
    });
  });
});

/** Waits for what happens a moment later, such as the other end's notice of a closed connection. */
async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; tries < 50; tries++) {
    if (condition()) return;
    await sleep(10);
  }
  assert.fail('it did not happen within half a second');
}
