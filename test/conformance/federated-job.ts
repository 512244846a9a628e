import assert from 'node:assert/strict';
import { dirname, join } from 'node:path';
import { stringify } from 'yaml';
import { type JobRecord, runPipeline, type StepRecord } from '../../sandbox/agent/index.ts';
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts';
import { loadWorld, type World } from '../../sandbox/world.ts';

/** The account and the role of world.yml. */
export const account = '111122223333';
export const role = 'deployer';

const root = dirname(dirname(import.meta.dirname));

/** A sandbox of the world in world.yml, changed as the test needs it. */
export async function startConformanceSandbox(change: (world: World) => void = () => {}): Promise<Sandbox> {
  const world = await loadWorld(join(import.meta.dirname, 'world.yml'));
  change(world);
  return startSandbox(world);
}

/** A job of two steps: AwsFederate as it was built, and a script that finds what the first handed on. */
export interface FederatedJob {
  readonly sandbox: Sandbox;
  /** The Node.js that runs the task, and by the task's doing the renewals. */
  readonly node: string;
  /** For bash. */
  readonly script: string;
  /** Variables of the script alone. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly profileName?: string;
  /** The home folder of the agent's user; by default an empty one. */
  readonly home?: string;
  /** Hears every line of the log as it is printed. */
  readonly onLine?: (line: string) => void;
}

/** A job that is over. */
export interface FinishedJob {
  readonly record: JobRecord;
  readonly federation: StepRecord;
  /** Skipped where the federation failed. */
  readonly script: StepRecord;
}

/** Runs the job by the local agent. */
export async function runFederatedJob(job: FederatedJob): Promise<FinishedJob> {
  const { sandbox, node, script, environment, profileName, home, onLine } = job;
  const inputs = { awsConnection: 'aws-production', ...(profileName && { profileName }) };
  const { jobs } = await runPipeline({
    file: 'azure-pipelines.yml',
    text: stringify({
      steps: [
        { task: 'AwsFederate@1', inputs },
        { bash: script, displayName: 'Use the credentials', env: { ...environment } },
      ],
    }),
    host: 'build',
    taskFolders: [join(root, 'dist/tasks')],
    sandbox,
    node,
    ...(home && { environment: { HOME: home, PATH: process.env.PATH ?? '' } }),
    print: ({ text }) => onLine?.(text),
  });
  const [record] = jobs;
  const [federation, later] = record?.steps.filter(({ stage }) => stage === 'main') ?? [];
  assert(record && federation && later, 'the job has the two steps');
  return { record, federation, script: later };
}

/** The step's log as a text, for messages of assertions. */
export function logOf(step: StepRecord): string {
  return `\n${step.log.join('\n')}`;
}
