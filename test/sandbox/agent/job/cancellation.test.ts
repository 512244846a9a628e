import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { localRuns } from '../local-runs.ts';

/** A task that takes every signal down and goes on. */
const stubborn = (log: string): string =>
  JSON.stringify(
    `const started = Date.now(); for (const name of ['SIGINT', 'SIGTERM']) process.on(name, () => require('node:fs').appendFileSync(${JSON.stringify(log)}, name + ' ' + Math.round((Date.now() - started) / 100) + '\\n')); console.log('up'); setInterval(() => {}, 1000);`,
  );

describe('cancellation', () => {
  const { suite, run } = localRuns();

  /** Runs a pipeline and cancels it once a line is printed. */
  async function cancelled(text: string, when: string, options: Parameters<typeof run>[1] = {}) {
    const controller = new AbortController();
    const lines: string[] = [];
    const finished = await run(text, {
      ...options,
      signal: controller.signal,
      print: ({ text: line }) => {
        lines.push(line);
        if (line === when) controller.abort();
      },
    });
    return { ...finished, lines };
  }

  it('interrupts the running step, and later ones run where they ask for it', async () => {
    const { job, result, step } = await cancelled(
      `- task: Stages@1
  displayName: long
  inputs:
    code: process.on('SIGINT', () => { console.log('cleaning up'); process.exit(0); }); console.log('up'); setInterval(() => {}, 1000)
    after: console.log('after the job')
- bash: 'true'
  displayName: next
- bash: echo $AGENT_JOBSTATUS
  displayName: always
  condition: always()
- bash: 'true'
  displayName: canceled
  condition: canceled()
- bash: 'true'
  displayName: failed
  condition: failed()
`,
      'up',
    );
    assert.equal(result, 'Canceled');
    assert.deepEqual(
      job.steps.map((one) => `${one.displayName} ${one.result}`),
      [
        ...[
          'Pre-job: long Succeeded',
          'long Canceled',
          'next Skipped',
          'always Succeeded',
          'canceled Succeeded',
        ],
        ...['failed Skipped', 'Post-job: long Succeeded'],
      ],
    );
    assert.ok(step('Stages').log.includes('cleaning up'));
    assert.ok(step('Stages', 'post-job').log.includes('after the job'));
    assert.ok(step('Bash2').log.includes('Canceled'));
    assert.deepEqual(
      step('Stages').issues.map(({ message }) => message),
      [
        'The Operation will be canceled. The next steps may not contain expected logs.',
        'The operation was canceled.',
      ],
    );
  });

  it('leaves a step alone whose condition holds for a cancelled job', async () => {
    const { step, result } = await cancelled(
      "- bash: echo up; sleep 1; echo done\n  condition: always()\n- bash: 'true'\n",
      'up',
    );
    assert.deepEqual(
      [step('Bash').result, step('Bash2').result, result],
      ['Succeeded', 'Skipped', 'Canceled'],
    );
    assert.ok(step('Bash').log.includes('done'));
  });

  it('interrupts, terminates, then kills what does not end: after 7.5 s, and 2.5 s later', async () => {
    const log = join(suite.folder, 'signals');
    const { step } = await cancelled(`- task: Run@1\n  inputs: { code: ${stubborn(log)} }\n`, 'up');
    const [interrupt = '', terminate = ''] = (await readFile(log, 'utf8')).split('\n');
    const since = (line: string) => Number(line.split(' ')[1]) / 10;
    assert.ok(
      interrupt.startsWith('SIGINT') && terminate.startsWith('SIGTERM'),
      `${interrupt}, ${terminate}`,
    );
    const between = since(terminate) - since(interrupt);
    assert.ok(between > 7.2 && between < 10, `${interrupt}, ${terminate}`);
    const { durationMilliseconds } = step('Run');
    assert.ok(durationMilliseconds > 10_000 && durationMilliseconds < 20_000, `${durationMilliseconds} ms`);
    assert.deepEqual([step('Run').result, step('Run').exitCode], ['Canceled', 137]);
  });

  it('has the patience that the pipeline asks for', async () => {
    const log = join(suite.folder, 'hasty');
    const { step } = await cancelled(
      `variables: { PROCESS_SIGINT_TIMEOUT: 200, PROCESS_SIGTERM_TIMEOUT: 200 }\nsteps:\n- task: Run@1\n  inputs: { code: ${stubborn(log)} }\n`,
      'up',
    );
    assert.ok(step('Run').durationMilliseconds < 7000);
    assert.equal((await readFile(log, 'utf8')).split('\n').length, 3);
  });

  it('terminates scripts, and ends with the job what they leave behind', async () => {
    const { step, job } = await cancelled(
      '- bash: |\n    sleep 300 >/dev/null 2>&1 &\n    echo up\n    wait\n',
      'up',
    );
    assert.equal(step('Bash').result, 'Canceled');
    assert.deepEqual(
      job.orphans.map((orphan) => orphan.replace(/\d+/, 'N')),
      ['pid (N) (sleep)'],
    );
  });

  it('cancels the jobs that have not begun, unless they ask to run', async () => {
    const { jobs, result } = await cancelled(
      `jobs:
- job: a
  steps: [{ bash: echo up; exec sleep 60 }]
- job: b
  steps: [{ bash: 'true' }]
- job: c
  condition: always()
  steps: [{ bash: 'true' }]
`,
      'up',
    );
    assert.deepEqual(
      jobs.map(({ name, result: one }) => `${name} ${one}`),
      ['a Canceled', 'b Canceled', 'c Succeeded'],
    );
    assert.equal(result, 'Canceled');
  });

  it('gives a cancelled job some time, and then ends it', async () => {
    const { job } = await cancelled(
      `jobs:
- job: a
  cancelTimeoutInMinutes: 1
  steps:
  - bash: echo up; exec sleep 60
  - bash: exec sleep 60
    displayName: cleaning
    condition: always()
  - bash: 'true'
    condition: always()
`,
      'up',
      { minute: 500, variables: { PROCESS_SIGINT_TIMEOUT: '100', PROCESS_SIGTERM_TIMEOUT: '100' } },
    );
    assert.deepEqual(
      job.steps.map((step) => step.result),
      ['Canceled', 'Canceled', 'Canceled'],
    );
    assert.equal(job.steps[2]?.reason, 'The time that the cancelled job had to clean up is over.');
  });

  describe('by time limits', () => {
    it('of a step makes it fail, and the job goes on', async () => {
      const { step, result } = await run(
        "- bash: exec sleep 60\n  timeoutInMinutes: 1\n  continueOnError: true\n- bash: 'true'\n",
        { minute: 300 },
      );
      assert.deepEqual(step('Bash').issues, [{ type: 'error', message: 'The task has timed out.' }]);
      assert.deepEqual(
        [step('Bash').result, step('Bash2').result, result],
        [...['SucceededWithIssues', 'Succeeded', 'SucceededWithIssues']],
      );
    });

    it('of a job cancels it', async () => {
      const { job } = await run(
        "jobs:\n- job: a\n  timeoutInMinutes: 1\n  steps:\n  - bash: exec sleep 60\n  - bash: 'true'\n",
        { minute: 300 },
      );
      assert.deepEqual(
        [job.result, ...job.steps.map((step) => step.result)],
        ['Canceled', 'Canceled', 'Skipped'],
      );
      assert.match(job.issues[0]?.message ?? '', /ran longer than the maximum time of 1 minutes/);
    });

    it('that are 0 are none', async () => {
      const { result } = await run(
        'jobs:\n- job: a\n  timeoutInMinutes: 0\n  steps:\n  - bash: sleep 0.3\n',
        { minute: 100 },
      );
      assert.equal(result, 'Succeeded');
    });
  });
});
