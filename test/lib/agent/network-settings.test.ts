import assert from 'node:assert/strict';
import { networkSettings } from '../../../lib/agent/index.ts';
import { agentOf } from './job-environment.ts';

describe("the machine's way to the network", () => {
  const agentProxy = {
    variables: {
      'Agent.ProxyUrl': 'http://proxy.corp:3128',
      'Agent.ProxyUsername': 'agent',
      'Agent.ProxyBypassList': '["\\\\.corp","^https://github\\\\.com"]',
      'Agent.CAInfo': '/agent/ca.pem',
    },
    secrets: { 'Agent.ProxyPassword': 'p@ss' },
  };

  it("is the agent's proxy and authority where it was configured with them", () => {
    const standard = { HTTPS_PROXY: 'http://other:1', NO_PROXY: '*' };
    assert.deepEqual(networkSettings(agentOf(agentProxy), standard), {
      proxy: {
        url: 'http://proxy.corp:3128',
        username: 'agent',
        password: 'p@ss',
        bypass: { form: 'agent', patterns: ['\\.corp', '^https://github\\.com'] },
      },
      caFiles: ['/agent/ca.pem'],
    });
  });

  it('is that of the standard variables otherwise', () => {
    const settings = networkSettings(agentOf({}), {
      HTTPS_PROXY: 'http://other:1',
      NO_PROXY: 'localhost',
      NODE_EXTRA_CA_CERTS: '/etc/company.pem',
    });
    assert.equal(settings.proxy?.url, 'http://other:1');
    assert.deepEqual(settings.proxy?.bypass, { form: 'no_proxy', entries: ['localhost'] });
    assert.deepEqual(settings.caFiles, ['/etc/company.pem']);
  });

  it('trusts both authorities where both are named', () => {
    const settings = networkSettings(agentOf(agentProxy), { NODE_EXTRA_CA_CERTS: '/etc/company.pem' });
    assert.deepEqual(settings.caFiles, ['/agent/ca.pem', '/etc/company.pem']);
  });

  it('is direct where nothing is said', () => {
    assert.deepEqual(networkSettings(agentOf({}), {}), { proxy: undefined, caFiles: [] });
  });

  const lists: Record<string, string> = {
    'a pattern that is no regular expression': '["(", "\\\\.corp"]',
    'an entry that is no text': '[1, null, "\\\\.corp"]',
  };
  for (const [what, list] of Object.entries(lists)) {
    it(`passes over ${what} in the bypass list, as the agent does`, () => {
      const variables = { ...agentProxy.variables, 'Agent.ProxyBypassList': list };
      const { proxy } = networkSettings(agentOf({ variables }), {});
      assert.deepEqual(proxy?.bypass, { form: 'agent', patterns: ['\\.corp'] });
    });
  }

  it('stands without a bypass list, or with one that is none', () => {
    for (const list of ['', '{}', '\\.corp']) {
      const variables = { ...agentProxy.variables, 'Agent.ProxyBypassList': list };
      const { proxy } = networkSettings(agentOf({ variables }), {});
      assert.deepEqual(proxy?.bypass, { form: 'agent', patterns: [] });
    }
  });
});
