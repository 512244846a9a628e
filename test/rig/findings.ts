/** What tests ask of a run that is over. */
import assert from 'node:assert/strict';
import { reportAttachmentType, runReport } from '../../lib/report/index.ts';
import type { StepRecord } from '../../sandbox/agent/index.ts';
import type { RecordedRequest } from '../../sandbox/sandbox.ts';
import type { Progress, Trial } from './trial.ts';

/** The code of the error that a step's user sees; undefined where there is none. The agent's own errors have no code. */
export function errorCode({ issues }: StepRecord): string | undefined {
  const errors = issues.filter(({ type }) => type === 'error');
  return errors.flatMap(({ message }) => /^([A-Z_]+): /.exec(message)?.[1] ?? [])[0];
}

/** The requests for one operation, in the order of their arrival. */
export function callsOf({ requests }: Pick<Progress, 'requests'>, operation: string): RecordedRequest[] {
  return requests.filter((request) => request.operation === operation);
}

/** The log of a step as one text. */
export const logOf = ({ log }: StepRecord): string => log.join('\n');

/** The main step of this name, or name on display. */
export function stepNamed({ record }: Trial, name: string): StepRecord {
  const steps = record.jobs.flatMap((job) => job.steps);
  const found = steps.find((step) => step.name === name || step.displayName === name);
  assert(found, `there is no step ${name}`);
  return found;
}

/** The run reports attached to the first job. @throws where one is not of its schema */
export function reportsOf({ job }: Trial) {
  return job.attachments
    .filter(({ type }) => type === reportAttachmentType)
    .map(({ content }) => runReport.parse(JSON.parse(content)));
}

/** Markdown that the build's summary page shows, as it reads there: without the escapes of CommonMark 2.4. */
export function summariesOf({ job }: Trial): string[] {
  return job.attachments
    .filter(({ type }) => type === 'DistributedTask.Core.Summary')
    .map(({ content }) => content.replace(/\\([!-/:-@[-`{-~])/g, '$1'));
}

/** What holds for every run of our tasks, however it went: it is harmless, nothing is left, and it is reported. */
export function assertSound(trial: Trial): void {
  assert.deepEqual(trial.leftBehind, []);
  assertHarmless(trial);
  assertReported(trial);
}

/** No secret can be read, no command was refused, no process goes on or has crashed. */
export function assertHarmless({ record, leaks }: Trial): void {
  assert.deepEqual(leaks, []);

  const ours = record.jobs.flatMap(({ steps }) => steps).filter(({ handler }) => handler !== undefined);
  for (const step of ours) {
    const refused = step.commands.filter(({ outcome }) => outcome === 'refused');
    assert.deepEqual(refused, [], `the agent refused a command of ${step.displayName}`);
    assert.equal(step.exitCode, 0, logOf(step));
  }
  for (const { orphans } of record.jobs) assert.deepEqual(orphans, []);
}

/** Every step of ours in the first job has its report; in builds the summary page shows it. */
export function assertReported(trial: Trial): void {
  const { record, job } = trial;
  const ran = job.steps.filter(({ stage, handler }) => stage === 'main' && handler !== undefined);
  const outcomes = { Succeeded: 'succeeded', Failed: 'failed', Canceled: 'canceled' };
  const expected = ran.map(({ result }) => outcomes[result as keyof typeof outcomes]);
  assert.deepEqual(
    reportsOf(trial).map(({ outcome }) => outcome),
    expected,
  );
  assert.equal(summariesOf(trial).length, record.host === 'build' ? expected.length : 0);
}
