/** The agent on this machine: its folders, its environment and the Node.js that runs its tasks. */
import { mkdir, mkdtemp, readdir, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { FileFault } from '../../checked-yaml.ts';
import type { Sandbox } from '../../sandbox.ts';
import type { Host } from '../record.ts';
import { type NodeRuntime, nodeRuntime } from '../tasks/handler.ts';
import { agentEnvironment } from './environment.ts';
import { type Folders, foldersOf } from './folders.ts';
import { machineVariables } from './machine-variables.ts';

/** What the caller says of the agent; see RunOptions. */
export interface AgentOptions {
  readonly host: Host;
  readonly sandbox: Sandbox;
  readonly node?: string;
  readonly workFolder?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

/** An agent that is ready to run jobs. */
export interface Agent {
  readonly folders: Folders;
  readonly node: NodeRuntime;
  /** What every step inherits. */
  readonly environment: Readonly<Record<string, string>>;
  /** Removes the work folder, where it was made for this run. */
  readonly leave: () => Promise<void>;
}

/** Marks a folder as one that an agent empties. */
const markFile = '.local-agent';

/** Makes a work folder, or takes one that an earlier run made: folders in it are deleted. */
async function claim(work: string): Promise<void> {
  await mkdir(work, { recursive: true });
  const names = await readdir(work);
  if (names.length > 0 && !names.includes(markFile)) {
    throw new FileFault([
      `${work} is no work folder of an agent, and not empty; name a new folder, since the agent deletes folders in it`,
    ]);
  }
  await writeFile(join(work, markFile), '');
}

/** @throws FileFault where the Node.js cannot be run, or the work folder holds something else */
export async function prepareAgent({
  host,
  sandbox,
  node,
  workFolder,
  environment,
}: AgentOptions): Promise<Agent> {
  // Tasks run in another folder than this one: a path has to be whole, and a bare name is looked for along PATH.
  const path = node === undefined ? process.execPath : /[\\/]/.test(node) ? resolve(node) : node;
  const runtime = await nodeRuntime(path).catch((error: Error) => {
    throw new FileFault([`${path} cannot be run as Node.js: ${error.message}`]);
  });
  const made = workFolder === undefined ? await mkdtemp(join(tmpdir(), 'local-agent-')) : undefined;
  const work = resolve(workFolder ?? join(made ?? '', '_work'));
  await claim(work);
  const folders = foldersOf(await realpath(work), host);
  return {
    folders,
    node: runtime,
    environment: {
      ...machineVariables(sandbox),
      ...(environment ?? agentEnvironment(process.env, folders.userHome)),
    },
    leave: async () => {
      if (made !== undefined) await rm(made, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}
