/** Running one stage of a task. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import {
  endpointVariables,
  inputVariables,
  publicVariables,
  secretVariables,
  taskVariables,
} from '../machine/environment.ts';
import { namesConnections } from '../tasks/connections.ts';
import type { Handlers, TaskDefinition } from '../tasks/definition.ts';
import { type ChosenHandler, chooseHandler } from '../tasks/handler.ts';
import { expandMacros } from '../variables/macros.ts';
import type { StepContext } from './step-context.ts';
import { runStepProcess } from './step-process.ts';

/** What a task's stage is run with. */
export interface TaskRun {
  readonly definition: TaskDefinition;
  readonly folder: string;
  readonly handlers: Handlers;
  /** As resolved before the job, macros still in them. */
  readonly inputs: ReadonlyMap<string, string>;
  /** `env` of the step. */
  readonly environment: ReadonlyMap<string, string>;
  readonly signal: AbortSignal;
}

/** What became of a stage of a task. */
export interface TaskOutcome {
  readonly handler: string;
  readonly inputs: ReadonlyMap<string, string>;
  readonly exitCode?: number;
}

/** What the log says of a task before it runs. */
export interface TaskHeader {
  readonly friendlyName: string;
  readonly description: string;
  readonly version: string;
  readonly author: string;
  readonly help: string;
}

/** Prints what a task is, as the agent does before each of its stages (TaskRunner.cs, PrintTaskMetaData). */
export function printTaskHeader(step: StepContext, task: TaskHeader): void {
  const rule = '='.repeat(78);
  step.write(rule);
  step.write(`Task         : ${task.friendlyName}`);
  step.write(`Description  : ${task.description}`);
  step.write(`Version      : ${task.version}`);
  step.write(`Author       : ${task.author}`);
  step.write(`Help         : ${task.help}`);
  step.write(rule);
}

/**
 * Runs a stage of a task in a Node.js process of its own.
 *
 * @throws where it cannot be started, or ended with an exit code other than 0
 * @see azure-pipelines-agent, TaskRunner.cs (RunAsyncInternal) and Handlers/NodeHandler.cs (RunAsync)
 */
export async function runTask(
  step: StepContext,
  run: TaskRun,
  report: (outcome: TaskOutcome) => void,
): Promise<void> {
  const { settings } = step.job;
  const handler = chooseHandler(run.handlers, run.folder, settings.node);
  const inputs = expandInputs(step, run);
  report({ handler: handler.name, inputs });

  for (const { name } of run.definition.outputVariables) step.outputNames.add(name.toLowerCase());
  if (!existsSync(handler.target)) throw new Error(`File not found: '${handler.target}'`);
  step.debug(`Using node path: ${settings.node.path}`);

  const end = await runStepProcess(step, {
    file: settings.node.path,
    arguments: [handler.target],
    workingDirectory: workingDirectory(step, handler),
    environment: environmentOf(step, run, inputs),
    firstSignal: 'SIGINT',
    signal: run.signal,
  });
  if (end === undefined) return;
  const { exitCode } = end;
  report({ handler: handler.name, inputs, exitCode });
  // A task says by task.complete how it went; any other exit code means that it broke down.
  if (exitCode !== 0 && !run.signal.aborted) {
    throw new Error(
      `Exit code ${exitCode} returned from process: file name '${settings.node.path}', arguments '"${handler.target}"'.`,
    );
  }
}

/** In the order of the agent, in which variables win over a step's own `env`. */
function environmentOf(
  step: StepContext,
  run: TaskRun,
  inputs: ReadonlyMap<string, string>,
): Record<string, string> {
  const { settings, variables } = step.job;
  return {
    ...expandEnvironment(step, run.environment),
    ...publicVariables(variables),
    ...secretVariables(variables),
    ...inputVariables(inputs),
    ...endpointVariables(connectionsOf(step, run.definition, inputs), {
      url: settings.sandbox.collectionUri,
      accessToken: settings.service.accessToken,
    }),
    ...taskVariables(step.taskVariables),
  };
}

function workingDirectory(step: StepContext, handler: ChosenHandler): string {
  return handler.workingDirectory || (step.job.variables.get('System.DefaultWorkingDirectory') ?? '');
}

/** Variables first, then the agent's own environment, as the agent expands inputs and `env`. */
export function expandText(step: StepContext, text: string): string {
  const { environment } = step.job.settings;
  return expandMacros(step.job.variables.expandIn(text), (name) => environment[name]);
}

/** `env` of a step, expanded. */
export const expandEnvironment = (
  step: StepContext,
  environment: ReadonlyMap<string, string>,
): Record<string, string> =>
  Object.fromEntries([...environment].map(([name, value]) => [name, expandText(step, value)]));

function expandInputs(step: StepContext, { definition, inputs }: TaskRun): Map<string, string> {
  const expanded = new Map([...inputs].map(([name, value]) => [name, expandText(step, value)]));
  for (const { name, type } of definition.inputs) {
    // A path that is not rooted is one of the repository's; an empty one becomes the repository itself.
    if (type.toLowerCase() === 'filepath') {
      expanded.set(name, resolve(step.job.settings.folders.sources, expanded.get(name) ?? ''));
    }
  }
  return expanded;
}

function connectionsOf(step: StepContext, definition: TaskDefinition, inputs: ReadonlyMap<string, string>) {
  return definition.inputs
    .filter(namesConnections)
    .flatMap(({ name }) => (inputs.get(name) ?? '').split(','))
    .flatMap((id) => step.job.connections.get(id.trim().toLowerCase()) ?? []);
}
