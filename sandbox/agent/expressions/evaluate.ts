/** The value of an expression. */
import { type ExpressionFunction, generalFunctions } from './functions.ts';
import type { Expression, Vocabulary } from './parser.ts';
import { Dictionary, FilteredArray, isList, itemsOf, toNumber, toText, type Value } from './values.ts';

/** What an expression can ask about where it stands. */
export interface Surroundings {
  /** By lower-case name. */
  readonly values: Readonly<Record<string, Dictionary>>;
  /** Functions beside the general ones, by lower-case name: those of a job's status. */
  readonly functions: ReadonlyMap<string, ExpressionFunction>;
}

/** What may be named with these surroundings. */
export const vocabularyOf = ({ values, functions }: Surroundings): Vocabulary => ({
  values: Object.keys(values),
  functions: new Map([...generalFunctions, ...functions]),
});

/** @throws EvaluationFault where values do not fit */
export function evaluate(expression: Expression, surroundings: Surroundings): Value {
  switch (expression.kind) {
    case 'literal':
      return expression.value;
    case 'named':
      return surroundings.values[expression.name] ?? null;
    case 'call': {
      const { name, parameters } = expression;
      const called = surroundings.functions.get(name) ?? generalFunctions.get(name);
      return called?.call(parameters.map((parameter) => () => evaluate(parameter, surroundings))) ?? null;
    }
    case 'index':
      return index(evaluate(expression.of, surroundings), evaluate(expression.by, surroundings));
    case 'filter':
      return filtered(itemsOf(evaluate(expression.of, surroundings)));
  }
}

/** What is not there is null; an index on what `*` gave applies to each of its items. */
function index(of: Value, by: Value): Value {
  if (of instanceof FilteredArray)
    return filtered(of.map((item) => index(item, by)).filter((item) => item !== null));
  if (of instanceof Dictionary) return of.get(toText(by) ?? '');
  return isList(of) ? (of[toNumber(by) ?? -1] ?? null) : null;
}

const filtered = (items: readonly Value[]): Value => FilteredArray.from(items) as FilteredArray;
