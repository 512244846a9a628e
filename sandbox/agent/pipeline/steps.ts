/** The `steps` of a job. */
import { type Condition, parseStepCondition, succeeded } from '../expressions/conditions.ts';
import { Fields } from './fields.ts';
import type { ScriptStep, Step } from './model.ts';
import type { Faults, ListSource, Source } from './source.ts';
import { readTarget } from './target.ts';

const common = [
  ...['name', 'displayName', 'condition', 'continueOnError', 'enabled', 'env', 'timeoutInMinutes'],
  ...['retryCountOnTaskFailure', 'target'],
];
const scripts = ['script', 'bash', 'pwsh'] as const;
const scriptKeys = ['workingDirectory', 'failOnStderr', ...common];
const kinds = ['task', ...scripts, 'checkout'];

const refused: Readonly<Record<string, string>> = {
  powershell: 'powershell runs on Windows only; write pwsh, or bash',
  download: 'artifacts of other runs are not kept here; leave the step out',
  downloadBuild: 'artifacts of other runs are not kept here; leave the step out',
  getPackage: 'packages are not kept here; leave the step out',
  publish: 'write a script step with ##vso[artifact.upload …] instead, which is recorded',
  template: 'templates are not read here; write the steps here',
  reviewApp: 'reviewApp needs an environment of the service; leave the step out',
};

/** The steps of a job, and whether they want the repository. */
export interface Steps {
  readonly steps: readonly Step[];
  readonly checkout: boolean;
}

/** Reads steps, and gives those without one a name. */
export function readSteps(list: ListSource, fault: Faults): Steps {
  const names = new StepNames(fault);
  const isCheckout = (item: Source) => keyOf(item, ['checkout']) !== undefined;
  const checkouts = list.items.filter(isCheckout).map((item) => readCheckout(item, fault));
  const steps = list.items
    .filter((item) => !isCheckout(item))
    .flatMap((item) => readStep(item, names, fault) ?? []);
  return { steps, checkout: !checkouts.includes('none') };
}

/** The names of a job's steps: those that are written have to differ, and the others are made to. */
class StepNames {
  readonly #written = new Set<string>();
  readonly #made = new Map<string, number>();
  readonly #fault: Faults;

  constructor(fault: Faults) {
    this.#fault = fault;
  }

  of(fields: Fields, base: string): string {
    const name = fields.text('name');
    if (name === undefined) {
      const count = (this.#made.get(base) ?? 0) + 1;
      this.#made.set(base, count);
      return `${base}${count === 1 ? '' : count}`;
    }
    const place = fields.placeOf('name');
    if (!/^[A-Za-z_]\w*$/.test(name)) {
      this.#fault(place, `'${name}' is no name; write letters, digits and _, not beginning with a digit`);
    }
    if (this.#written.has(name.toLowerCase())) {
      this.#fault(
        place,
        `The step name ${name} appears more than once. Step names must be unique within a job.`,
      );
    }
    this.#written.add(name.toLowerCase());
    return name;
  }
}

const keyOf = <Key extends string>(item: Source, keys: readonly Key[]): Key | undefined =>
  item.kind === 'map' ? keys.find((key) => item.entries.some((entry) => entry.key === key)) : undefined;

function readStep(item: Source, names: StepNames, fault: Faults): Step | undefined {
  if (keyOf(item, ['task']) !== undefined) return readTask(item, names, fault);
  const shell = keyOf(item, scripts);
  if (shell !== undefined) return readScript(item, shell, names, fault);
  // Says what is wrong with each of its keys.
  new Fields(item, 'a step', kinds, refused, fault);
  if (item.kind === 'map' && item.entries.length === 0)
    fault(item.place, `a step is one of ${kinds.join(', ')}`);
  return undefined;
}

function readScript(item: Source, shell: ScriptStep['shell'], names: StepNames, fault: Faults): Step {
  const fields = new Fields(item, `a ${shell} step`, [shell, ...scriptKeys], refused, fault);
  const base = { script: 'CmdLine', bash: 'Bash', pwsh: 'PowerShell' }[shell];
  return {
    kind: 'script',
    shell,
    script: fields.text(shell) ?? '',
    workingDirectory: fields.text('workingDirectory') ?? '',
    failOnStderr: fields.boolean('failOnStderr', false),
    ...readCommon(fields, names.of(fields, base), fault),
  };
}

/** How a repository is fetched, which nothing does here. */
const ofFetching = [
  'clean',
  'fetchDepth',
  'fetchTags',
  'lfs',
  'persistCredentials',
  'submodules',
  'displayName',
];

/** The pipeline's own folder stands in for the checked-out repository. */
function readCheckout(item: Source, fault: Faults): 'self' | 'none' {
  const fields = new Fields(item, 'a checkout step', ['checkout', ...ofFetching], refused, fault);
  const repository = fields.text('checkout') ?? '';
  if (repository === 'self' || repository === 'none') return repository;
  const advice = `'checkout' is '${repository}'; write self, which is the folder of the pipeline file, or none`;
  fault(fields.placeOf('checkout'), advice);
  return 'self';
}

function readTask(item: Source, names: StepNames, fault: Faults): Step {
  const fields = new Fields(item, 'a task step', ['task', 'inputs', ...common], refused, fault);
  const reference = fields.text('task') ?? '';
  const [, task = '', version = ''] = /^([^@\s]+)@(\d+(?:\.\d+\.\d+)?)$/.exec(reference) ?? [];
  if (task === '') {
    fault(
      fields.placeOf('task'),
      `'${reference}' names no task; write its name and major version: AwsFederate@1`,
    );
  }
  return {
    kind: 'task',
    task,
    version,
    inputs: fields.table('inputs'),
    ...readCommon(fields, names.of(fields, task.slice(task.lastIndexOf('.') + 1)), fault),
  };
}

function readCommon(fields: Fields, name: string, fault: Faults) {
  const environment = [...fields.table('env')].map(([key, { value }]) => [key.trim(), value.trim()] as const);
  return {
    name,
    displayName: fields.text('displayName') ?? '',
    condition: readCondition(fields, parseStepCondition, fault),
    continueOnError: fields.boolean('continueOnError', false),
    enabled: fields.boolean('enabled', true),
    timeout: fields.wholeNumber('timeoutInMinutes', 0),
    retries: fields.wholeNumber('retryCountOnTaskFailure', 0),
    environment: new Map(environment.filter(([key]) => key !== '')),
    restrictions: readTarget(fields, fault),
    place: fields.place,
  };
}

/** Reads a `condition`; macros in it are not expanded, and Azure Pipelines refuses them as symbols it does not know. */
export function readCondition(fields: Fields, parse: (text: string) => Condition, fault: Faults): Condition {
  try {
    return parse(fields.text('condition') ?? '');
  } catch (error) {
    fault(fields.placeOf('condition'), error instanceof Error ? error.message : String(error));
    return succeeded;
  }
}
