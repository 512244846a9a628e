/** Running a pipeline file as Azure Pipelines' agent does, against a sandbox. */
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { FileFault } from '../checked-yaml.ts';
import type { Sandbox } from '../sandbox.ts';
import { type FinishedJob, type JobsBefore, jobRuns } from './expressions/conditions.ts';
import { Dictionary, EvaluationFault } from './expressions/values.ts';
import { type FinishedRun, runJob } from './job/job.ts';
import type { GivenVariable } from './job/job-context.ts';
import type { Print } from './log/log.ts';
import { type Agent, prepareAgent } from './machine/agent.ts';
import { prepareFolders } from './machine/folders.ts';
import { ancestors } from './pipeline/graph.ts';
import type { Job, Pipeline } from './pipeline/model.ts';
import { parsePipeline } from './pipeline/pipeline.ts';
import { type PlannedJob, planPipeline, staticValues } from './plan.ts';
import type { InputChecks } from './plan-task.ts';
import type { Host, JobRecord, RunRecord } from './record.ts';
import { type TaskResult, worseOf } from './result.ts';
import { runVariables } from './variables/system-variables.ts';

/** What to run, and on what. */
export interface RunOptions {
  /** The pipeline file; its folder stands in for the repository. */
  readonly file: string;
  /** The pipeline itself, where it is not to be read from the file; there is then no repository. */
  readonly text?: string;
  readonly host: Host;
  /** Folders in which tasks are looked for. */
  readonly taskFolders: readonly string[];
  readonly sandbox: Sandbox;
  /** The Node.js that runs tasks; this one's by default. */
  readonly node?: string;
  /** The agent's work folder, made where it is not there, and kept; by default one that is removed after the run. */
  readonly workFolder?: string;
  /** The environment of the agent's own process; by default a bare one with a home folder of its own. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Whether wrong inputs make the pipeline invalid, or are left for the task to find as the service leaves them. */
  readonly inputChecks?: InputChecks;
  /** Variables given when the run is started, as they are set in the pipeline's settings. */
  readonly variables?: Readonly<Record<string, GivenVariable>>;
  /** Milliseconds that a minute of time limits lasts: 60,000, unless a test has no time. */
  readonly minute?: number;
  /** Whether the temp folder is left as it is at the end, for a look at it in `workFolder`. */
  readonly keepTemp?: boolean;
  readonly print: Print;
  /** Cancels the run. */
  readonly signal?: AbortSignal;
}

/**
 * Runs a pipeline to its end. Runs share nothing, so many may run in one process.
 *
 * @throws FileFault where the pipeline, or what it refers to, cannot be run; nothing has been run then
 */
export async function runPipeline(options: RunOptions): Promise<RunRecord> {
  const startedAt = new Date();
  const { file, host, sandbox, taskFolders, inputChecks = 'fault' } = options;
  const pipeline = parsePipeline(options.text ?? (await read(file)), file);
  const planned = await planPipeline(pipeline, { world: sandbox.world, taskFolders, inputChecks });
  const agent = await prepareAgent(options);
  try {
    const run = new Run(options, pipeline, agent);
    for (const job of planned) await run.next(job);
    return {
      pipeline: file,
      host,
      result: overall(run.records),
      startedAt: startedAt.toISOString(),
      finishedAt: new Date().toISOString(),
      jobs: run.records,
    };
  } finally {
    await agent.leave();
  }
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new FileFault([
      `${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    ]);
  }
}

/** A run is as bad as its worst job; jobs that were skipped do not count. */
function overall(jobs: readonly JobRecord[]): TaskResult {
  const results = jobs.map(({ result }) => result).filter((result) => result !== 'Skipped');
  return results.reduce<TaskResult>(worseOf, 'Succeeded');
}

/** The jobs of a run, one after another: there is one agent. */
class Run {
  readonly records: JobRecord[] = [];
  readonly #options: RunOptions;
  readonly #pipeline: Pipeline;
  readonly #agent: Agent;
  readonly #signal: AbortSignal;
  readonly #finished = new Map<string, FinishedJob>();

  constructor(options: RunOptions, pipeline: Pipeline, agent: Agent) {
    this.#options = options;
    this.#pipeline = pipeline;
    this.#agent = agent;
    this.#signal = options.signal ?? new AbortController().signal;
  }

  async next(planned: PlannedJob): Promise<void> {
    const { job } = planned;
    const { record, outcome } = await this.#runOrSkip(planned, this.#before(job));
    this.#finished.set(job.name.toLowerCase(), outcome);
    this.records.push(record);
  }

  async #runOrSkip(planned: PlannedJob, before: JobsBefore): Promise<FinishedRun> {
    const { job } = planned;
    try {
      if (this.#holds(job, before)) return await this.#run(planned, before);
    } catch (error) {
      if (!(error instanceof EvaluationFault)) throw error;
      return notRun(job, 'Failed', error.message);
    }
    return this.#signal.aborted
      ? notRun(job, 'Canceled', 'The run was canceled.')
      : notRun(job, 'Skipped', 'Skipping job due to condition evaluation.');
  }

  #before(job: Job): JobsBefore {
    const all = ancestors(job, this.#pipeline.jobs);
    const direct = new Set(job.dependsOn.map((name) => name.toLowerCase()));
    const finished = [...this.#finished];
    return {
      direct: new Map(finished.filter(([name]) => direct.has(name))),
      all: new Map(finished.filter(([name]) => all.has(name))),
    };
  }

  /** @throws EvaluationFault where the job's condition cannot be evaluated */
  #holds(job: Job, before: JobsBefore): boolean {
    const { host, sandbox, variables = {} } = this.#options;
    const given = Object.entries(variables).map(
      ([name, one]) => [name, typeof one === 'string' ? one : one.value] as const,
    );
    const visible = new Dictionary([
      ...Object.entries(
        runVariables({ host, sandbox, folders: this.#agent.folders, pipeline: this.#pipeline.name }),
      ),
      ...given,
      ...staticValues([...this.#pipeline.variables, ...job.variables]),
    ]);
    return jobRuns(job.condition, before, this.#signal.aborted, visible);
  }

  async #run(planned: PlannedJob, before: JobsBefore): Promise<FinishedRun> {
    const { job, connections } = planned;
    const {
      file,
      text,
      host,
      sandbox,
      print,
      variables = {},
      minute = 60_000,
      keepTemp = false,
    } = this.#options;
    const { folders, node, environment } = this.#agent;
    const hasRepository = text === undefined && job.checkout;
    await prepareFolders(folders, hasRepository ? dirname(resolve(file)) : undefined);
    const service = sandbox.openJob({
      hub: host,
      connections: connections.map(({ id }) => id),
      pipeline: this.#pipeline.name,
      identifier: `${job.name}.__default`,
    });
    try {
      return await runJob({
        planned,
        variables: [...this.#pipeline.variables, ...job.variables],
        pipeline: this.#pipeline.name,
        before,
        settings: {
          ...{ host, sandbox, service, folders, node, environment, variables, minute, keepTemp, print },
          signal: this.#signal,
        },
      });
    } finally {
      service.close();
    }
  }
}

/** A job that did not run, and why. */
function notRun({ name, displayName }: Job, result: TaskResult, reason: string): FinishedRun {
  const record: JobRecord = {
    ...{ name, displayName, result, reason },
    ...{ steps: [], outputs: {}, variables: {}, attachments: [], buildTags: [], runName: '' },
    ...{ tempAtEnd: [], orphans: [], issues: [], log: [], maskedCount: 0 },
  };
  return { record, outcome: { result, outputs: new Map(), secrets: new Set() } };
}
