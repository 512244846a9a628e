/** From a task step to what is run: its task found, its inputs resolved, its connections authorised. */
import type { World } from '../world.ts';
import { restrictionsOf } from './commands/restrictions.ts';
import type { Restrictions, TaskStep } from './pipeline/model.ts';
import type { Faults } from './pipeline/source.ts';
import type { Task, TaskCatalogue } from './tasks/catalogue.ts';
import { findConnections, type NamedConnection, namesConnections } from './tasks/connections.ts';
import type { TaskDefinition } from './tasks/definition.ts';
import { resolveInputs } from './tasks/inputs.ts';
import { expandMacros } from './variables/macros.ts';
import { agentVersion } from './variables/system-variables.ts';

/** What is wrong with an input is a fault of the pipeline, or left for the task to find. */
export type InputChecks = 'fault' | 'warning';

/** A task step with its task. */
export interface PlannedTask {
  readonly kind: 'task';
  readonly step: TaskStep;
  readonly task: Task;
  /** With connections as GUIDs. */
  readonly inputs: ReadonlyMap<string, string>;
  readonly connections: readonly NamedConnection[];
  readonly restrictions: readonly Restrictions[];
  readonly warnings: readonly string[];
}

/** What a task step is planned with. */
export interface TaskPlanning {
  /** The name of its job, for messages. */
  readonly job: string;
  readonly world: World;
  readonly catalogue: TaskCatalogue;
  readonly inputChecks: InputChecks;
  /** Variables that are known before the run, by lower-case name: inputs that name connections may use them. */
  readonly staticVariables: ReadonlyMap<string, string>;
  readonly fault: Faults;
}

/** Plans a task step. @returns undefined where its task is not at hand */
export function planTask(step: TaskStep, planning: TaskPlanning): PlannedTask | undefined {
  const { job, inputChecks, fault } = planning;
  const task = find(step, planning);
  if (task === undefined) return undefined;
  const { definition } = task;

  const written = new Map([...step.inputs].map(([name, { value }]) => [name, value]));
  const { values, faults, warnings } = resolveInputs(definition, written);
  if (inputChecks === 'fault') {
    for (const message of faults) fault(step.place, `Job ${job}: Step ${step.name}: ${message}`);
  }
  refuseSecureFiles(step, definition, values, fault);
  const { inputs, connections } = resolveConnections(step, definition, values, planning);
  return {
    ...{ kind: 'task', step, task, inputs, connections },
    restrictions: [restrictionsOf(definition), step.restrictions],
    warnings: inputChecks === 'fault' ? warnings : [...warnings, ...faults],
  };
}

function find(step: TaskStep, { job, catalogue, fault }: TaskPlanning): Task | undefined {
  const task = catalogue.find(step.task, step.version);
  if (task === undefined) {
    fault(
      step.place,
      `A task is missing. The pipeline references a task called '${step.task}'. (Task version ${step.version}, job ` +
        `'${job}', step '${step.name}'.) Give the folder that holds it by --tasks; at hand are ${catalogue.references.join(', ') || 'none'}`,
    );
    return undefined;
  }
  const needed = task.definition.minimumAgentVersion ?? '0';
  if (isNewer(needed, agentVersion)) {
    fault(
      step.place,
      `${step.task}@${step.version} needs agent ${needed}; the local agent is ${agentVersion}`,
    );
  }
  return task;
}

/** Whether a version is newer than another, number by number. */
function isNewer(version: string, than: string): boolean {
  const [a, b] = [version, than].map((text) => text.split('.').map(Number));
  const index = [0, 1, 2].find((part) => (a?.[part] ?? 0) !== (b?.[part] ?? 0));
  return index !== undefined && (a?.[index] ?? 0) > (b?.[index] ?? 0);
}

function refuseSecureFiles(
  step: TaskStep,
  definition: TaskDefinition,
  values: ReadonlyMap<string, string>,
  fault: Faults,
): void {
  for (const { name, type } of definition.inputs) {
    if (type.toLowerCase() === 'securefile' && values.get(name)) {
      fault(step.place, `input '${name}' names a secure file, which only the service keeps; leave it out`);
    }
  }
}

/** Puts GUIDs in the place of names. */
function resolveConnections(
  step: TaskStep,
  definition: TaskDefinition,
  values: ReadonlyMap<string, string>,
  { job, world, staticVariables, fault }: TaskPlanning,
) {
  const inputs = new Map(values);
  const connections: NamedConnection[] = [];
  for (const input of definition.inputs.filter(namesConnections)) {
    const written = values.get(input.name) ?? '';
    const value = expandMacros(written, (name) => staticVariables.get(name.toLowerCase()));
    try {
      const found = findConnections(world, value, { job, step: step.name, input });
      connections.push(...found);
      inputs.set(input.name, found.map(({ id }) => id).join(','));
    } catch (error) {
      const place = step.inputs.get(input.name)?.place ?? step.place;
      fault(place, error instanceof Error ? error.message : String(error));
    }
  }
  return { inputs, connections };
}
