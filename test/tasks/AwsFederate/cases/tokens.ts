/** Where ID tokens come from, and what is read from them. */
import assert from 'node:assert/strict';
import { callsOf, errorCode, logOf, stepNamed } from '../../../rig/findings.ts';
import type { Trial } from '../../../rig/trial.ts';
import { connectionId, sessionOf, type TaskCase } from './task-case.ts';

const readOutputs = `
  - bash: |
      echo "account $(aws.accountId)"
      echo "role $(aws.assumedRoleArn)"
      echo "issuer $(aws.issuer)"
      echo "subject $(aws.subject)"
      echo "audience $(aws.audience)"
      echo "expiration $(aws.expiration)"
    displayName: Read the outputs`;

const project = '3f5a7b9c-1d2e-4f60-8a1b-2c3d4e5f6071';

/** The one request for a token, as the service documents it. */
function assertTokenRequest(trial: Trial, hub: 'build' | 'release'): void {
  const [request, ...more] = callsOf(trial, 'oidctoken');
  assert(request && more.length === 0);
  assert.match(
    request.path,
    new RegExp(
      `^/contoso/${project}/_apis/distributedtask/hubs/${hub}/plans/[0-9a-f-]{36}/jobs/[0-9a-f-]{36}/oidctoken$`,
    ),
  );
  assert.equal(request.query.get('serviceConnectionId'), connectionId);
  assert.equal(request.query.get('api-version'), '7.1');
  assert.equal(request.headers['x-tfs-fedauthredirect'], 'Suppress');
}

const vstoken = 'https://vstoken.dev.azure.com/8a6e0c57-41b9-4d0e-9c3a-5f2d7e1b6a90';
const entra = 'https://login.microsoftonline.com/0b1f3c5d-7e92-4a46-b8d0-c2e4f6a81357/v2.0';

export const tokens: readonly TaskCase[] = [
  {
    name: 'a build takes a token of Azure DevOps’ own issuer, and later steps read what was in it',
    pipeline: `
steps:
  - task: AwsFederate@1
    name: aws
    inputs:
      identity: connection
      awsConnection: aws-production
${readOutputs}`,
    expect(trial) {
      assert.equal(trial.record.result, 'Succeeded');
      assertTokenRequest(trial, 'build');
      const read = logOf(stepNamed(trial, 'Read the outputs'));
      assert(read.includes('account 111122223333\n'));
      assert(read.includes(`role ${sessionOf('deployer')}\n`));
      assert(read.includes(`issuer ${vstoken}\n`));
      assert(read.includes('subject sc://contoso/shop/aws-production\n'));
      assert(read.includes('audience api://AzureADTokenExchange\n'));
      const [, expiration = ''] = /^expiration (.+)$/m.exec(read) ?? [];
      const seconds = (Date.parse(expiration) - Date.now()) / 1000;
      assert(seconds > 3500 && seconds <= 3601, expiration);
      assert.match(logOf(trial.task), /^valid until +\S+ \(300 s after it was issued\)$/m);
    },
  },
  {
    name: 'a release takes a token of Entra, whose azp is the audience that IAM compares',
    host: 'release',
    world: { connections: { 'aws-production': { issuer: 'entra' } } },
    pipeline: `
steps:
  - task: AwsFederate@1
    name: aws
    inputs:
      serviceConnection: aws-production
${readOutputs}`,
    expect(trial) {
      assert.equal(trial.record.result, 'Succeeded');
      assertTokenRequest(trial, 'release');
      const read = logOf(stepNamed(trial, 'Read the outputs'));
      assert(read.includes(`issuer ${entra}\n`));
      assert.match(read, new RegExp(`^subject /eid1/c/pub/t/.+/${connectionId}$`, 'm'));
      assert(read.includes('audience 499b84ac-1321-427f-aa17-267ca6975798\n'));
      // Both values are told, and which one counts.
      assert.match(
        logOf(trial.task),
        /^audience +499b84ac-\S+ \(the token's azp, which IAM compares; its aud is fb60f99c-\S+\)$/m,
      );
    },
  },
  ...(['build', 'release'] as const).map(
    (host): TaskCase => ({
      name: `a ${host} on an agent that does not say where tokens are had finds the place itself`,
      host,
      variables: { 'System.OidcRequestUri': '' },
      pipeline: `
steps:
  - task: AwsFederate@1
    inputs:
      awsConnection: ${connectionId}`,
      expect(trial) {
        assert.equal(trial.record.result, 'Succeeded');
        assertTokenRequest(trial, host);
        assert.equal(callsOf(trial, 'GetCallerIdentity').at(-1)?.status, 200);
      },
    }),
  ),
  {
    name: 'Azure DevOps Server, which has no issuer, is told so without a request',
    variables: { 'System.ServerType': 'OnPremises' },
    pipeline: `
steps:
  - task: AwsFederate@1
    inputs:
      awsConnection: aws-production`,
    expect(trial) {
      assert.equal(errorCode(trial.task), 'ID_TOKEN_NOT_ISSUED_HERE');
      assert.match(
        logOf(trial.task),
        /On Azure DevOps Server two identities work .*\n +identity: managedIdentity .*\n +identity: environment /,
      );
      assert.deepEqual(trial.requests, []);
    },
  },
  {
    name: 'a later job reads the outputs, and none of the credentials',
    pipeline: `
jobs:
  - job: federate
    steps:
      - task: AwsFederate@1
        name: aws
        inputs:
          awsConnection: aws-production
  - job: deploy
    dependsOn: federate
    variables:
      account: $[ dependencies.federate.outputs['aws.accountId'] ]
      session: $[ dependencies.federate.outputs['aws.assumedRoleArn'] ]
    steps:
      - bash: echo "$(session) in $(account), profile '$AWS_PROFILE'"
        displayName: Read them`,
    expect(trial) {
      assert.match(
        logOf(stepNamed(trial, 'Read them')),
        new RegExp(`^${sessionOf('deployer')} in 111122223333, profile ''$`, 'm'),
      );
    },
  },
];
