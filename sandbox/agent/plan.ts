/** From a pipeline's job to what is run: tasks found, inputs resolved, connections authorised. All faults at once. */
import type { World } from '../world.ts';
import { restrictionsOf } from './commands/restrictions.ts';
import { findConnections, type NamedConnection, namesConnections } from './connections.ts';
import { expandMacros } from './macros.ts';
import type { Job, Restrictions, ScriptStep, TaskStep } from './pipeline/model.ts';
import type { Faults } from './pipeline/source.ts';
import type { Task, TaskCatalogue } from './tasks/catalogue.ts';
import { resolveInputs } from './tasks/inputs.ts';

/** What is wrong with an input is a fault of the pipeline, or left for the task to find. */
export type InputChecks = 'fault' | 'warning';

/** A task step with its task. */
export interface PlannedTask {
  readonly kind: 'task';
  readonly step: TaskStep;
  readonly task: Task;
  /** With connections as GUIDs. */
  readonly inputs: ReadonlyMap<string, string>;
  readonly restrictions: readonly Restrictions[];
  readonly warnings: readonly string[];
}

/** A job whose steps can be run. */
export interface PlannedJob {
  readonly job: Job;
  /** Without those that are not enabled, which the service leaves out. */
  readonly steps: readonly (PlannedTask | ScriptStep)[];
  /** Named by an input of the job; the only ones it can have tokens of. */
  readonly connections: readonly NamedConnection[];
}

/** What a job is planned with. */
export interface Planning {
  readonly world: World;
  readonly catalogue: TaskCatalogue;
  readonly inputChecks: InputChecks;
  /** Variables that are known before the run, which inputs that name connections may use. */
  readonly staticVariables: ReadonlyMap<string, string>;
  readonly fault: Faults;
}

/** Plans a job. */
export function planJob(job: Job, planning: Planning): PlannedJob {
  const connections = new Map<string, NamedConnection>();
  const steps = job.steps
    .filter(({ enabled }) => enabled)
    .flatMap((step): (PlannedTask | ScriptStep)[] => {
      if (step.kind === 'script') return [step];
      const planned = planTask(job, step, planning, (connection) =>
        connections.set(connection.id, connection),
      );
      return planned === undefined ? [] : [planned];
    });
  return { job, steps, connections: [...connections.values()] };
}

function planTask(
  job: Job,
  step: TaskStep,
  { world, catalogue, inputChecks, staticVariables, fault }: Planning,
  authorise: (connection: NamedConnection) => void,
): PlannedTask | undefined {
  const task = catalogue.find(step.task, step.version);
  if (task === undefined) {
    fault(
      step.place,
      `A task is missing. The pipeline references a task called '${step.task}'. (Task version ${step.version}, job ` +
        `'${job.name}', step '${step.name}'.) Give the folder that holds it by --tasks; at hand are ${catalogue.references.join(', ') || 'none'}`,
    );
    return undefined;
  }
  const { definition } = task;
  const written = new Map([...step.inputs].map(([name, { value }]) => [name, value]));
  const { values, faults, warnings } = resolveInputs(definition, written);
  if (inputChecks === 'fault') {
    for (const message of faults) fault(step.place, `Job ${job.name}: Step ${step.name}: ${message}`);
  }

  const inputs = new Map(values);
  for (const input of definition.inputs.filter(namesConnections)) {
    const value = expandMacros(values.get(input.name) ?? '', (name) =>
      staticVariables.get(name.toLowerCase()),
    );
    try {
      const found = findConnections(world, value, { job: job.name, step: step.name, input });
      for (const connection of found) authorise(connection);
      inputs.set(input.name, found.map(({ id }) => id).join(','));
    } catch (error) {
      fault(
        step.inputs.get(input.name)?.place ?? step.place,
        error instanceof Error ? error.message : String(error),
      );
    }
  }
  return {
    kind: 'task',
    step,
    task,
    inputs,
    restrictions: [restrictionsOf(definition), step.restrictions],
    warnings: inputChecks === 'fault' ? warnings : [...warnings, ...faults],
  };
}
