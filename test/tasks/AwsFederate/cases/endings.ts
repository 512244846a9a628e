/** How jobs end: what is reported, and what is left. */
import assert from 'node:assert/strict';
import { errorCode, logOf, reportsOf, stepNamed, summariesOf } from '../../../rig/findings.ts';
import type { Trial } from '../../../rig/trial.ts';
import { sessionOf, step, type TaskCase } from './task-case.ts';

/** The task's own programs, which a process list must have shown for its silence to mean something. */
function assertWatched({ commandLines }: Trial, programs: readonly string[]): void {
  if (process.platform !== 'linux') return;
  const lines = [...commandLines];
  for (const program of programs)
    assert(
      lines.some((line) => line.includes(program)),
      `${program} was seen running: ${lines.join('\n')}`,
    );
}

const removed = (trial: Trial) =>
  assert.match(
    logOf(stepNamed(trial, 'Post-job: AwsFederate')),
    /^The profile keyless-delivery and its credentials are removed\.$/m,
  );

/** Everything that a program run by a later step can see of it. */
const lookAtEverything = `
      env > '$(Agent.WorkFolder)/environment.txt'
      ${step('identity.mjs')}`;

export const endings: readonly TaskCase[] = [
  {
    name: 'a build has a report and its summary; no secret is in log, processes, environment or files, debugging or not',
    watchCommandLines: true,
    variables: { 'System.Debug': 'true' },
    pipeline: `
steps:
  - task: AwsFederate@1
    inputs:
      awsConnection: aws-production
  - bash: |${lookAtEverything}
    displayName: Look`,
    expect(trial) {
      assert.match(logOf(stepNamed(trial, 'Look')), new RegExp(`^I am ${sessionOf('deployer')}\\.$`, 'm'));
      assertWatched(trial, ['AwsFederateV1/main.js', 'credential-process.js', 'AwsFederateV1/post-job.js']);
      const [report] = reportsOf(trial);
      assert(report);
      assert.equal(report.task, 'AwsFederate@1');
      assert.equal(report.outcome, 'succeeded');
      assert(report.facts.some(({ name, value }) => name === 'account' && value === '111122223333'));
      const [summary = ''] = summariesOf(trial);
      assert.match(summary, /^### ✅ AwsFederate@1$/m);
      assert.match(summary, /^\| subject \| sc:\/\/contoso\/shop\/aws-production \|$/m);
      // Told to the agent before anything is printed of what came with it.
      assert.match(
        logOf(trial.task),
        /\[group\]Get an ID token.*\n(.*\n)*?.*task\.setsecret\]\*{3}\n(.*\n)*?issuer /,
      );
      removed(trial);
    },
  },
  {
    name: 'what a careless step prints of the credentials is masked',
    pipeline: `
steps:
  - task: AwsFederate@1
    inputs:
      awsConnection: aws-production
  - bash: |
      ${step('print-secrets.mjs')}
    displayName: Print`,
    expect(trial) {
      const printed = logOf(stepNamed(trial, 'Print'));
      assert.match(printed, /"AccessKeyId":"ASIA\w+","SecretAccessKey":"\*{3}","SessionToken":"\*{3}"/);
      assert.equal(printed.match(/^key=\*{3}, in base64 \*{3}$/gm)?.length, 2);
      assert.equal(printed.match(/^https:\/\/example\.com\/\?key=\*{3}$/gm)?.length, 2);
    },
  },
  {
    name: 'a release has the report, and no summary page to put it on',
    host: 'release',
    pipeline: `
steps:
  - task: AwsFederate@1
    inputs:
      awsConnection: aws-production`,
    expect(trial) {
      assert.equal(
        reportsOf(trial)[0]?.summary,
        `Later steps are ${sessionOf('deployer')}, renewed for as long as the job runs.`,
      );
      assert.deepEqual(summariesOf(trial), []);
    },
  },
  {
    name: 'a failed step is reported with its error and the way out, and later steps do not run',
    world: { accounts: { '111122223333': { roles: { deployer: null } } } },
    pipeline: `
steps:
  - task: AwsFederate@1
    inputs:
      awsConnection: aws-production
  - bash: echo deploying
    displayName: Deploy`,
    expect(trial) {
      assert.equal(errorCode(trial.task), 'ACCESS_DENIED');
      assert.equal(trial.record.result, 'Failed');
      assert.equal(stepNamed(trial, 'Deploy').result, 'Skipped');
      const [report] = reportsOf(trial);
      assert.equal(report?.error?.code, 'ACCESS_DENIED');
      assert.match(report?.error?.remedy ?? '', /"[^"]+:sub": "sc:\/\/contoso\/shop\/aws-production"/);
      assert.match(report?.error?.requestId ?? '', /^[0-9a-f-]{36}$/);
      assert.match(summariesOf(trial)[0] ?? '', /^\*\*ACCESS_DENIED\*\* /m);
      assert.match(logOf(trial.task), /docs\/troubleshooting\.md#access_denied$/m);
    },
  },
  {
    name: 'a job that fails later leaves nothing',
    pipeline: `
steps:
  - task: AwsFederate@1
    inputs:
      awsConnection: aws-production
  - bash: |${lookAtEverything}
      exit 3
    displayName: Fail`,
    expect(trial) {
      assert.equal(trial.record.result, 'Failed');
      assert.match(logOf(stepNamed(trial, 'Fail')), new RegExp(`^I am ${sessionOf('deployer')}\\.$`, 'm'));
      removed(trial);
    },
  },
  {
    name: 'a job that is cancelled later leaves nothing',
    watchCommandLines: true,
    cancelWhen: ({ log }) => log.includes('at work'),
    pipeline: `
steps:
  - task: AwsFederate@1
    inputs:
      awsConnection: aws-production
  - bash: |
      ${step('credentials.mjs')}
      echo at work
      exec sleep 20
    displayName: Work`,
    expect(trial) {
      assert.equal(trial.record.result, 'Canceled');
      assert.match(logOf(stepNamed(trial, 'Work')), /^exit code 0, version 1, session ASIA/m);
      assertWatched(trial, ['credentials.mjs']);
      removed(trial);
    },
  },
];
