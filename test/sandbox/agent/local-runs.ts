/** Running pipelines in tests: one sandbox for a suite, everything a run printed and recorded at hand. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type JobRecord,
  type RunOptions,
  type RunRecord,
  runPipeline,
  type StepRecord,
} from '../../../sandbox/agent/index.ts';
import { type Sandbox, startSandbox } from '../../../sandbox/sandbox.ts';
import type { World } from '../../../sandbox/world.ts';
import { contoso } from '../contoso.ts';

/** The small tasks that tests run. */
export const taskFolder = join(import.meta.dirname, 'data', 'tasks');

/** A run with its first job at hand, which most tests look at. */
export interface TestRun extends RunRecord {
  readonly job: JobRecord;
  /** What was printed, line by line. */
  readonly printed: readonly string[];
  /** The step of a name; a later stage of it where `stage` says so. */
  step(name: string, stage?: StepRecord['stage']): StepRecord;
}

/** Starts a sandbox before the tests of a suite and ends it after them. */
export function localRuns(world: () => World = contoso) {
  const suite = {} as { sandbox: Sandbox; folder: string };
  before(async () => {
    suite.sandbox = await startSandbox(world());
    // A folder with a space, as agents on Windows have them.
    suite.folder = await mkdtemp(join(tmpdir(), 'local agent '));
  });
  after(async () => {
    await suite.sandbox.close();
    await rm(suite.folder, { recursive: true });
  });

  /** Runs a pipeline; steps may be written alone. */
  const run = (text: string, options: Partial<RunOptions> = {}): Promise<TestRun> =>
    start({ text: /^(jobs|steps|variables):/m.test(text) ? text : `steps:\n${text}`, ...options });

  /** Runs a pipeline file. */
  const runFile = (file: string, options: Partial<RunOptions> = {}): Promise<TestRun> =>
    start({ file, ...options });

  async function start(options: Partial<RunOptions>): Promise<TestRun> {
    const printed: string[] = [];
    const record = await runPipeline({
      file: 'test.yml',
      host: 'build',
      taskFolders: [taskFolder],
      sandbox: suite.sandbox,
      workFolder: join(suite.folder, '_work'),
      print: (line) => printed.push(line.text),
      ...options,
    });
    const [job] = record.jobs;
    if (job === undefined) throw new Error('the pipeline has no job');
    return {
      ...record,
      job,
      printed,
      step(name, stage = 'main') {
        const found = record.jobs
          .flatMap(({ steps }) => steps)
          .find((one) => one.name === name && one.stage === stage);
        if (found === undefined)
          throw new Error(`no step ${name} in ${JSON.stringify(record.jobs, undefined, 2)}`);
        return found;
      },
    };
  }
  return { suite, run, runFile };
}

/** What a script step printed, without what its task says before. */
export function outputOf(step: StepRecord): string[] {
  const start = step.log.findIndex((line) => line.startsWith('[command]'));
  return step.log.slice(
    start + 1,
    step.log.findIndex((line) => line.startsWith('##[section]Finishing')),
  );
}
