/** What tests ask of a run that is over. */
import assert from 'node:assert/strict';
import { reportAttachmentType, runReport } from '../../lib/report/index.ts';
import type { StepRecord } from '../../sandbox/agent/index.ts';
import type { RecordedRequest } from '../../sandbox/sandbox.ts';
import type { Progress, Trial } from './trial.ts';

/** The code of the error that a step's user sees first; undefined where there is none. */
export function errorCode({ issues }: StepRecord): string | undefined {
  const first = issues.find(({ type }) => type === 'error')?.message ?? '';
  return /^([A-Z_]+): /.exec(first)?.[1];
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

/**
 * What holds for every run of our tasks, however it went: no secret can be read, nothing is left, no command was
 * refused, and there is a report of every step that came to its end.
 */
export function assertSound(trial: Trial): void {
  const { record, job, leaks, leftBehind } = trial;
  assert.deepEqual(leaks, []);
  assert.deepEqual(leftBehind, []);

  const ours = record.jobs.flatMap(({ steps }) => steps).filter(({ handler }) => handler !== undefined);
  for (const step of ours) {
    const refused = step.commands.filter(({ outcome }) => outcome === 'refused');
    assert.deepEqual(refused, [], `the agent refused a command of ${step.displayName}`);
    assert.equal(step.exitCode, 0, logOf(step));
  }
  assert.deepEqual(job.orphans, []);

  const ran = job.steps.filter(({ stage, handler }) => stage === 'main' && handler !== undefined);
  const outcomes = { Succeeded: 'succeeded', Failed: 'failed', Canceled: 'canceled' };
  const expected = ran.map(({ result }) => outcomes[result as keyof typeof outcomes]);
  assert.deepEqual(
    reportsOf(trial).map(({ outcome }) => outcome),
    expected,
  );
  assert.equal(summariesOf(trial).length, record.host === 'build' ? expected.length : 0);
}
