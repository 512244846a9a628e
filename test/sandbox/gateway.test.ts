import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Gateway } from '../../sandbox/gateway.ts';
import { json } from '../../sandbox/http.ts';
import { createAuthority } from '../../sandbox/pki.ts';
import { contoso } from './contoso.ts';

/** What the proxy's clients meet is in sandbox.test.ts; this is how services read each other. */
describe('sandbox/gateway: a document read by a service', () => {
  const issuer = 'https://issuer.example/keys?x=1';

  async function gatewayOf() {
    const world = contoso();
    const gateway = new Gateway({
      world,
      now: () => new Date(0),
      sites: [
        {
          serves: (host) => host === 'issuer.example',
          service: ({ method, rawUrl, headers, at }) => json(200, { method, rawUrl, headers, at }),
        },
      ],
      trusted: await createAuthority('Trusted'),
      untrusted: await createAuthority('Untrusted'),
    });
    return { gateway, world };
  }

  it('is what a client would get', async () => {
    const { gateway } = await gatewayOf();
    const { status, body } = await gateway.get(issuer);
    assert.equal(status, 200);
    assert.deepEqual(JSON.parse(String(body)), {
      method: 'GET',
      rawUrl: '/keys?x=1',
      headers: { host: 'issuer.example' },
      at: '1970-01-01T00:00:00.000Z',
    });
    assert.deepEqual(
      gateway.log.entries.map(({ path, status }) => [path, status]),
      [['/keys', 200]],
    );
  });

  it('comes over https, from hosts that are there', async () => {
    const { gateway } = await gatewayOf();
    await assert.rejects(gateway.get('http://issuer.example/keys'), /is not an https URL/);
    await assert.rejects(gateway.get('https://example.org/keys'), /example\.org cannot be reached/);
  });

  it('comes from a routed server', async () => {
    const { gateway, world } = await gatewayOf();
    const server = createServer((incoming, outgoing) => {
      outgoing.setHeader('X-Seen', ['a', 'b']);
      outgoing.end(`${incoming.headers.host} ${incoming.url}`);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    world.routes['issuer.example'] = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
      const { status, headers, body } = await gateway.get(issuer);
      assert.deepEqual([status, String(body)], [200, 'issuer.example /keys?x=1']);
      assert.equal(headers['x-seen'], 'a, b');
    } finally {
      gateway.close();
      server.close();
    }
  });
});
