/**
 * The Condition element: which of a statement's conditions hold in a request.
 *
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_multi-value-conditions.html
 */
import { faultOfKey } from './condition-keys.ts';
import { type Operator, operators } from './operators.ts';
import {
  expand,
  hasVariables,
  type LanguageVersion,
  readTemplate,
  type Template,
} from './policy-variables.ts';
import type { ContextValue, RequestContext } from './request-context.ts';

/**
 * Whether conditions hold. `unknown` where the documents do not say; whoever asks must take it against the caller:
 * an Allow then does not apply, a Deny does.
 */
export type Outcome = boolean | 'unknown';

/** How a condition treats a key with several values. */
type Qualifier = 'ForAllValues' | 'ForAnyValue';

type Test =
  | { readonly kind: 'null'; readonly expectAbsent: boolean }
  | {
      readonly kind: 'compare';
      readonly operator: Operator;
      readonly qualifier?: Qualifier;
      readonly ifExists: boolean;
      readonly values: readonly Template[];
    };

/** One condition, read and checked: a key, and the test its value has to pass. */
export interface Condition {
  readonly key: string;
  readonly test: Test;
}

export type ConditionReading = { readonly condition: Condition } | { readonly fault: string };

/**
 * Reads one condition of a policy, such as `ForAnyValue:StringLike`, `cognito-identity.amazonaws.com:amr` and its
 * values. Nothing is taken that could not be evaluated. Faults have the texts of IAM Access Analyzer's policy checks:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html
 */
export function readCondition(
  operatorName: string,
  key: string,
  values: readonly string[],
  version: LanguageVersion,
): ConditionReading {
  const badKey = faultOfKey(key);
  if (badKey !== undefined) return { fault: badKey };
  // "Empty array condition" is only a suggestion there; a condition that can never hold is a mistake all the same.
  if (values.length === 0) return { fault: `There are no values for the condition key ${key}.` };
  if (operatorName === 'Null') return readNull(key, values);
  if (operatorName === 'NullIfExists') {
    return {
      fault:
        'The Null condition operator cannot be used with the IfExists suffix. Update the operator or the suffix.',
    };
  }
  if (/^(ForAllValues|ForAnyValue):Null$/.test(operatorName)) {
    return {
      fault:
        'Avoid using the Null condition operator with the ForAllValues or ForAnyValue qualifiers because they always return a true or false respectively.',
    };
  }
  const [, qualifier, name = '', suffix] =
    /^(?:(ForAllValues|ForAnyValue):)?(\w+?)(IfExists)?$/.exec(operatorName) ?? [];
  const operator = operators.get(name);
  if (operator === undefined) {
    return { fault: `The condition operator ${operatorName} is not valid. Use a valid condition operator.` };
  }
  const templates: Template[] = [];
  for (const value of values) {
    const reading = readTemplate(value, version);
    if ('fault' in reading) return reading;
    if (!operator.takesVariables && hasVariables(reading.template)) {
      return { fault: 'Policy variables can only be used with String and ARN operators.' };
    }
    const fault = operator.fault(value);
    if (fault !== undefined) return { fault };
    templates.push(reading.template);
  }
  return {
    condition: {
      key,
      test: {
        kind: 'compare',
        operator,
        ...(qualifier === undefined ? {} : { qualifier: qualifier as Qualifier }),
        ifExists: suffix !== undefined,
        values: templates,
      },
    },
  };
}

/** `true` and `false` together would hold always; one value it is. */
function readNull(key: string, values: readonly string[]): ConditionReading {
  const [value, ...more] = values;
  if (more.length > 0 || (value !== 'true' && value !== 'false')) {
    return {
      fault: 'The condition key does not support multiple Boolean values. Use a single Boolean value.',
    };
  }
  return { condition: { key, test: { kind: 'null', expectAbsent: value === 'true' } } };
}

/** Whether one condition holds. */
export function holds({ key, test }: Condition, context: RequestContext): Outcome {
  const found = context.lookUp(key);
  if (found.state === 'unknown') return 'unknown';
  if (test.kind === 'null') return (found.state === 'absent') === test.expectAbsent;
  if (found.state === 'absent') {
    // "If the key is not present, evaluate the condition element as true" (#Conditions_IfExists). ForAllValues
    // "also returns true if there are no keys in the request"; ForAnyValue: "For no matching key … false".
    if (test.ifExists || test.qualifier === 'ForAllValues') return true;
    return test.qualifier === undefined && test.operator.negated;
  }
  return compare(test, found.value, context);
}

/** Several conditions: "evaluated using a logical AND". */
export function allHold(conditions: readonly Condition[], context: RequestContext): Outcome {
  const outcomes = conditions.map((condition) => holds(condition, context));
  return every(outcomes);
}

function compare(test: Test & { kind: 'compare' }, value: ContextValue, context: RequestContext): Outcome {
  if (test.qualifier === undefined) {
    // "Multivalued condition keys require a set operator": what happens without one is not documented.
    return typeof value === 'string' ? passes(test, value, context) : 'unknown';
  }
  const actual = typeof value === 'string' ? [value] : value;
  // Key values that "resolve to a null data set, such as an empty string" count as no values at all; whether among
  // others too, the document leaves open.
  if (actual.includes('')) return 'unknown';
  const outcomes = actual.map((one) => passes(test, one, context));
  return test.qualifier === 'ForAllValues' ? every(outcomes) : some(outcomes);
}

/** One value of the request against the policy's: OR between them, and for negated operators none may match. */
function passes(test: Test & { kind: 'compare' }, actual: string, context: RequestContext): Outcome {
  const matched = some(
    test.values.map((template): Outcome => {
      const expected = expand(template, context);
      // "Condition operators like StringEquals or StringLike do not match … Inverted condition operators … do match
      // against a null value" (reference_policies_variables.html#policy-vars-no-value).
      if (expected === 'no value') return false;
      if (expected === 'unknown') return 'unknown';
      return test.operator.matches(actual, expected.pattern) ?? 'unknown';
    }),
  );
  return matched === 'unknown' ? matched : matched !== test.operator.negated;
}

function every(outcomes: readonly Outcome[]): Outcome {
  if (outcomes.includes(false)) return false;
  return outcomes.includes('unknown') ? 'unknown' : true;
}

function some(outcomes: readonly Outcome[]): Outcome {
  if (outcomes.includes(true)) return true;
  return outcomes.includes('unknown') ? 'unknown' : false;
}
