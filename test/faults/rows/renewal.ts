/** What goes wrong while a later step renews the session. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { World } from '../../../sandbox/world.ts';
import { logOf, stepNamed } from '../../rig/findings.ts';
import type { Attempt, Trial } from '../../rig/trial.ts';
import { stsError } from '../answers.ts';
import type { FaultRow } from '../fault-row.ts';

const task = 'AwsFederate@1';
const phase = 'renewal';

const program = join(import.meta.dirname, '..', '..', 'tasks', 'AwsFederate', 'steps', 'credentials.mjs');

/** Sessions of so many seconds, of which a later step asks for another after so many. */
const renewing = (lifetime: number, after: number) => ({
  world: { accounts: { '111122223333': { roles: { deployer: { sessionLifetime: lifetime } } } } },
  pipeline: `
steps:
  - task: AwsFederate@1
    inputs:
      awsConnection: aws-production
  - bash: |
      echo waiting
      sleep ${after}
      "${process.execPath}" "${program}"
    displayName: Renew`,
});

/** The world changes once the session has been handed over. */
const meanwhile = (change: (world: World) => void): Pick<Attempt, 'changeWhen'> => ({
  changeWhen: { isTime: ({ log }) => log.includes('waiting'), change },
});

const withFault = (fault: World['faults'][number]) => meanwhile(({ faults }) => void faults.push(fault));
const sts = { host: 'sts.eu-west-1.amazonaws.com', operation: 'AssumeRoleWithWebIdentity' };

const assertRenewal = (words: RegExp) => (trial: Trial) =>
  assert.match(logOf(stepNamed(trial, 'Renew')), words);

export const renewalRows: readonly FaultRow[] = [
  {
    ...{ task, phase, class: 'access denied while the session lives', code: 'SUCCEEDED', deadline: 35 },
    ...renewing(27, 19),
    ...meanwhile(({ accounts }) => {
      delete accounts['111122223333']?.roles.deployer;
    }),
    requests: { oidctoken: 2, AssumeRoleWithWebIdentity: 2, GetCallerIdentity: 1 },
    expect: assertRenewal(
      /^exit code 0, version 1, session ASIA.*\nstderr: AwsFederate: not renewed, the session at hand ends /m,
    ),
  },
  {
    ...{ task, phase, class: 'access denied when the session is over', code: 'ACCESS_DENIED', deadline: 15 },
    ...renewing(2, 3),
    ...meanwhile(({ accounts }) => {
      delete accounts['111122223333']?.roles.deployer;
    }),
    requests: { oidctoken: 2, AssumeRoleWithWebIdentity: 2, GetCallerIdentity: 1 },
    expect: assertRenewal(/^exit code 1, .*\nstderr: AwsFederate: ACCESS_DENIED: .*$(?!\nstderr)/m),
  },
  {
    ...{ task, phase, class: 'throttled twice, then fine', code: 'SUCCEEDED', deadline: 15 },
    ...renewing(2, 3),
    ...withFault({ ...sts, times: 2, answer: stsError(400, 'Throttling', 'Rate exceeded') }),
    requests: { oidctoken: 2, AssumeRoleWithWebIdentity: 4, GetCallerIdentity: 1 },
    expect: assertRenewal(/^exit code 0, version 1, session ASIA/m),
  },
  {
    ...{ task, phase, class: '500 for ever', code: 'SERVICE_UNAVAILABLE', deadline: 35 },
    ...renewing(2, 3),
    ...withFault({ ...sts, answer: stsError(500, 'InternalFailure', 'An internal error') }),
    requests: { oidctoken: 2, AssumeRoleWithWebIdentity: '4+', GetCallerIdentity: 1 },
    expect: assertRenewal(/^exit code 1, .*\nstderr: AwsFederate: SERVICE_UNAVAILABLE: .*$(?!\nstderr)/m),
  },
];
