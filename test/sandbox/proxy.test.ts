import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Duplex } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { connect as connectTls } from 'node:tls';
import { plainText } from '../../sandbox/http.ts';
import { type Authority, createAuthority } from '../../sandbox/pki.ts';
import { type Exchange, type ProxyOptions, type ProxyServer, startProxy } from '../../sandbox/proxy.ts';
import { ask, keepingAgent, type Way } from './proxied-client.ts';

const credentials = { user: 'agent', password: 'p:ss wörd' };

/** Answers with what it was asked. */
async function echo({ host, incoming, outgoing }: Exchange): Promise<void> {
  const body = await buffer(incoming);
  outgoing.end(`${incoming.method} ${host} ${incoming.url} ${body.toString('utf8')}`);
}

describe('sandbox/proxy', () => {
  let authority: Authority;
  let folder: string;
  let caFile: string;
  let proxy: ProxyServer | undefined;

  before(async () => {
    authority = await createAuthority('Test');
    folder = mkdtempSync(join(tmpdir(), 'proxy-'));
    caFile = join(folder, 'ca.pem');
    writeFileSync(caFile, authority.certificatePem);
  });
  after(() => rmSync(folder, { recursive: true }));
  afterEach(async () => {
    await proxy?.close();
    proxy = undefined;
  });

  async function start(options: Partial<ProxyOptions> = {}): Promise<Way> {
    proxy = await startProxy({
      credentials: undefined,
      admit: () => ({ kind: 'admitted', authority }),
      unauthenticated: () => assert.fail('nobody was to be turned down'),
      serve: echo,
      ...options,
    });
    return { proxyUrl: proxy.url, caFile };
  }

  /** Writes raw bytes and reads until the proxy ends the connection. */
  async function raw(way: Way, bytes: string): Promise<string> {
    const socket = connect(Number(new URL(way.proxyUrl).port), '127.0.0.1');
    socket.end(bytes);
    return (await buffer(socket)).toString('utf8');
  }

  it('listens on loopback only, on a port that was free', async () => {
    const first = await start();
    const second = await startProxy({
      credentials: undefined,
      admit: () => ({ kind: 'admitted', authority }),
      unauthenticated: () => {},
      serve: echo,
    });
    assert.match(first.proxyUrl, /^http:\/\/127\.0\.0\.1:\d+$/);
    assert.notEqual(first.proxyUrl, second.url);
    await second.close();
  });

  it('ends TLS as the host that was asked for', async () => {
    const way = await start();
    const { text } = await ask(way, 'https://dev.azure.com/contoso/_apis?x=%20y', { body: 'hello' });
    assert.equal(text, 'POST dev.azure.com /contoso/_apis?x=%20y hello');
    assert.equal((await ask(way, 'https://STS.amazonaws.com/')).text, 'GET sts.amazonaws.com / ');
  });

  it('serves requests in absolute form, in plain text', async () => {
    const way = await start();
    const { text } = await ask(way, 'http://169.254.169.254/metadata?x=%20y', { body: 'hello' });
    assert.equal(text, 'POST 169.254.169.254 /metadata?x=%20y hello');
    assert.equal((await ask(way, 'http://example.org')).text, 'GET example.org / ');
  });

  it('keeps a tunnel open between requests', async () => {
    const ports = new Set<number | undefined>();
    const way = await start({
      serve: async ({ incoming, outgoing }) => {
        ports.add(incoming.socket.remotePort);
        outgoing.end();
      },
    });
    const agent = keepingAgent(way);
    for (let time = 0; time < 3; time++) await ask(way, 'https://dev.azure.com/', {}, agent);
    agent.destroy();
    assert.equal(ports.size, 1);
  });

  it('speaks HTTP/1.1 to clients that would rather have HTTP/2', async () => {
    const way = await start();
    const socket = connect(Number(new URL(way.proxyUrl).port), '127.0.0.1');
    socket.write('CONNECT dev.azure.com:443 HTTP/1.1\r\nHost: dev.azure.com:443\r\n\r\n');
    await once(socket, 'data');
    const ALPNProtocols = ['h2', 'http/1.1'];
    const tls = connectTls({
      socket,
      servername: 'dev.azure.com',
      ca: authority.certificatePem,
      ALPNProtocols,
    });
    await once(tls, 'secureConnect');
    assert.equal(tls.alpnProtocol, 'http/1.1');
    tls.destroy();
  });

  it('takes a TLS greeting that comes in one packet with CONNECT', async () => {
    const way = await start();
    const socket = connect(Number(new URL(way.proxyUrl).port), '127.0.0.1');
    let opening = 'CONNECT dev.azure.com:443 HTTP/1.1\r\nHost: dev.azure.com:443\r\n\r\n';
    let established = false;
    const impatient = new Duplex({
      read() {},
      write(chunk, _encoding, done) {
        socket.write(Buffer.concat([Buffer.from(opening), chunk]), done);
        opening = '';
      },
    });
    socket.on('data', (data) => {
      const end = established ? 0 : data.indexOf('\r\n\r\n') + 4;
      established = true;
      if (end < data.length) impatient.push(data.subarray(end));
    });
    const tls = connectTls({ socket: impatient, servername: 'dev.azure.com', ca: authority.certificatePem });
    tls.write('GET /early HTTP/1.1\r\nHost: dev.azure.com\r\n\r\n');
    const [answer] = await once(tls, 'data');
    assert.match(String(answer), /GET dev\.azure\.com \/early/);
    socket.destroy();
  });

  describe('with credentials', () => {
    const turnedDown: string[] = [];
    const startGuarded = () =>
      start({ credentials, unauthenticated: (host, method) => turnedDown.push(`${method} ${host}`) });

    for (const url of ['https://dev.azure.com/', 'http://dev.azure.com/']) {
      const method = url.startsWith('https') ? 'CONNECT' : 'GET';
      it(`asks everyone for them: ${method}`, async () => {
        const way = await startGuarded();
        turnedDown.length = 0;
        const target = method === 'CONNECT' ? 'dev.azure.com:443' : url;
        const answer = await raw(
          way,
          `${method} ${target} HTTP/1.1\r\nHost: dev.azure.com\r\nConnection: close\r\n\r\n`,
        );
        assert.match(answer, /^HTTP\/1\.1 407 Proxy Authentication Required\r\n/);
        assert.match(answer, /\r\nProxy-Authenticate: Basic realm="[^"]+"\r\n/);
        assert.deepEqual(turnedDown, [`${method} dev.azure.com`]);
      });

      it(`lets nobody in with wrong ones, and everybody with the right ones: ${method}`, async () => {
        const way = await startGuarded();
        const wrong = { ...way, proxyCredentials: { ...credentials, password: 'guess' } };
        // https-proxy-agent 9 gives a refusal of CONNECT to its request as the answer.
        assert.equal((await ask(wrong, url)).status, 407);
        const { text } = await ask({ ...way, proxyCredentials: credentials }, url);
        assert.equal(text, 'GET dev.azure.com / ');
      });
    }
  });

  it('gives the refusal of a host, for tunnels and for absolute form', async () => {
    const way = await start({ admit: (host) => ({ kind: 'refused', answer: plainText(403, `no ${host}`) }) });
    const tunnel = await raw(way, 'CONNECT example.org:443 HTTP/1.1\r\nHost: example.org\r\n\r\n');
    assert.match(tunnel, /^HTTP\/1\.1 403 Forbidden\r\n.*\r\nConnection: close\r\n\r\nno example\.org\n$/s);
    const absolute = await ask(way, 'http://example.org/');
    assert.deepEqual([absolute.status, absolute.text], [403, 'no example.org\n']);
  });

  const malformed: readonly [string, string, RegExp][] = [
    ['a tunnel to another port', 'CONNECT dev.azure.com:22 HTTP/1.1', /^HTTP\/1\.1 403 .*port 443/s],
    ['CONNECT without a port', 'CONNECT dev.azure.com HTTP/1.1', /^HTTP\/1\.1 400 /],
    ['a request that is not for a proxy', 'GET / HTTP/1.1', /^HTTP\/1\.1 400 .*This is a proxy/s],
    ['a proxy request for https', 'GET https://dev.azure.com/ HTTP/1.1', /^HTTP\/1\.1 400 /],
  ];
  for (const [what, line, answer] of malformed) {
    it(`refuses ${what}`, async () => {
      const way = await start();
      assert.match(await raw(way, `${line}\r\nHost: dev.azure.com\r\nConnection: close\r\n\r\n`), answer);
    });
  }

  it('resets connections, inside tunnels and outside', async () => {
    const way = await start({ serve: async ({ reset }) => reset() });
    await assert.rejects(ask(way, 'https://dev.azure.com/'), { code: 'ECONNRESET' });
    await assert.rejects(ask(way, 'http://dev.azure.com/'), { code: 'ECONNRESET' });
  });

  it('says so when a service fails by mistake, and goes on', async () => {
    const way = await start({ serve: () => Promise.reject(new Error('a mistake')) });
    const { status, text } = await ask(way, 'https://dev.azure.com/');
    assert.equal(status, 500);
    assert.match(text, /a mistake/);
  });

  it('survives clients that leave at any point', async () => {
    const way = await start();
    const port = Number(new URL(way.proxyUrl).port);
    for (const bytes of [
      '',
      'CONN',
      'CONNECT dev.azure.com:443 HTTP/1.1\r\nHost: x\r\n\r\n',
      'CONNECT dev.azure.com:443 HTTP/1.1\r\nHost: x\r\n\r\nno TLS at all',
    ]) {
      const socket = connect(port, '127.0.0.1');
      await once(socket, 'connect');
      socket.write(bytes);
      socket.resetAndDestroy();
    }
    assert.equal((await ask(way, 'https://dev.azure.com/')).status, 200);
  });

  it('closes with requests under way', async () => {
    let arrived = () => {};
    const underWay = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const way = await start({ serve: async () => arrived() });
    const answer = assert.rejects(ask(way, 'https://dev.azure.com/'));
    await underWay;
    await proxy?.close();
    await answer;
    await assert.rejects(ask(way, 'http://dev.azure.com/'), { code: 'ECONNREFUSED' });
  });
});
