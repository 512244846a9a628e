/** From a pipeline's job to what is run: tasks found, inputs resolved, connections authorised. All faults at once. */
import { FileFault } from '../checked-yaml.ts';
import type { World } from '../world.ts';
import { restrictionsOf } from './commands/restrictions.ts';
import { programOf } from './job/script-step.ts';
import { isOnPath } from './machine/process.ts';
import type {
  Job,
  Pipeline,
  Restrictions,
  ScriptStep,
  TaskStep,
  VariableDeclaration,
} from './pipeline/model.ts';
import type { Faults } from './pipeline/source.ts';
import { type Task, TaskCatalogue } from './tasks/catalogue.ts';
import { findConnections, type NamedConnection, namesConnections } from './tasks/connections.ts';
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

/** What a pipeline is planned with. */
export interface Surroundings {
  readonly world: World;
  readonly taskFolders: readonly string[];
  readonly inputChecks: InputChecks;
}

/**
 * Plans all jobs, so that nothing runs of a pipeline that cannot be run whole.
 *
 * @throws FileFault naming every task, input and connection that is wrong
 */
export async function planPipeline(
  { jobs, variables }: Pipeline,
  surroundings: Surroundings,
): Promise<PlannedJob[]> {
  const { world, taskFolders, inputChecks } = surroundings;
  const faults: string[] = [];
  const catalogue = await TaskCatalogue.load(taskFolders);
  const shells = await missingShells(jobs);
  const planned = jobs.map((job) =>
    planJob(job, {
      ...{ world, catalogue, inputChecks, shells },
      staticVariables: staticValues([...variables, ...job.variables]),
      fault: (place, message) => faults.push(`${place}: ${message}`),
    }),
  );
  if (faults.length > 0) throw new FileFault(faults);
  return planned;
}

/** Variables whose values are known before the run, by lower-case name; later ones of a name win. */
export const staticValues = (variables: readonly VariableDeclaration[]): Map<string, string> =>
  new Map(
    variables.flatMap(({ name, value }) =>
      typeof value === 'string' ? [[name.toLowerCase(), value] as const] : [],
    ),
  );

/** The programs of script steps that are not on this machine. */
async function missingShells(jobs: readonly Job[]): Promise<Set<string>> {
  const programs = new Set(
    jobs.flatMap(({ steps }) =>
      steps.flatMap((step) => (step.kind === 'script' ? [programOf(step.shell)] : [])),
    ),
  );
  const missing = await Promise.all(
    [...programs].map(async (program) => ((await isOnPath(program)) ? [] : [program])),
  );
  return new Set(missing.flat());
}

interface Planning extends Pick<Surroundings, 'world' | 'inputChecks'> {
  readonly catalogue: TaskCatalogue;
  readonly shells: ReadonlySet<string>;
  /** Variables that are known before the run, which inputs that name connections may use. */
  readonly staticVariables: ReadonlyMap<string, string>;
  readonly fault: Faults;
}

function planJob(job: Job, planning: Planning): PlannedJob {
  const connections = new Map<string, NamedConnection>();
  const steps = job.steps
    .filter(({ enabled }) => enabled)
    .flatMap((step): (PlannedTask | ScriptStep)[] => {
      if (step.kind === 'script') {
        const program = programOf(step.shell);
        if (planning.shells.has(program))
          planning.fault(step.place, `${program} is not on this machine; install it, or write bash`);
        return [step];
      }
      const planned = planTask(job, step, planning, (connection) =>
        connections.set(connection.id, connection),
      );
      return planned === undefined ? [] : [planned];
    });
  return { job, steps, connections: [...connections.values()] };
}

/** Whether a version is newer than another, number by number. */
function isNewer(version: string, than: string): boolean {
  const [a, b] = [version, than].map((text) => text.split('.').map(Number));
  const index = [0, 1, 2].find((part) => (a?.[part] ?? 0) !== (b?.[part] ?? 0));
  return index !== undefined && (a?.[index] ?? 0) > (b?.[index] ?? 0);
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
  const tooNew = definition.minimumAgentVersion ?? '0';
  if (isNewer(tooNew, agentVersion)) {
    fault(
      step.place,
      `${step.task}@${step.version} needs agent ${tooNew}; the local agent is ${agentVersion}`,
    );
  }
  const written = new Map([...step.inputs].map(([name, { value }]) => [name, value]));
  const { values, faults, warnings } = resolveInputs(definition, written);
  if (inputChecks === 'fault') {
    for (const message of faults) fault(step.place, `Job ${job.name}: Step ${step.name}: ${message}`);
  }

  for (const { name, type } of definition.inputs) {
    if (type.toLowerCase() === 'securefile' && values.get(name)) {
      fault(step.place, `input '${name}' names a secure file, which only the service keeps; leave it out`);
    }
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
