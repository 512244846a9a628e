/** From a pipeline to what is run. Everything that is wrong is said at once. */
import { FileFault } from '../checked-yaml.ts';
import type { World } from '../world.ts';
import { shells } from './job/shells.ts';
import { isOnPath } from './machine/process.ts';
import type { Job, Pipeline, ScriptStep, VariableDeclaration } from './pipeline/model.ts';
import { type InputChecks, type PlannedTask, planTask, type TaskPlanning } from './plan-task.ts';
import { TaskCatalogue } from './tasks/catalogue.ts';
import type { NamedConnection } from './tasks/connections.ts';

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
  const missing = await missingPrograms(jobs);
  const planned = jobs.map((job) =>
    planJob(job, missing, {
      ...{ world, catalogue, inputChecks },
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
async function missingPrograms(jobs: readonly Job[]): Promise<Set<string>> {
  const programs = new Set(
    jobs.flatMap(({ steps }) =>
      steps.flatMap((step) => (step.kind === 'script' ? [shells[step.shell].program] : [])),
    ),
  );
  const missing = await Promise.all(
    [...programs].map(async (program) => ((await isOnPath(program)) ? [] : [program])),
  );
  return new Set(missing.flat());
}

function planJob(job: Job, missing: ReadonlySet<string>, planning: Omit<TaskPlanning, 'job'>): PlannedJob {
  const steps = job.steps
    .filter(({ enabled }) => enabled)
    .flatMap((step): (PlannedTask | ScriptStep)[] => {
      if (step.kind === 'task') {
        const planned = planTask(step, { ...planning, job: job.name });
        return planned === undefined ? [] : [planned];
      }
      const { program } = shells[step.shell];
      if (missing.has(program)) {
        planning.fault(step.place, `${program} is not on this machine; install it, or write bash`);
      }
      return [step];
    });
  const connections = steps.flatMap((step) => (step.kind === 'task' ? step.connections : []));
  return { job, steps, connections: [...new Map(connections.map((one) => [one.id, one])).values()] };
}
