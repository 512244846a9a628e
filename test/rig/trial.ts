/** One run of a pipeline in a sandbox of its own, and all that is known of it afterwards. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type JobRecord, type RunRecord, runPipeline, type StepRecord } from '../../sandbox/agent/index.ts';
import { type RecordedRequest, type Sandbox, startSandbox } from '../../sandbox/sandbox.ts';
import type { World } from '../../sandbox/world.ts';
import { watchCommandLines } from './command-lines.ts';
import { contentsOf, differences } from './files.ts';
import { leaks } from './leaks.ts';
import { packagedTasks } from './packaged-tasks.ts';
import { contoso, type Patch } from './world.ts';

/** What is run. */
export interface Attempt {
  readonly pipeline: string;
  readonly world?: Patch;
  /** By default a build. */
  readonly host?: 'build' | 'release';
  /** Given when the run is started; those of the agent are overwritten. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Added to the environment of the agent's machine. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Cancels the run as soon as it is true. */
  readonly cancelWhen?: (progress: Progress) => boolean;
  /** Changes the world as soon as it is time, once. */
  readonly changeWhen?: {
    readonly isTime: (progress: Progress) => boolean;
    readonly change: (world: World) => void;
  };
  /** The Node.js that runs the task, by default this one. */
  readonly node?: string;
  /** Whether the command lines of the job's processes are looked at while they run. */
  readonly watchCommandLines?: true;
  /** A connection's fields that are no secrets, such as a role, but that the agent masks wherever they are printed. */
  readonly masksMore?: true;
  /** Wrong inputs are left for the task to find, as the classic editor leaves them. */
  readonly inputChecks?: 'warning';
}

/** How far a run has come. */
export interface Progress {
  readonly log: readonly string[];
  readonly requests: readonly RecordedRequest[];
}

/** A run that is over. */
export interface Trial extends Progress {
  readonly record: RunRecord;
  /** The first job. */
  readonly job: JobRecord;
  /** The first step of the first job that is a task of ours. */
  readonly task: StepRecord;
  /** When it was cancelled. */
  readonly cancelledAt?: Date;
  /** What the run left in the agent's temp folder and in the home folder: all but what the agent put there itself. */
  readonly leftBehind: readonly string[];
  /** Places where a secret of the run can be read; empty when all is well. */
  readonly leaks: readonly string[];
  /** Of the job's processes, where they were watched; see `watchCommandLines`. */
  readonly commandLines: ReadonlySet<string>;
}

/** Keys of the agent's user that are on the machine for other reasons. */
const storedKeys = `[default]
aws_access_key_id = AKIAIOSFODNN7EXAMPLE
aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
`;

/** The agent's own script files, and the run reports, which it reads when the steps are over. */
const ofTheAgent = /^(?:[0-9a-f-]{36}\.sh|keyless-delivery-report-[0-9a-f-]{36}\.(?:json|md))$/;

/**
 * Runs a pipeline on ground of its own: a world, a home folder with stored keys in it, an agent whose folders have
 * spaces in their paths.
 *
 * @param taskFolder by default the packaged tasks
 */
export async function runTrial(attempt: Attempt, taskFolder?: string): Promise<Trial> {
  const ground = await mkdtemp(join(tmpdir(), 'a trial '));
  const sandbox = await startSandbox(contoso(attempt.world));
  try {
    return await run(attempt, taskFolder ?? (await packagedTasks()), ground, sandbox);
  } finally {
    await sandbox.close();
    await rm(ground, { recursive: true, force: true });
  }
}

async function run(attempt: Attempt, taskFolder: string, ground: string, sandbox: Sandbox): Promise<Trial> {
  const { pipeline, host = 'build', variables, environment, inputChecks, node } = attempt;
  const home = join(ground, 'home');
  const workFolder = join(ground, 'agent', '_work');
  await mkdir(join(home, '.aws'), { recursive: true });
  await writeFile(join(home, '.aws', 'credentials'), storedKeys);
  const homeBefore = await contentsOf(home);

  const log: string[] = [];
  const ending = new AbortController();
  const progress = { log, requests: sandbox.requests };
  const cancelling = new AbortController();
  let cancelledAt: Date | undefined;
  once(
    () => attempt.cancelWhen?.(progress) ?? false,
    ending.signal,
    () => {
      cancelledAt = new Date();
      cancelling.abort();
    },
  );
  once(
    () => attempt.changeWhen?.isTime(progress) ?? false,
    ending.signal,
    () => attempt.changeWhen?.change(sandbox.world),
  );
  const watching = attempt.watchCommandLines && watchCommandLines(ending.signal);
  const record = await runPipeline({
    file: 'azure-pipelines.yml',
    text: pipeline,
    host,
    taskFolders: [taskFolder],
    sandbox,
    workFolder,
    keepTemp: true,
    environment: { PATH: process.env.PATH ?? '', HOME: home, ...environment },
    ...(variables && { variables }),
    ...(inputChecks && { inputChecks }),
    ...(node && { node }),
    signal: cancelling.signal,
    print: ({ text }) => log.push(text),
  }).finally(() => ending.abort());
  const commandLines = (await watching) ?? new Set();

  const [job] = record.jobs;
  const task = job?.steps.find(({ stage, handler }) => stage === 'main' && handler !== undefined);
  if (!job || !task) throw new Error(`no task has run:\n${log.join('\n')}`);
  const temp = await contentsOf(join(workFolder, '_temp'));
  const places = new Map([
    ...(await contentsOf(ground)),
    ['the log', log.join('\n')],
    ['a command line', [...commandLines].join('\n')],
  ]);
  const { password } = sandbox.proxyCredentials ?? {};
  const secrets = [...sandbox.issuedSecrets, ...(password ? [password] : [])];
  return {
    record,
    job,
    task,
    log,
    requests: [...sandbox.requests],
    ...(cancelledAt && { cancelledAt }),
    leftBehind: [
      ...[...temp.keys()].filter((path) => !ofTheAgent.test(path)).map((path) => `temp/${path}`),
      ...differences(homeBefore, await contentsOf(home)).map((path) => `home/${path}`),
    ],
    leaks: [...leaks(places, secrets), ...(attempt.masksMore ? [] : printed(record))],
    commandLines,
  };
}

/** What the agent itself prints while it debugs. */
const secretBeingSet = /^##\[debug\]Processed: ##vso\[task\.setsecret\]/;

/** Secrets that were printed and had to be masked: a task that relies on the mask is one mistake from a leak. */
function printed({ jobs }: RunRecord): string[] {
  return jobs.flatMap(({ steps, attachments }) => [
    ...steps
      .filter(({ handler }) => handler !== undefined)
      .flatMap(({ displayName, log }) =>
        log
          .filter((line) => line.includes('***') && !secretBeingSet.test(line))
          .map((line) => `${displayName} printed a secret: ${line}`),
      ),
    ...attachments
      .filter(({ maskedCount }) => maskedCount > 0)
      .map(({ name }) => `${name} was attached with a secret in it`),
  ]);
}

/** Milliseconds between two looks at how far a run has come. */
const interval = 10;

/** Acts once it is time, unless `ended` comes first. */
function once(isTime: () => boolean, ended: AbortSignal, act: () => void): void {
  const timer = setInterval(() => {
    if (!isTime()) return;
    clearInterval(timer);
    act();
  }, interval);
  ended.addEventListener('abort', () => clearInterval(timer), { once: true });
}
