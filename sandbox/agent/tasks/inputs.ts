/** From the inputs that a pipeline writes to those that a task gets. */
import type { TaskDefinition, TaskInput } from './definition.ts';
import { isVisible } from './visible-rule.ts';

/** What a pipeline's inputs come to. */
export interface ResolvedInputs {
  /** Every input of the task by its own name, defaults filled in; then those that the task does not know. */
  readonly values: ReadonlyMap<string, string>;
  /** What is wrong with them, each a sentence: what the editor would refuse. */
  readonly faults: readonly string[];
  /** What is only strange. */
  readonly warnings: readonly string[];
}

/**
 * Gives inputs their own names, whatever alias was used, and fills in defaults: of every input, shown or not, as the
 * agent does (TaskRunner.cs, LoadDefaultInputs). Values are trimmed; macros are left for the agent to expand.
 */
export function resolveInputs(
  definition: TaskDefinition,
  written: ReadonlyMap<string, string>,
): ResolvedInputs {
  const values = new Map(definition.inputs.map((input) => [input.name, input.defaultValue?.trim() ?? '']));
  const faults: string[] = [];
  const warnings: string[] = [];
  const givenBy = new Map<string, string>();

  for (const [name, value] of written) {
    const input = inputNamed(definition, name);
    if (input === undefined) {
      warnings.push(
        `Unexpected input '${name}': ${definition.name}@${definition.version.Major} has no such input.`,
      );
      values.set(name, value.trim());
      continue;
    }
    const other = givenBy.get(input.name);
    if (other !== undefined) faults.push(`input '${name}' is '${other}' by another name; write one of them`);
    givenBy.set(input.name, name);
    values.set(input.name, value.trim());
  }

  for (const input of definition.inputs) {
    const value = values.get(input.name) ?? '';
    const shown = isShown(definition, input, values, (warning) => warnings.push(warning));
    if (value === '') {
      if (input.required && shown) faults.push(`input '${input.name}' is required`);
    } else if (shown) {
      const fault = faultOf(input, value);
      if (fault !== undefined) faults.push(fault);
    }
  }
  return { values, faults, warnings };
}

/** The input of a name or alias; letter case is ignored. */
function inputNamed(definition: TaskDefinition, name: string): TaskInput | undefined {
  const wanted = name.toLowerCase();
  return definition.inputs.find((input) =>
    [input.name, ...input.aliases].some((own) => own.toLowerCase() === wanted),
  );
}

/** An input without a rule is always shown, and so is one whose rule cannot be read. */
function isShown(
  definition: TaskDefinition,
  { name, visibleRule = '' }: TaskInput,
  values: ReadonlyMap<string, string>,
  warn: (warning: string) => void,
): boolean {
  if (visibleRule.trim() === '') return true;
  try {
    return isVisible(visibleRule, (other) => values.get(inputNamed(definition, other)?.name ?? other) ?? '');
  } catch (error) {
    warn(`input '${name}': ${error instanceof Error ? error.message : String(error)}`);
    return true;
  }
}

/** What is wrong with a value of an input's type. A value with a macro is known only when the step runs. */
function faultOf(input: TaskInput, value: string): string | undefined {
  if (value.includes('$(')) return undefined;
  switch (input.type.toLowerCase()) {
    case 'picklist':
    case 'radio':
      return pickListFault(input, value);
    case 'boolean':
      return /^(true|false)$/i.test(value)
        ? undefined
        : `input '${input.name}' is '${value}'; write true or false`;
    case 'int':
      return /^-?\d+$/.test(value) ? undefined : `input '${input.name}' is '${value}'; write a whole number`;
    default:
      return undefined;
  }
}

function pickListFault(input: TaskInput, value: string): string | undefined {
  const offered = Object.keys(input.options);
  // A list without options is filled from a data source, which only the service can ask.
  if (offered.length === 0 || isOn(input, 'EditableOptions')) return undefined;
  const several = isOn(input, 'MultiSelect') || isOn(input, 'MultiSelectFlatList');
  const unknown = (several ? value.split(',').map((one) => one.trim()) : [value]).filter(
    (one) => !offered.some((option) => option.toLowerCase() === one.toLowerCase()),
  );
  if (unknown.length === 0) return undefined;
  return `input '${input.name}' is '${unknown.join(', ')}'; write one of ${offered.join(', ')}`;
}

function isOn(input: TaskInput, property: string): boolean {
  const entry = Object.entries(input.properties).find(
    ([name]) => name.toLowerCase() === property.toLowerCase(),
  );
  return entry?.[1].toLowerCase() === 'true';
}
