/** Which of a task's handlers runs, and by which program. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expandMacros } from '../variables/macros.ts';
import type { Handlers } from './definition.ts';

/** The Node handlers, best first: lower numbers win in the agent (TaskManager.cs, Priority), Node24 before Node20_1. */
const nodeHandlers = [
  { name: 'Node24', major: 24 },
  { name: 'Node20_1', major: 20 },
  { name: 'Node16', major: 16 },
  { name: 'Node10', major: 10 },
  { name: 'Node', major: 6 },
] as const;

/** A handler chosen to run. */
export interface ChosenHandler {
  readonly name: string;
  /** Absolute path of the script. */
  readonly target: string;
  readonly workingDirectory?: string;
}

/** The Node.js that runs tasks. */
export interface NodeRuntime {
  readonly path: string;
  readonly major: number;
}

/** Asks a node executable for its version. @throws where it cannot be run */
export async function nodeRuntime(path: string): Promise<NodeRuntime> {
  if (path === process.execPath) return { path, major: majorOf(process.version) };
  const { stdout } = await promisify(execFile)(path, ['--version']);
  return { path, major: majorOf(stdout) };
}

const majorOf = (version: string): number => Number(/^v(\d+)\./.exec(version.trim())?.[1] ?? 0);

/**
 * Chooses the newest handler that the Node.js at hand can run; an agent asked for an older one by its fallback knob
 * runs the older handler's script on the newer Node.js, and so does this one.
 *
 * @throws in the agent's words where the task is not for this system
 */
export function chooseHandler(handlers: Handlers, taskFolder: string, node: NodeRuntime): ChosenHandler {
  const offered = nodeHandlers.filter(({ name }) => handlers[name] !== undefined);
  const chosen = offered.find(({ major }) => major <= node.major) ?? offered.at(-1);
  const handler = chosen === undefined ? undefined : handlers[chosen.name];
  if (chosen === undefined || handler === undefined) {
    throw new Error(
      'The current operating system is not capable of running this task. That typically means the task was written ' +
        `for Windows only. For example, written for Windows Desktop PowerShell. (It has ${Object.keys(handlers).join(', ')}; the local agent runs Node handlers.)`,
    );
  }
  const inTask = (written: string) =>
    expandMacros(written, (name) => (name.toLowerCase() === 'currentdirectory' ? taskFolder : undefined));
  return {
    name: chosen.name,
    target: join(taskFolder, inTask(handler.target)),
    ...(handler.workingDirectory === undefined ? {} : { workingDirectory: inTask(handler.workingDirectory) }),
  };
}
