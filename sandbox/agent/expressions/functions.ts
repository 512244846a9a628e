/** The functions of expressions. */
import {
  areEqual,
  compare,
  converted,
  Dictionary,
  EvaluationFault,
  fold,
  isList,
  itemsOf,
  kindOf,
  toBoolean,
  toText,
  type Value,
} from './values.ts';

/** A function. Parameters are evaluated when they are asked for, so that what is not needed is not evaluated. */
export interface ExpressionFunction {
  readonly least: number;
  readonly most: number;
  readonly call: (parameters: readonly (() => Value)[]) => Value;
}

const unlimited = Number.MAX_SAFE_INTEGER;

const text = (parameter: (() => Value) | undefined): string =>
  converted(parameter?.() ?? null, toText, 'String');

/** A function of two values. */
const pair = (call: (left: Value, right: Value) => Value): ExpressionFunction => ({
  least: 2,
  most: 2,
  call: ([left, right]) => call(left?.() ?? null, right?.() ?? null),
});

/** A function of two texts, compared without letter case. */
const texts = (call: (left: string, right: string) => boolean): ExpressionFunction => ({
  least: 2,
  most: 2,
  call: ([left, right]) => call(fold(text(left)), fold(text(right))),
});

const among: ExpressionFunction['call'] = ([left, ...others]) => {
  const wanted = left?.() ?? null;
  return others.some((other) => areEqual(wanted, other()));
};

/**
 * The functions that every expression knows, by lower-case name.
 *
 * @see https://learn.microsoft.com/azure/devops/pipelines/process/expressions#functions
 */
export const generalFunctions: ReadonlyMap<string, ExpressionFunction> = new Map<string, ExpressionFunction>([
  ['and', { least: 2, most: unlimited, call: (all) => all.every((one) => toBoolean(one())) }],
  ['or', { least: 2, most: unlimited, call: (all) => all.some((one) => toBoolean(one())) }],
  ['not', { least: 1, most: 1, call: ([one]) => !toBoolean(one?.() ?? null) }],
  ['xor', pair((left, right) => toBoolean(left) !== toBoolean(right))],
  ['eq', pair(areEqual)],
  ['ne', pair((left, right) => !areEqual(left, right))],
  ['ge', pair((left, right) => compare(left, right) >= 0)],
  ['gt', pair((left, right) => compare(left, right) > 0)],
  ['le', pair((left, right) => compare(left, right) <= 0)],
  ['lt', pair((left, right) => compare(left, right) < 0)],
  ['in', { least: 2, most: unlimited, call: among }],
  ['notin', { least: 2, most: unlimited, call: (parameters) => !among(parameters) }],
  ['contains', texts((left, right) => left.includes(right))],
  ['startswith', texts((left, right) => left.startsWith(right))],
  ['endswith', texts((left, right) => left.endsWith(right))],
  ['containsvalue', pair((all, wanted) => itemsOf(all).some((item) => areEqual(wanted, item)))],
  ['coalesce', { least: 2, most: unlimited, call: coalesce }],
  ['format', { least: 1, most: 255, call: ([pattern, ...values]) => format(text(pattern), values) }],
  ['join', pair(join)],
  ['lower', { least: 1, most: 1, call: ([one]) => text(one).toLowerCase() }],
  ['upper', { least: 1, most: 1, call: ([one]) => text(one).toUpperCase() }],
  ['trim', { least: 1, most: 1, call: ([one]) => text(one).trim() }],
  ['length', { least: 1, most: 1, call: ([one]) => lengthOf(one?.() ?? null) }],
  ['replace', { least: 3, most: 3, call: ([whole, from, to]) => replace(text(whole), text(from), text(to)) }],
  ['split', { least: 2, most: 2, call: ([whole, separators]) => split(text(whole), text(separators)) }],
  [
    'iif',
    { least: 3, most: 3, call: ([test, yes, no]) => (toBoolean(test?.() ?? null) ? yes : no)?.() ?? null },
  ],
]);

/** Functions that are known and cannot be run here, with what to write instead. */
export const refusedFunctions: ReadonlyMap<string, string> = new Map([
  ['counter', 'counter() counts runs, which only the service knows; write the number you mean'],
  ['converttojson', 'convertToJson() is for templates, which are not read here; write the JSON'],
]);

function coalesce(parameters: readonly (() => Value)[]): Value {
  let value: Value = null;
  for (const parameter of parameters) {
    value = parameter();
    if (value !== null && value !== '') break;
  }
  return value;
}

/** Items that have no text are left out; what is no list becomes its text. */
function join(separator: Value, items: Value): string {
  if (!isList(items)) return toText(items) ?? '';
  return items.map((item) => toText(item) ?? '').join(converted(separator, toText, 'String'));
}

function lengthOf(value: Value): number {
  if (typeof value === 'string') return value.length;
  if (isList(value) || value instanceof Dictionary) return itemsOf(value).length;
  throw new EvaluationFault(
    `Kind '${kindOf(value)}' not supported. Only arrays, strings, dictionaries, or collections are supported for the length function.`,
  );
}

const replace = (whole: string, from: string, to: string): string =>
  from === '' ? whole : whole.replaceAll(from, () => to);

/** Each character of the separators parts the text. */
const split = (whole: string, separators: string): Value[] => {
  const parts: string[] = [''];
  for (const character of whole) {
    if (separators.includes(character)) parts.push('');
    else parts[parts.length - 1] += character;
  }
  return parts;
};

/** Puts values at `{0}`, `{1}` …; doubled braces stand for themselves. */
function format(pattern: string, values: readonly (() => Value)[]): string {
  return pattern.replaceAll(/\{\{|\}\}|\{(\d+)\}|[{}]/g, (found, digits: string | undefined) => {
    if (found === '{{') return '{';
    if (found === '}}') return '}';
    if (digits === undefined) throw new EvaluationFault(`The following format string is invalid: ${pattern}`);
    const value = values[Number(digits)];
    if (value === undefined) {
      throw new EvaluationFault(
        `The following format string references more arguments than were supplied: ${pattern}`,
      );
    }
    return text(value);
  });
}
