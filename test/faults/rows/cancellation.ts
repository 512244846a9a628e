/** Cancelled in every phase: the step ends at once, says so, and leaves nothing. */
import { callsOf } from '../../rig/findings.ts';
import type { Progress } from '../../rig/trial.ts';
import { json } from '../answers.ts';
import type { FaultRow, Operation } from '../fault-row.ts';
import { pastAll } from './counts.ts';

const task = 'AwsFederate@1';
const code = 'CANCELLED';
/** SIGINT, 7.5 s, SIGTERM, 2.5 s, kill (azure-pipelines-agent, ProcessInvoker). */
const deadline = 10;

const sts = 'sts.eu-west-1.amazonaws.com';
const asked = (operation: Operation) => (progress: Progress) => callsOf(progress, operation).length > 0;
const stalled = (host: string, operation: Operation) => ({ faults: [{ host, operation, stall: true }] });

export const cancellationRows: readonly FaultRow[] = [
  {
    ...{ task, phase: 'ID token', class: 'cancelled while it is asked for', code, deadline },
    world: stalled('dev.azure.com', 'oidctoken'),
    cancelWhen: asked('oidctoken'),
    requests: { oidctoken: 1 },
  },
  {
    ...{ task, phase: 'ID token', class: 'cancelled between two attempts', code, deadline },
    world: {
      faults: [
        {
          ...{ host: 'dev.azure.com', operation: 'oidctoken' },
          answer: json(429, { message: 'Request was blocked' }, { 'Retry-After': '20' }),
        },
      ],
    },
    cancelWhen: ({ log }) => log.some((line) => line.includes('trying again in 20.0 s')),
    requests: { oidctoken: 1 },
  },
  {
    ...{ task, phase: 'ID token', class: 'cancelled while the proxy connects', code, deadline },
    agentProxy: 'silent',
    cancelWhen: ({ log }) => log.some((line) => line.startsWith('##[group]Get an ID token')),
    requests: {},
  },
  {
    ...{ task, phase: 'role', class: 'cancelled while it is asked for', code, deadline },
    world: stalled(sts, 'AssumeRoleWithWebIdentity'),
    cancelWhen: asked('AssumeRoleWithWebIdentity'),
    requests: { oidctoken: 1, AssumeRoleWithWebIdentity: 1 },
  },
  {
    ...{ task, phase: 'chained role', class: 'cancelled while it is asked for', code, deadline },
    inputs: { chainRoleArns: 'arn:aws:iam::444455556666:role/publisher', externalId: 'shop-42' },
    world: stalled(sts, 'AssumeRole'),
    cancelWhen: asked('AssumeRole'),
    requests: { oidctoken: 1, AssumeRoleWithWebIdentity: 1, AssumeRole: 1 },
  },
  {
    ...{ task, phase: 'identity', class: 'cancelled while it is asked for', code, deadline },
    world: stalled(sts, 'GetCallerIdentity'),
    cancelWhen: asked('GetCallerIdentity'),
    requests: pastAll({}),
  },
  {
    ...{ task, phase: 'hand-off', class: 'cancelled while the disk is slow', code, deadline },
    // Another profile's part of the file is a pipe that has nothing to say for two seconds.
    pipeline: `
steps:
  - bash: |
      folder='$(Agent.TempDirectory)/keyless-delivery/profiles/slow'
      mkdir -p "$folder" && mkfifo "$folder/config.part"
      (exec 3> "$folder/config.part"; rm -r "$folder"; sleep 2) > /dev/null 2>&1 &
  - task: AwsFederate@1
    inputs:
      awsConnection: aws-production`,
    cancelWhen: ({ log }) => log.some((line) => line.startsWith('##[group]Hand the credentials')),
    requests: pastAll({}),
  },
];
