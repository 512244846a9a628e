/** What goes wrong with inputs, chained roles, the proof, and what is handed to later steps. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { logOf, stepNamed } from '../../rig/findings.ts';
import { stsError } from '../answers.ts';
import type { FaultRow } from '../fault-row.ts';
import { pastAll } from './counts.ts';

const task = 'AwsFederate@1';
const host = 'sts.eu-west-1.amazonaws.com';
const publisher = 'arn:aws:iam::444455556666:role/publisher';
const chain = { chainRoleArns: publisher, externalId: 'shop-42' };

const faults = (...list: readonly object[]) => ({ faults: list });
const toTheRole = { oidctoken: 1, AssumeRoleWithWebIdentity: 1 } as const;

const inputs = 'inputs';
const chained = 'chained role';
const identity = 'identity';
const handOff = 'hand-off';

const assumeRole = { host, operation: 'AssumeRole' };
const getCallerIdentity = { host, operation: 'GetCallerIdentity' };

/** The step, after one that has done something to the agent's temp folder. */
const after = (script: string) => `
steps:
  - bash: ${script}
  - task: AwsFederate@1
    inputs:
      awsConnection: aws-production`;

export const inputRows: readonly FaultRow[] = [
  {
    ...{ task, phase: inputs, class: 'no role is named', code: 'INPUT_INVALID', deadline: 10 },
    world: { connections: { 'aws-production': { data: { roleArn: null } } } },
    requests: {},
  },
  {
    ...{
      task,
      phase: inputs,
      class: 'role and region are of two partitions',
      code: 'INPUT_INVALID',
      deadline: 10,
    },
    inputs: { region: 'cn-north-1' },
    requests: {},
  },
  {
    ...{
      task,
      phase: inputs,
      class: 'the account is not allowed',
      code: 'ACCOUNT_NOT_ALLOWED',
      deadline: 10,
    },
    inputs: { allowedAccounts: '999999999999' },
    requests: {},
  },
];

export const chainedRoleRows: readonly FaultRow[] = [
  {
    ...{
      task,
      phase: chained,
      class: 'access denied, wrong external ID',
      code: 'ACCESS_DENIED',
      deadline: 10,
    },
    inputs: { ...chain, externalId: 'shop-43' },
    requests: { ...toTheRole, AssumeRole: 1 },
    expect: ({ task }) => assert.match(logOf(task), /"sts:ExternalId": "shop-43"/),
  },
  {
    ...{
      task,
      phase: chained,
      class: 'access denied, not allowed to assume it',
      code: 'ACCESS_DENIED',
      deadline: 10,
    },
    world: { accounts: { '111122223333': { roles: { deployer: { policies: { chain: null } } } } } },
    inputs: chain,
    requests: { ...toTheRole, AssumeRole: 1 },
    expect: ({ task }) => assert.match(logOf(task), /put-role-policy --role-name deployer/),
  },
  {
    ...{
      task,
      phase: chained,
      class: 'access denied at the second hop',
      code: 'ACCESS_DENIED',
      deadline: 10,
    },
    world: { accounts: { '444455556666': { roles: { archivist: null } } } },
    inputs: { ...chain, chainRoleArns: `${publisher}\narn:aws:iam::444455556666:role/archivist` },
    requests: { ...toTheRole, AssumeRole: 2 },
  },
  {
    ...{ task, phase: chained, class: 'throttled twice, then fine', code: 'SUCCEEDED', deadline: 15 },
    world: faults({ ...assumeRole, times: 2, answer: stsError(400, 'ThrottlingException', 'Rate exceeded') }),
    inputs: chain,
    requests: pastAll({ AssumeRole: 3 }),
  },
  {
    ...{ task, phase: chained, class: 'reset for ever', code: 'SERVICE_UNREACHABLE', deadline: 30 },
    world: faults({ ...assumeRole, reset: true }),
    inputs: chain,
    requests: { ...toTheRole, AssumeRole: '3+' },
  },
];

export const identityRows: readonly FaultRow[] = [
  {
    ...{
      task,
      phase: identity,
      class: 'AWS does not know the session',
      code: 'REQUEST_REFUSED',
      deadline: 10,
    },
    world: faults({
      ...getCallerIdentity,
      answer: stsError(403, 'InvalidClientTokenId', 'The security token included in the request is invalid.'),
    }),
    requests: pastAll({}),
  },
  {
    ...{ task, phase: identity, class: 'another account answers', code: 'ACCOUNT_NOT_ALLOWED', deadline: 10 },
    world: faults({
      ...getCallerIdentity,
      answer: {
        status: 200,
        body: '<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:sts::999999999999:assumed-role/deployer/x</Arn><Account>999999999999</Account></GetCallerIdentityResult></GetCallerIdentityResponse>',
      },
    }),
    inputs: { allowedAccounts: '111122223333' },
    requests: pastAll({}),
  },
  {
    ...{ task, phase: identity, class: '500 twice, then fine', code: 'SUCCEEDED', deadline: 15 },
    world: faults({
      ...getCallerIdentity,
      times: 2,
      answer: stsError(500, 'InternalFailure', 'An internal error'),
    }),
    requests: pastAll({ GetCallerIdentity: 3 }),
  },
  {
    ...{ task, phase: identity, class: '500 for ever', code: 'SERVICE_UNAVAILABLE', deadline: 30 },
    world: faults({ ...getCallerIdentity, answer: stsError(500, 'InternalFailure', 'An internal error') }),
    requests: pastAll({ GetCallerIdentity: '3+' }),
  },
];

export const handOffRows: readonly FaultRow[] = [
  {
    ...{
      task,
      phase: handOff,
      class: 'a file stands in the folder’s place',
      code: 'HAND_OFF_FAILED',
      deadline: 10,
    },
    pipeline: after(`echo mine > '$(Agent.TempDirectory)/keyless-delivery'`),
    requests: pastAll({}),
    leftBehind: ['temp/keyless-delivery'],
  },
  {
    ...{
      task,
      phase: handOff,
      class: 'a link stands in the folder’s place',
      code: 'HAND_OFF_FAILED',
      deadline: 10,
    },
    pipeline: after(
      `mkdir '$(Agent.WorkFolder)/mine' && ln -s ../mine '$(Agent.TempDirectory)/keyless-delivery'`,
    ),
    requests: pastAll({}),
    leftBehind: ['temp/keyless-delivery'],
  },
  {
    ...{ task, phase: handOff, class: 'the disk takes no more', code: 'HAND_OFF_FAILED', deadline: 10 },
    node: join(import.meta.dirname, '..', 'machines', 'full-disk.sh'),
    // The shell keeps variables with a hyphen in their names to itself, and with them the connection's fields.
    inputs: { roleArn: 'arn:aws:iam::111122223333:role/deployer', region: 'eu-west-1' },
    requests: pastAll({}),
    unreported: true,
    expect: (trial) => {
      assert.match(logOf(trial.task), /^Why: EFBIG: file too large, write$/m);
      assert.match(logOf(stepNamed(trial, 'Post-job: AwsFederate')), /removed/);
    },
  },
];
