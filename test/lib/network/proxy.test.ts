import assert from 'node:assert/strict';
import { type ProxyBypass, proxyFor, proxyFromStandardVariables } from '../../../lib/network/index.ts';

describe('the proxy a target is reached through', () => {
  const url = 'http://proxy.corp:3128';
  const goesThrough = (target: string, bypass: ProxyBypass) =>
    proxyFor(new URL(target), { url, bypass }) !== undefined;
  const noProxy = (target: string, ...entries: string[]) =>
    goesThrough(target, { form: 'no_proxy', entries });
  const agentList = (target: string, ...patterns: string[]) =>
    goesThrough(target, { form: 'agent', patterns });

  it('is none without settings', () => {
    assert.equal(proxyFor(new URL('https://sts.amazonaws.com'), undefined), undefined);
  });

  it('is the one configured, with the credentials encoded for a URL', () => {
    const proxy = proxyFor(new URL('https://sts.amazonaws.com'), {
      url,
      username: 'corp\\agent@ops',
      password: 'p:%/#ß',
      bypass: { form: 'no_proxy', entries: [] },
    });
    assert.equal(proxy?.origin, url);
    assert.equal(decodeURIComponent(proxy?.username ?? ''), 'corp\\agent@ops');
    assert.equal(decodeURIComponent(proxy?.password ?? ''), 'p:%/#ß');
  });

  it('is none for plain HTTP, loopback and link-local targets', () => {
    for (const target of [
      'http://sts.amazonaws.com',
      'https://localhost',
      'https://127.0.0.1:8443',
      'https://127.8.8.8',
      'https://[::1]',
      'https://169.254.169.254/latest',
    ]) {
      assert(!noProxy(target), target);
    }
  });

  describe('NO_PROXY', () => {
    const cases: [entry: string, target: string, bypassed: boolean][] = [
      ['*', 'https://sts.amazonaws.com', true],
      ['sts.amazonaws.com', 'https://sts.amazonaws.com', true],
      ['STS.Amazonaws.COM', 'https://sts.amazonaws.com', true],
      ['amazonaws.com', 'https://sts.eu-west-1.amazonaws.com', true],
      ['.amazonaws.com', 'https://sts.eu-west-1.amazonaws.com', true],
      ['*.amazonaws.com', 'https://sts.eu-west-1.amazonaws.com', true],
      ['.amazonaws.com', 'https://amazonaws.com', true],
      ['amazonaws.com', 'https://notamazonaws.com', false],
      ['amazonaws.com', 'https://amazonaws.com.evil.example', false],
      ['aws', 'https://sts.amazonaws.com', false],
      ['sts.amazonaws.com:443', 'https://sts.amazonaws.com', true],
      ['sts.amazonaws.com:8443', 'https://sts.amazonaws.com', false],
      ['sts.amazonaws.com:8443', 'https://sts.amazonaws.com:8443', true],
      ['sts.amazonaws.com', 'https://sts.amazonaws.com:8443', true],
      ['10.1.2.3', 'https://10.1.2.3', true],
      ['2.3', 'https://10.1.2.3', false],
      ['[fd00::7]', 'https://[fd00::7]', true],
      ['[fd00::7]:8443', 'https://[fd00::7]', false],
      ['[fd00::7]:443', 'https://[fd00::7]', true],
      ['fd00::7', 'https://[fd00::7]', true],
      ['FD00:0:0::7', 'https://[fd00::7]', true],
      ['fd00::8', 'https://[fd00::7]', false],
      // Networks, as curl reads them from 7.86 on (its documentation of --noproxy).
      ['10.0.0.0/8', 'https://10.255.255.255', true],
      ['10.0.0.0/8', 'https://11.0.0.0', false],
      ['10.1.2.3/32', 'https://10.1.2.3', true],
      ['10.1.2.3/32', 'https://10.1.2.4', false],
      ['0.0.0.0/0', 'https://8.8.8.8', true],
      ['10.0.0.0/33', 'https://10.0.0.0', false],
      ['10.0.0.0/', 'https://10.0.0.0', false],
      ['10.0.0.0/a', 'https://10.0.0.0', false],
      ['amazonaws.com/8', 'https://amazonaws.com', false],
      ['10.0.0.0/8', 'https://sts.amazonaws.com', false],
      ['10.0.0.0/8', 'https://[fd00::7]', false],
      ['fd00::/8', 'https://[fd00::7]', true],
      ['fd00::/8', 'https://[fe80::7]', false],
      ['fd00::/129', 'https://[fd00::7]', false],
      ['::/0', 'https://10.1.2.3', false],
    ];
    for (const [entry, target, bypassed] of cases) {
      it(`${entry} ${bypassed ? 'covers' : 'does not cover'} ${target}`, () => {
        assert.equal(!noProxy(target, 'other.example', entry), bypassed);
      });
    }
  });

  describe("the agent's bypass list", () => {
    // AgentWebProxy.cs: IgnoreCase, over `scheme://host[:port]`, the port only where it is not the scheme's own.
    const cases: [pattern: string, target: string, bypassed: boolean][] = [
      ['amazonaws\\.com', 'https://sts.amazonaws.com/path', true],
      ['AMAZONAWS', 'https://sts.amazonaws.com', true],
      ['^https://sts\\.amazonaws\\.com$', 'https://sts.amazonaws.com/path?query', true],
      ['\\.corp:8443$', 'https://git.corp:8443/', true],
      [':443', 'https://sts.amazonaws.com:443/', false],
      ['secret', 'https://sts.amazonaws.com/?secret', false],
      ['^sts', 'https://sts.amazonaws.com', false],
    ];
    for (const [pattern, target, bypassed] of cases) {
      it(`${pattern} ${bypassed ? 'covers' : 'does not cover'} ${target}`, () => {
        assert.equal(!agentList(target, 'other\\.example', pattern), bypassed);
      });
    }
  });
});

describe('the standard proxy variables', () => {
  it('say nothing when they are not set', () => {
    assert.equal(proxyFromStandardVariables({ HTTP_PROXY: 'http://proxy:1', HTTPS_PROXY: '' }), undefined);
  });

  it('are read with credentials and exceptions', () => {
    assert.deepEqual(
      proxyFromStandardVariables({
        HTTPS_PROXY: 'http://agent:p%40ss@proxy.corp:3128/',
        NO_PROXY: ' .corp, localhost,,10.0.0.1 example.org ',
      }),
      {
        url: 'http://proxy.corp:3128',
        username: 'agent',
        password: 'p@ss',
        bypass: { form: 'no_proxy', entries: ['.corp', 'localhost', '10.0.0.1', 'example.org'] },
      },
    );
  });

  it('in lower case come first, as curl reads them', () => {
    const proxy = proxyFromStandardVariables({
      https_proxy: 'http://low:1',
      HTTPS_PROXY: 'http://high:1',
      no_proxy: 'low.example',
      NO_PROXY: 'high.example',
    });
    assert.equal(proxy?.url, 'http://low:1');
    assert.deepEqual(proxy?.bypass, { form: 'no_proxy', entries: ['low.example'] });
  });

  it('may lack the scheme', () => {
    assert.equal(
      proxyFromStandardVariables({ HTTPS_PROXY: 'proxy.corp:3128' })?.url,
      'http://proxy.corp:3128',
    );
  });

  it('may hold a password with a per cent sign of its own', () => {
    assert.equal(proxyFromStandardVariables({ HTTPS_PROXY: 'http://u:100%@proxy:1' })?.password, '100%');
  });
});
