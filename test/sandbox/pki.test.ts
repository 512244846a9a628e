import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ConnectionOptions, connect, TLSSocket } from 'node:tls';
import { type Authority, createAuthority } from '../../sandbox/pki.ts';

const host = 'sts.eu-west-1.amazonaws.com';

/** One handshake with a server that has the authority's certificate for `host`. */
async function handshake(authority: Authority, options: ConnectionOptions) {
  const secureContext = await authority.contextFor(host);
  const server = createServer((socket) => {
    const tls = new TLSSocket(socket, { isServer: true, secureContext });
    tls.on('error', () => socket.destroy());
    tls.once('data', (data) => tls.end(data));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const { port } = server.address() as AddressInfo;
    const socket = connect({ host: '127.0.0.1', port, servername: host, ...options });
    const seen: { certificate?: X509Certificate; session?: Buffer; reused?: boolean } = {};
    socket.on('session', (session) => {
      seen.session = session;
    });
    socket.once('secureConnect', () => {
      const peer = socket.getPeerX509Certificate();
      if (peer !== undefined) seen.certificate = new X509Certificate(peer.raw);
      seen.reused = socket.isSessionReused();
      socket.write('x');
    });
    socket.resume();
    await once(socket, 'close');
    return seen;
  } finally {
    server.close();
  }
}

/** The certificate the authority gives `host`, as a client that trusts it sees it. */
async function leafOf(authority: Authority): Promise<X509Certificate> {
  const { certificate } = await handshake(authority, { ca: authority.certificatePem });
  assert.ok(certificate);
  return certificate;
}

describe('sandbox/pki', () => {
  it('makes leafs that name their host and that only their own authority vouches for', async () => {
    const authority = await createAuthority('One');
    const other = await createAuthority('Another');
    const certificate = await leafOf(authority);
    const ca = new X509Certificate(authority.certificatePem);
    assert.equal(certificate.checkHost(host), host);
    assert.equal(certificate.checkHost('sts.amazonaws.com'), undefined);
    assert.ok(certificate.checkIssued(ca) && certificate.verify(ca.publicKey));
    assert.equal(certificate.ca, false);
    assert.equal(ca.ca, true);
    assert.equal(certificate.publicKey.asymmetricKeyDetails?.namedCurve, 'prime256v1');
    await assert.rejects(handshake(authority, { ca: other.certificatePem }), {
      code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    });
  });

  it('makes one certificate a host', async () => {
    const authority = await createAuthority('One');
    assert.equal(await authority.contextFor(host), await authority.contextFor(host));
    assert.notEqual(await authority.contextFor(host), await authority.contextFor('dev.azure.com'));
  });

  it('lets clients resume their TLS sessions', async () => {
    const authority = await createAuthority('One');
    const first = await handshake(authority, { ca: authority.certificatePem });
    assert.equal(first.reused, false);
    assert.ok(first.session);
    const second = await handshake(authority, { ca: authority.certificatePem, session: first.session });
    assert.equal(second.reused, true);
  });

  it('passes the checks of OpenSSL in its strict form', async function () {
    if (spawnSync('openssl', ['version']).status !== 0) this.skip();
    const authority = await createAuthority('One');
    const certificate = await leafOf(authority);
    const folder = await mkdtemp(join(tmpdir(), 'pki-'));
    try {
      const [caFile, leafFile] = [join(folder, 'ca.pem'), join(folder, 'leaf.pem')];
      await writeFile(caFile, authority.certificatePem);
      await writeFile(leafFile, certificate.toString());
      const verify = ['verify', '-x509_strict', '-purpose', 'sslserver', '-verify_hostname'];
      const good = spawnSync('openssl', [...verify, host, '-CAfile', caFile, leafFile], { encoding: 'utf8' });
      assert.equal(good.status, 0, good.stderr);
      const wrong = spawnSync('openssl', [...verify, 'example.org', '-CAfile', caFile, leafFile]);
      assert.notEqual(wrong.status, 0);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
