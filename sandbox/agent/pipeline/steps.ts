/** The `steps` of a job. */
import { parseStepCondition } from '../expressions/conditions.ts';
import type { Expression } from '../expressions/parser.ts';
import { Fields } from './fields.ts';
import type { Restrictions, Step } from './model.ts';
import type { Faults, ListSource, Source } from './source.ts';

const common = [
  ...['name', 'displayName', 'condition', 'continueOnError', 'enabled', 'env', 'timeoutInMinutes'],
  ...['retryCountOnTaskFailure', 'target'],
];
const scripts = ['script', 'bash', 'pwsh'] as const;
const scriptKeys = ['workingDirectory', 'failOnStderr', ...common];
const kinds = [...scripts, 'task', 'checkout'];

const refused: Readonly<Record<string, string>> = {
  powershell: 'powershell runs on Windows only; write pwsh, or bash',
  download: 'artifacts of other runs are not kept here; leave the step out',
  downloadBuild: 'artifacts of other runs are not kept here; leave the step out',
  getPackage: 'packages are not kept here; leave the step out',
  publish: 'write a script step with ##vso[artifact.upload …] instead, which is recorded',
  template: 'templates are not read here; write the steps here',
  reviewApp: 'reviewApp needs an environment of the service; leave the step out',
};

/** Reads steps, and gives those without one a name. */
export function readSteps(list: ListSource, fault: Faults): Step[] {
  const taken = new Map<string, number>();
  return list.items.flatMap((item) => {
    const step = readStep(
      item,
      (base) => {
        const count = (taken.get(base) ?? 0) + 1;
        taken.set(base, count);
        return `${base}${count === 1 ? '' : count}`;
      },
      fault,
    );
    return step === undefined ? [] : [step];
  });
}

function readStep(item: Source, nameFor: (base: string) => string, fault: Faults): Step | undefined {
  const kind =
    item.kind === 'map' ? kinds.find((key) => item.entries.some((entry) => entry.key === key)) : undefined;
  if (kind === undefined) {
    new Fields(item, 'a step', kinds, refused, fault);
    if (item.kind === 'map' && item.entries.length === 0)
      fault(item.place, `a step is one of ${kinds.join(', ')}`);
    return undefined;
  }
  if (kind === 'checkout') return readCheckout(item, fault);
  if (kind === 'task') return readTask(item, nameFor, fault);

  const shell = scripts.find((one) => one === kind) ?? 'script';
  const fields = new Fields(item, `a ${shell} step`, [shell, ...scriptKeys], refused, fault);
  const name = { script: 'CmdLine', bash: 'Bash', pwsh: 'PowerShell' }[shell];
  return {
    kind: 'script',
    shell,
    script: fields.text(shell) ?? '',
    workingDirectory: fields.text('workingDirectory') ?? '',
    failOnStderr: fields.boolean('failOnStderr', false),
    ...readCommon(fields, name, nameFor, fault),
  };
}

/** The pipeline's own folder stands in for the checked-out repository, so there is nothing to do. */
function readCheckout(item: Source, fault: Faults): undefined {
  const ignorable = [
    'clean',
    'fetchDepth',
    'fetchTags',
    'lfs',
    'persistCredentials',
    'submodules',
    'displayName',
  ];
  const fields = new Fields(item, 'a checkout step', ['checkout', ...ignorable], refused, fault);
  const repository = fields.text('checkout') ?? '';
  if (repository !== 'self') {
    fault(
      fields.placeOf('checkout'),
      `only 'checkout: self' is known here, the folder of the pipeline file; not '${repository}'`,
    );
  }
}

function readTask(item: Source, nameFor: (base: string) => string, fault: Faults): Step {
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
    ...readCommon(fields, task.slice(task.lastIndexOf('.') + 1), nameFor, fault),
  };
}

function readCommon(fields: Fields, base: string, nameFor: (base: string) => string, fault: Faults) {
  const name = fields.text('name');
  if (name !== undefined && !/^[A-Za-z_]\w*$/.test(name)) {
    fault(
      fields.placeOf('name'),
      `'${name}' is no name; write letters, digits and _, not beginning with a digit`,
    );
  }
  const environment = [...fields.table('env')].map(([key, { value }]) => [key.trim(), value.trim()] as const);
  return {
    name: name ?? nameFor(base),
    named: name !== undefined,
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
export function readCondition(
  fields: Fields,
  parse: (text: string) => Expression | undefined,
  fault: Faults,
): Expression | undefined {
  try {
    return parse(fields.text('condition') ?? '');
  } catch (error) {
    fault(fields.placeOf('condition'), error instanceof Error ? error.message : String(error));
    return undefined;
  }
}

const containerAdvice = 'containers are not run here; run the step on the host: leave target out';

/** https://learn.microsoft.com/azure/devops/pipelines/yaml-schema/target */
function readTarget(step: Fields, fault: Faults): Restrictions {
  const source = step.source('target');
  const free: Restrictions = { commandsRestricted: false, settableVariables: undefined };
  if (source === undefined) return free;
  if (source.kind === 'text') {
    if (source.text !== 'host') fault(source.place, containerAdvice);
    return free;
  }
  const target = new Fields(source, 'a target', ['container', 'commands', 'settableVariables'], {}, fault);
  const container = target.text('container') ?? 'host';
  if (container !== 'host') fault(target.placeOf('container'), containerAdvice);
  const commands = target.text('commands') ?? 'any';
  if (commands !== 'any' && commands !== 'restricted') {
    fault(target.placeOf('commands'), `'commands' is '${commands}'; write any or restricted`);
  }
  const settable = target.texts('settableVariables');
  return {
    commandsRestricted: commands === 'restricted',
    settableVariables: settable?.length === 1 && settable[0] === 'none' ? [] : settable,
  };
}
