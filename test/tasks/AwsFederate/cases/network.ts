/** The way out: the agent's proxy, or the machine's. */
import assert from 'node:assert/strict';
import { callsOf, errorCode, logOf, stepNamed } from '../../../rig/findings.ts';
import type { Trial } from '../../../rig/trial.ts';
import { step, type TaskCase } from './task-case.ts';

/**
 * Makes STS's endpoint an address at which the sandbox's proxy itself answers, without TLS. Only whoever goes there
 * directly finds that out; the proxy connects nobody to it.
 */
const moveSts = `
  - bash: echo "##vso[task.setvariable variable=AWS_ENDPOINT_URL_STS]https://0.0.0.0:\${no_proxy_at##*:}"
    env:
      no_proxy_at: `;

function assertWentDirectly(trial: Trial): void {
  assert.equal(errorCode(trial.task), 'TLS_UNTRUSTED');
  assert.match(logOf(trial.task), /0\.0\.0\.0:\d+ is reached directly, without a proxy: /);
  assert.deepEqual(
    trial.requests.map(({ host, status }) => [host, status]),
    [['dev.azure.com', 200]],
  );
}

export const network: readonly TaskCase[] = [
  {
    name: 'the agent’s proxy and CA alone are enough, password included, and the renewing helper has them too',
    world: {
      machine: { proxyVariables: false, proxyUser: 'agent', proxyPassword: 'p@ss: wörd/+%' },
      accounts: { '111122223333': { roles: { deployer: { sessionLifetime: 6 } } } },
    },
    pipeline: `
steps:
  - task: AwsFederate@1
    inputs:
      awsConnection: aws-production
  - bash: |
      env | grep -ci -e '^https_proxy=' -e '^NODE_EXTRA_CA_CERTS=' -e '^AGENT_PROXYPASSWORD='
      sleep 5
      ${step('credentials.mjs')}
    displayName: Renew`,
    expect(trial) {
      assert.equal(trial.record.result, 'Succeeded');
      const renewed = logOf(stepNamed(trial, 'Renew'));
      assert.match(renewed, /^0$/m);
      assert.match(renewed, /^exit code 0, version 1, session ASIA/m);
      assert.deepEqual(
        callsOf(trial, 'AssumeRoleWithWebIdentity').map(({ status }) => status),
        [200, 200],
      );
    },
  },
  {
    name: 'hosts on the agent’s bypass list are reached directly',
    world: { machine: { proxyVariables: false } },
    variables: { 'Agent.ProxyBypassList': '["(", "corp\\\\.example", "https://0\\\\.0\\\\.0\\\\.0"]' },
    pipeline: `
steps:${moveSts}$(Agent.ProxyUrl)
  - task: AwsFederate@1
    inputs:
      awsConnection: aws-production`,
    expect: assertWentDirectly,
  },
  {
    name: 'an agent without a proxy of its own takes the machine’s',
    world: { machine: { proxyUser: 'agent', proxyPassword: 'p@ss: wörd/+%' } },
    variables: {
      ...{ 'Agent.ProxyUrl': '', 'Agent.ProxyUsername': '', 'Agent.ProxyPassword': '' },
      ...{ 'Agent.ProxyBypassList': '', 'Agent.CAInfo': '' },
    },
    pipeline: `
steps:
  - task: AwsFederate@1
    inputs:
      awsConnection: aws-production`,
    expect(trial) {
      assert.equal(trial.record.result, 'Succeeded');
      assert.equal(trial.job.variables['Agent.ProxyUrl'], '');
      assert.equal(callsOf(trial, 'GetCallerIdentity')[0]?.status, 200);
    },
  },
  {
    name: 'NO_PROXY keeps hosts from the machine’s proxy',
    variables: { 'Agent.ProxyUrl': '' },
    environment: { no_proxy: 'corp.example,0.0.0.0' },
    pipeline: `
steps:${moveSts}$(HTTPS_PROXY)
  - task: AwsFederate@1
    inputs:
      awsConnection: aws-production`,
    expect: assertWentDirectly,
  },
];
