import assert from 'node:assert/strict';
import { unreachable } from '../../../lib/aws/unreachable.ts';
import { AuthoritiesError } from '../../../lib/network/connections.ts';
import { type NetworkSettings, ProxyRefusedError, TimedOutError } from '../../../lib/network/index.ts';

const sts = new URL('https://sts.eu-west-1.amazonaws.com/');
const throughProxy: NetworkSettings = {
  proxy: {
    url: 'http://proxy.corp:3128',
    username: 'agent',
    password: 's3cret',
    bypass: { form: 'no_proxy', entries: [] },
  },
};
const proxy = new URL('http://agent:s3cret@proxy.corp:3128');
const coded = (code: string) => Object.assign(new Error('it says'), { code });

describe('a service that cannot be reached', () => {
  const cases: Record<string, [error: Error, network: NetworkSettings, code: string, texts: RegExp[]]> = {
    'whose name is not known': [
      coded('ENOTFOUND'),
      {},
      'SERVICE_UNREACHABLE',
      [/name is not known/, /directly/],
    ],
    'that refuses connections': [
      coded('ECONNREFUSED'),
      {},
      'SERVICE_UNREACHABLE',
      [/refused/, /ECONNREFUSED/],
    ],
    'that breaks them off': [
      coded('ECONNRESET'),
      {},
      'SERVICE_UNREACHABLE',
      [/broken off/, /create-vpc-endpoint .*com\.amazonaws\.eu-west-1\.sts /],
    ],
    'that does not answer in time': [
      new TimedOutError('connect', sts.host),
      throughProxy,
      'SERVICE_UNREACHABLE',
      [/no answer in time/, /through the proxy proxy\.corp:3128/],
    ],
    'whose certificate nobody here knows': [
      coded('SELF_SIGNED_CERT_IN_CHAIN'),
      throughProxy,
      'TLS_UNTRUSTED',
      [/SELF_SIGNED_CERT_IN_CHAIN/, /--sslcacert/, /NODE_EXTRA_CA_CERTS/],
    ],
    'because the file of authorities cannot be read': [
      new AuthoritiesError('/agent/ca.pem', coded('ENOENT')),
      {},
      'TLS_UNTRUSTED',
      [/\/agent\/ca\.pem cannot be read/],
    ],
    'because the proxy wants credentials': [
      new ProxyRefusedError(proxy, 407, 'Proxy Authentication Required'),
      throughProxy,
      'PROXY_REFUSED',
      [/status 407/, /--proxyusername/],
    ],
    'because the proxy forbids it': [
      new ProxyRefusedError(proxy, 403, 'Forbidden'),
      throughProxy,
      'PROXY_REFUSED',
      [/status 403/, /Allow sts\.eu-west-1\.amazonaws\.com:443/, /NO_PROXY/],
    ],
  };
  for (const [what, [cause, network, code, texts]] of Object.entries(cases)) {
    it(`${what} is named, with the way to it and what to do`, async () => {
      const error = await unreachable(cause, sts, network);
      assert.equal(error?.code, code);
      assert.equal(error?.cause, cause);
      const text = JSON.stringify(error?.fault);
      assert(text.includes(sts.host));
      for (const expected of texts) assert.match(text, expected);
      assert.doesNotMatch(text, /s3cret/);
    });
  }

  describe('directly', () => {
    const refused = coded('ECONNREFUSED');

    it('is shown with what its name means here, private or public', async () => {
      const local = await unreachable(refused, new URL('https://localhost/'), {});
      assert.match(local?.fault.why ?? '', /the name localhost means .*(127\.0\.0\.1|::1) \(private\)/);
    });

    it('is shown with a name that means nothing here', async () => {
      const nowhere = await unreachable(refused, new URL('https://sts.eu-west-1.invalid/'), {});
      assert.match(
        nowhere?.fault.why ?? '',
        /the name sts\.eu-west-1\.invalid (is not known|has no address)/,
      );
    });

    it('is not looked up where the lookup has failed already, nor behind a proxy', async () => {
      const byName = await unreachable(coded('ENOTFOUND'), new URL('https://localhost/'), {});
      assert.doesNotMatch(byName?.fault.why ?? '', /means/);
      const proxied = await unreachable(refused, sts, throughProxy);
      assert.doesNotMatch(proxied?.fault.why ?? '', /the name/);
      assert.match(proxied?.fault.remedy ?? '', /The proxy was reached/);
    });

    it('as an address of the machine or its network is no matter of proxies', async () => {
      for (const address of ['http://169.254.169.254', 'http://10.0.0.7:8080', 'http://[fd00:ec2::254]']) {
        const error = await unreachable(refused, new URL(`${address}/metadata/x?y`), {});
        const { why = '', remedy = '' } = error?.fault ?? {};
        assert.doesNotMatch(why, /means/);
        assert(remedy.includes(`curl -v ${address}/`), remedy);
        assert.match(remedy, /Only the machine itself/);
        assert.doesNotMatch(remedy, /proxyurl|vpc-endpoint/);
      }
    });

    it('as a public address is one of proxies', async () => {
      const error = await unreachable(refused, new URL('https://20.42.5.1/'), {});
      assert.match(error?.fault.remedy ?? '', /--proxyurl/);
    });

    it('has no VPC endpoint where it is no service of AWS', async () => {
      const error = await unreachable(refused, new URL('https://localhost/'), {});
      assert.doesNotMatch(error?.fault.remedy ?? '', /vpc-endpoint/);
    });

    it('is advised a gateway for S3', async () => {
      const s3 = new URL('https://prod-eu-west-1-starport-layer-bucket.s3.eu-west-1.amazonaws.com/');
      const error = await unreachable(coded('ENOTFOUND'), s3, {});
      assert.match(
        error?.fault.remedy ?? '',
        /com\.amazonaws\.eu-west-1\.s3 --vpc-endpoint-type Gateway --route-table-ids/,
      );
    });
  });

  it('is not one that has spoken', async () => {
    assert.equal(await unreachable(new Error('AccessDenied'), sts, {}), undefined);
  });
});
