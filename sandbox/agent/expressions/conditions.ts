/** Conditions of steps and jobs: what they may name, and what it means there. */
import { isSuccess, type TaskResult } from '../result.ts';
import { evaluate, type Surroundings, vocabularyOf } from './evaluate.ts';
import type { ExpressionFunction } from './functions.ts';
import { type Expression, parseExpression, type Vocabulary } from './parser.ts';
import { Dictionary, toBoolean, type Value } from './values.ts';

const none = { least: 0, most: 0 } as const;
const anyNumber = { least: 0, most: Number.MAX_SAFE_INTEGER } as const;

const statusFunctions = ['always', 'canceled', 'failed', 'succeeded', 'succeededorfailed'] as const;

const empty = new Dictionary([]);
const noFunctions: Surroundings['functions'] = new Map();

/** What a step's condition may name (ExpressionManager.cs, Parse): variables, and the status of the job so far. */
const stepVocabulary: Vocabulary = vocabulary(['variables'], none);
/** What a job's condition may name: also the jobs before it, by name. */
const jobVocabulary: Vocabulary = vocabulary(['variables', 'dependencies'], anyNumber);
/** What `$[ ]` of a variable may name. */
const variableVocabulary: Vocabulary = vocabularyOf({
  values: { variables: empty, dependencies: empty },
  functions: noFunctions,
});

function vocabulary(
  values: readonly string[],
  arity: { readonly least: number; readonly most: number },
): Vocabulary {
  const functions = vocabularyOf({ values: {}, functions: noFunctions }).functions;
  const status = statusFunctions.map((name) => [name, name === 'always' ? none : arity] as const);
  return { values, functions: new Map([...functions, ...status]) };
}

/** A condition as written, and read. */
export interface Condition {
  readonly text: string;
  readonly expression: Expression;
}

/** What stands where no condition is written. */
export const succeeded: Condition = conditionOf('succeeded()', stepVocabulary);
/** Holds whatever happened. */
export const always: Condition = conditionOf('always()', stepVocabulary);

/** @throws ExpressionFault */
export const parseStepCondition = (text: string): Condition => conditionOf(text, stepVocabulary);
/** @throws ExpressionFault */
export const parseJobCondition = (text: string): Condition => conditionOf(text, jobVocabulary);

function conditionOf(text: string, known: Vocabulary): Condition {
  const expression = parseExpression(text, known);
  return expression === undefined ? succeeded : { text, expression };
}

/** @throws ExpressionFault */
export const parseVariableExpression = (text: string): Expression | undefined =>
  parseExpression(text, variableVocabulary);

/** A job that others may ask about. */
export interface FinishedJob {
  readonly result: TaskResult;
  /** By `step.variable`. */
  readonly outputs: ReadonlyMap<string, string>;
  /** The outputs' values that are secret. */
  readonly secrets: ReadonlySet<string>;
}

/** `dependencies`, as expressions see it. */
function dependenciesOf(jobs: ReadonlyMap<string, FinishedJob>): Dictionary {
  return new Dictionary(
    [...jobs].map(([name, { result, outputs }]) => [
      name,
      new Dictionary([
        ['result', result],
        ['outputs', new Dictionary(outputs)],
      ]),
    ]),
  );
}

/** Whether a step runs. */
export function stepRuns({ expression }: Condition, status: TaskResult, variables: Dictionary): boolean {
  const functions = statusTable({
    canceled: () => status === 'Canceled',
    failed: () => status === 'Failed',
    succeeded: () => isSuccess(status),
    succeededorfailed: () => isSuccess(status) || status === 'Failed',
  });
  return toBoolean(evaluate(expression, { values: { variables }, functions }));
}

/** The jobs before a job, by lower-case name. */
export interface JobsBefore {
  /** Those that `dependsOn` names. */
  readonly direct: ReadonlyMap<string, FinishedJob>;
  /** Those and all that they depend on, which is what status functions without names look at. */
  readonly all: ReadonlyMap<string, FinishedJob>;
}

/**
 * Whether a job runs.
 *
 * @param canceled whether the run was cancelled
 */
export function jobRuns(
  { expression }: Condition,
  before: JobsBefore,
  canceled: boolean,
  variables: Dictionary,
): boolean {
  const results = (names: readonly string[]): TaskResult[] =>
    names.length === 0
      ? [...before.all.values()].map(({ result }) => result)
      : names.map((name) => before.all.get(name.toLowerCase())?.result ?? 'Skipped');
  const functions = statusTable({
    canceled: () => canceled,
    failed: (names) => !canceled && results(names).includes('Failed'),
    succeeded: (names) => !canceled && results(names).every(isSuccess),
    succeededorfailed: (names) =>
      !canceled && results(names).every((result) => isSuccess(result) || result === 'Failed'),
  });
  const values = { variables, dependencies: dependenciesOf(before.direct) };
  return toBoolean(evaluate(expression, { values, functions }));
}

/** The value of a variable written as `$[ ]`. */
export function variableValue(
  expression: Expression | undefined,
  before: JobsBefore,
  variables: Dictionary,
): Value {
  if (expression === undefined) return '';
  const values = { variables, dependencies: dependenciesOf(before.direct) };
  return evaluate(expression, { values, functions: noFunctions });
}

type Status = Record<
  Exclude<(typeof statusFunctions)[number], 'always'>,
  (names: readonly string[]) => boolean
>;

function statusTable(status: Status): ReadonlyMap<string, ExpressionFunction> {
  const table = Object.entries({ always: () => true, ...status });
  return new Map(
    table.map(([name, holds]) => [
      name,
      { ...anyNumber, call: (parameters) => holds(parameters.map((one) => String(one() ?? ''))) },
    ]),
  );
}
