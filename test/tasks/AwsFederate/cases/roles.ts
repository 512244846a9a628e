/** Which role, by which way, and in which account. */
import assert from 'node:assert/strict';
import { callsOf, errorCode, logOf } from '../../../rig/findings.ts';
import { archivist, deployer, publisher, reader, sessionOf, type TaskCase } from './task-case.ts';

export const roles: readonly TaskCase[] = [
  {
    name: 'a role in the inputs wins over the connection’s, white space around it or not',
    pipeline: `
steps:
  - task: AwsFederate@1
    inputs:
      awsConnection: aws-production
      roleArn: "  ${reader}\\n"`,
    expect(trial) {
      assert.equal(trial.job.outputs['AwsFederate.assumedRoleArn'], sessionOf('reader'));
      assert.deepEqual(
        callsOf(trial, 'AssumeRoleWithWebIdentity').map(({ form }) => form?.RoleArn),
        [reader],
      );
    },
  },
  {
    name: 'roles are assumed one after the other, each hop with the external ID',
    pipeline: `
steps:
  - task: AwsFederate@1
    name: aws
    inputs:
      awsConnection: aws-production
      roleToAssume: ${deployer}
      chainRoleArns: |
        ${publisher}
        ${archivist}
      externalId: shop-42
      sessionDuration: 7200`,
    expect(trial) {
      assert.equal(trial.record.result, 'Succeeded');
      assert.equal(trial.job.outputs['aws.assumedRoleArn'], sessionOf('archivist', '444455556666'));
      assert.equal(trial.job.outputs['aws.accountId'], '444455556666');
      const [first, ...hops] = trial.requests.flatMap(({ form }) => (form?.RoleArn ? [form] : []));
      assert.equal(first?.ExternalId, undefined);
      assert.deepEqual(
        hops.map(({ RoleArn, ExternalId, DurationSeconds }) => [RoleArn, ExternalId, DurationSeconds]),
        [
          [publisher, 'shop-42', '3600'],
          [archivist, 'shop-42', '3600'],
        ],
      );
      assert.match(trial.task.issues[0]?.message ?? '', /end after one hour: 3600 s .* instead of 7200/);
      assert.match(logOf(trial.task), new RegExp(`\\[group\\]Assume ${archivist} as publisher$`, 'm'));
    },
  },
  {
    name: 'the chain, the external ID and the allowed accounts may stand in the connection',
    host: 'release',
    world: {
      connections: {
        'aws-production': {
          data: {
            chainRoleArns: publisher,
            externalId: 'shop-42',
            allowedAccounts: '999999999999,444455556666',
          },
        },
      },
    },
    pipeline: `
steps:
  - task: AwsFederate@1
    name: aws
    inputs:
      awsConnection: aws-production`,
    expect(trial) {
      assert.equal(trial.job.outputs['aws.assumedRoleArn']?.split('/')[1], 'publisher');
      assert.equal(callsOf(trial, 'AssumeRole')[0]?.form?.ExternalId, 'shop-42');
    },
  },
  {
    name: 'an account that is allowed is entered',
    pipeline: `
steps:
  - task: AwsFederate@1
    inputs:
      awsConnection: aws-production
      allowedAccounts: 444455556666, 111122223333`,
    expect(trial) {
      assert.equal(trial.job.outputs['AwsFederate.accountId'], '111122223333');
    },
  },
  {
    name: 'an account that is not allowed is not even asked',
    pipeline: `
steps:
  - task: AwsFederate@1
    inputs:
      awsConnection: aws-production
      allowedAccountIds: "444455556666"`,
    expect(trial) {
      assert.equal(errorCode(trial.task), 'ACCOUNT_NOT_ALLOWED');
      assert.match(logOf(trial.task), /Account 111122223333 .*\nWhy: Allowed: 444455556666\./);
      assert.deepEqual(trial.requests, []);
    },
  },
];
