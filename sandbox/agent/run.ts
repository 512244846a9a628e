/** Running a pipeline file as Azure Pipelines' agent does, against a sandbox. */
import { mkdir, mkdtemp, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { FileFault } from '../checked-yaml.ts';
import type { Sandbox } from '../sandbox.ts';
import { agentEnvironment } from './environment.ts';
import { type FinishedJob, type JobsBefore, jobRuns } from './expressions/conditions.ts';
import { Dictionary } from './expressions/values.ts';
import { foldersOf, prepareFolders } from './folders.ts';
import { type FinishedRun, runJob } from './job.ts';
import type { Print } from './log.ts';
import { machineVariables } from './machine.ts';
import { ancestors } from './pipeline/graph.ts';
import type { Job, Pipeline, VariableDeclaration } from './pipeline/model.ts';
import { parsePipeline } from './pipeline/pipeline.ts';
import { type InputChecks, type PlannedJob, planJob } from './plan.ts';
import type { Host, JobRecord, RunRecord } from './record.ts';
import { type TaskResult, worseOf } from './result.ts';
import { TaskCatalogue } from './tasks/catalogue.ts';
import { nodeRuntime } from './tasks/handler.ts';

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
  const text = options.text ?? (await readFile(options.file, 'utf8'));
  const pipeline = parsePipeline(text, options.file);
  const planned = plan(pipeline, await TaskCatalogue.load(options.taskFolders), options);
  const agent = await prepareAgent(options);
  try {
    const finished = new Map<string, FinishedJob>();
    const jobs: JobRecord[] = [];
    for (const job of planned) {
      const before = jobsBefore(job.job, pipeline.jobs, finished);
      const { record, outcome } = await runOrSkip(job, before, pipeline, agent, options);
      finished.set(job.job.name.toLowerCase(), outcome);
      jobs.push(record);
    }
    return {
      pipeline: options.file,
      host: options.host,
      result: overall(jobs),
      startedAt: startedAt.toISOString(),
      finishedAt: new Date().toISOString(),
      jobs,
    };
  } finally {
    await agent.leave();
  }
}

/** A run is as bad as its worst job; jobs that were skipped do not count. */
function overall(jobs: readonly JobRecord[]): TaskResult {
  const results = jobs.map(({ result }) => result).filter((result) => result !== 'Skipped');
  return results.reduce<TaskResult>(worseOf, 'Succeeded');
}

function jobsBefore(job: Job, all: readonly Job[], finished: ReadonlyMap<string, FinishedJob>): JobsBefore {
  const named = (names: Iterable<string>) =>
    new Map(
      [...names].flatMap((name) => {
        const found = finished.get(name.toLowerCase());
        return found === undefined ? [] : [[name.toLowerCase(), found] as const];
      }),
    );
  return { direct: named(job.dependsOn), all: named(ancestors(job, all)) };
}

async function runOrSkip(
  planned: PlannedJob,
  before: JobsBefore,
  pipeline: Pipeline,
  agent: Agent,
  { host, sandbox, print, text, file, signal = new AbortController().signal }: RunOptions,
): Promise<FinishedRun> {
  const { job, connections } = planned;
  const variables = [...pipeline.variables, ...job.variables];
  const known = new Dictionary(staticValues(variables));
  if (!jobRuns(job.condition, before, signal.aborted, known)) return skipped(job, signal.aborted);

  await prepareFolders(agent.folders, text === undefined ? dirname(resolve(file)) : undefined);
  const service = sandbox.openJob({
    hub: host,
    connections: connections.map(({ id }) => id),
    pipeline: pipeline.name,
    identifier: `${job.name}.__default`,
  });
  try {
    const { folders, node, environment } = agent;
    const settings = { host, sandbox, service, folders, node, environment, print, signal };
    return await runJob({ planned, variables, pipeline: pipeline.name, before, settings });
  } finally {
    service.close();
  }
}

/** A job that did not run. */
function skipped({ name, displayName }: Job, canceled: boolean): FinishedRun {
  const result = canceled ? 'Canceled' : 'Skipped';
  const record: JobRecord = {
    name,
    displayName,
    result,
    reason: canceled ? 'The run was canceled.' : 'Skipping job due to condition evaluation.',
    steps: [],
    outputs: {},
    variables: {},
    attachments: [],
    buildTags: [],
    runName: '',
    tempAtEnd: [],
    orphans: [],
    issues: [],
    log: [],
    maskedCount: 0,
  };
  return { record, outcome: { result, outputs: new Map(), secrets: new Set() } };
}

type Agent = Awaited<ReturnType<typeof prepareAgent>>;

/** The agent's folders, environment and Node.js, for all jobs of the run. */
async function prepareAgent({ host, sandbox, node, workFolder, environment }: RunOptions) {
  const made = workFolder === undefined ? await mkdtemp(join(tmpdir(), 'local-agent-')) : undefined;
  const work = resolve(workFolder ?? join(made ?? '', '_work'));
  await mkdir(work, { recursive: true });
  const folders = foldersOf(await realpath(work), host);
  return {
    folders,
    node: await nodeRuntime(node ?? process.execPath),
    environment: {
      ...(environment ?? agentEnvironment(process.env, folders.userHome)),
      ...machineVariables(sandbox),
    },
    leave: async () => {
      if (made !== undefined) await rm(made, { recursive: true, force: true });
    },
  };
}

/** Plans all jobs, so that nothing runs of a pipeline that cannot be run whole. */
function plan(
  { jobs, variables }: Pipeline,
  catalogue: TaskCatalogue,
  { sandbox, inputChecks = 'fault' }: RunOptions,
): PlannedJob[] {
  const faults: string[] = [];
  const planned = jobs.map((job) =>
    planJob(job, {
      world: sandbox.world,
      catalogue,
      inputChecks,
      staticVariables: staticValues([...variables, ...job.variables]),
      fault: (place, message) => faults.push(`${place}: ${message}`),
    }),
  );
  if (faults.length > 0) throw new FileFault(faults);
  return planned;
}

const staticValues = (variables: readonly VariableDeclaration[]): Map<string, string> =>
  new Map(
    variables.flatMap(({ name, value }) =>
      typeof value === 'string' ? [[name.toLowerCase(), value] as const] : [],
    ),
  );
