/**
 * Condition operators: how one value of a request is compared with one value of a policy.
 *
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
 */
import { BlockList, isIP } from 'node:net';
import { matchesPattern, type Pattern, plainText } from './pattern.ts';

export interface Operator {
  /** `StringNotEquals` and its like: true where the comparison fails, and where the key is absent. */
  readonly negated: boolean;
  /** "Policy variables can only be used with String and ARN operators" (policy check "Invalid variable for operator"). */
  readonly takesVariables: boolean;
  /** What is wrong with a policy's value, if anything is. */
  readonly fault: (value: string) => string | undefined;
  /** The comparison before negation; undefined where the request's value is not of the operator's type. */
  readonly matches: (actual: string, expected: Pattern) => boolean | undefined;
}

type Comparison = Pick<Operator, 'takesVariables' | 'fault' | 'matches'>;

const noFault = (): undefined => undefined;
const withWildcards = { takesVariables: true, fault: noFault, matches: matchesPattern } satisfies Comparison;

/** "Exact matching": `*` and `?` are characters (#Conditions_String). */
const exactly: Comparison = {
  takesVariables: true,
  fault: noFault,
  matches: (actual, expected) => actual === plainText(expected),
};

const ignoringCase: Comparison = {
  takesVariables: true,
  fault: noFault,
  matches: (actual, expected) => actual.toLowerCase() === plainText(expected).toLowerCase(),
};

/** An operator that orders numbers or instants. */
function ordered(
  read: (text: string) => number | undefined,
  kind: string,
  holds: (actual: number, expected: number) => boolean,
): Comparison {
  return {
    takesVariables: false,
    fault: (value) =>
      read(value) === undefined ? `The text does not match the expected data type ${kind}.` : undefined,
    matches(actual, expected) {
      const left = read(actual);
      const right = read(plainText(expected));
      return left === undefined || right === undefined ? undefined : holds(left, right);
    },
  };
}

const equal = (a: number, b: number) => a === b;
const less = (a: number, b: number) => a < b;
const lessOrEqual = (a: number, b: number) => a <= b;
const greater = (a: number, b: number) => a > b;
const greaterOrEqual = (a: number, b: number) => a >= b;

/** "an integer or decimal value" (#Conditions_Numeric). */
const readNumber = (text: string) => (/^-?\d+(\.\d+)?$/.test(text) ? Number(text) : undefined);
const numeric = (holds: (a: number, b: number) => boolean) => ordered(readNumber, 'Number', holds);

/** W3C's profile of ISO 8601 (https://www.w3.org/TR/NOTE-datetime) or seconds since 1970 (#Conditions_Date). */
function readDate(text: string): number | undefined {
  if (/^\d{9,11}$/.test(text)) return Number(text) * 1000;
  if (!/^\d{4}(-\d{2}(-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2}))?)?)?$/.test(text))
    return undefined;
  const instant = Date.parse(text);
  return Number.isNaN(instant) ? undefined : instant;
}
const date = (holds: (a: number, b: number) => boolean) => ordered(readDate, 'Date', holds);

const boolean: Comparison = {
  takesVariables: false,
  fault: (value) =>
    /^(true|false)$/.test(value) ? undefined : 'The text does not match the expected data type Boolean.',
  matches: (actual, expected) => actual === plainText(expected),
};

const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** The request's value is bytes, written in base64 in the policy (#Conditions_BinaryEquals). */
const binary: Comparison = {
  takesVariables: false,
  fault: (value) =>
    base64.test(value) ? undefined : 'The text does not match the expected data type Binary.',
  matches: (actual, expected) =>
    Buffer.from(plainText(expected), 'base64').equals(Buffer.from(actual, 'utf8')),
};

/** A CIDR block, or one address (#Conditions_IPAddress). */
function readRange(text: string): BlockList | undefined {
  const [address = '', prefix, ...rest] = text.split('/');
  const version = isIP(address);
  const bits = version === 4 ? 32 : 128;
  const length = prefix === undefined ? bits : Number(prefix);
  if (version === 0 || rest.length > 0 || !/^\d+$/.test(prefix ?? '0') || length > bits) return undefined;
  const range = new BlockList();
  range.addSubnet(address, length, version === 4 ? 'ipv4' : 'ipv6');
  return range;
}

const addressInRange: Comparison = {
  takesVariables: false,
  fault: (value) =>
    readRange(value) === undefined ? 'The text does not match the expected data type IP range.' : undefined,
  matches(actual, expected) {
    const version = isIP(actual);
    if (version === 0) return undefined;
    return readRange(plainText(expected))?.check(actual, version === 4 ? 'ipv4' : 'ipv6');
  },
};

/** Cuts an ARN's pattern at its first five colons; a colon that came from a variable cuts nothing. */
function arnComponents(pattern: Pattern): Pattern[] {
  const components: Pattern[] = [[]];
  for (const glyph of pattern) {
    if ('literal' in glyph && glyph.literal === ':' && components.length < 6) components.push([]);
    else components[components.length - 1] = [...(components.at(-1) ?? []), glyph];
  }
  return components;
}

/** "Each of the six colon-delimited components of the ARN is checked separately" (#Conditions_ARN). */
const arn: Comparison = {
  takesVariables: true,
  fault: (value) =>
    /^arn:([^:]*:){4}/.test(value)
      ? undefined
      : 'Resource ARNs must include at least 6 fields in the following structure: arn:partition:service:region:account:resource',
  matches(actual, expected) {
    const [prefix, partition, service, region, account, ...resource] = actual.split(':');
    if (prefix !== 'arn' || resource.length === 0) return undefined;
    const components = [prefix, partition, service, region, account, resource.join(':')];
    const patterns = arnComponents(expected);
    return (
      patterns.length === components.length &&
      patterns.every((pattern, index) => matchesPattern(components[index] ?? '', pattern))
    );
  },
};

const positive = (comparison: Comparison): Operator => ({ ...comparison, negated: false });
const negative = (comparison: Comparison): Operator => ({ ...comparison, negated: true });

/** All but `Null`, which compares nothing. Spelled as the document spells them; other spellings are refused. */
export const operators: ReadonlyMap<string, Operator> = new Map([
  ['StringEquals', positive(exactly)],
  ['StringNotEquals', negative(exactly)],
  ['StringEqualsIgnoreCase', positive(ignoringCase)],
  ['StringNotEqualsIgnoreCase', negative(ignoringCase)],
  ['StringLike', positive(withWildcards)],
  ['StringNotLike', negative(withWildcards)],
  ['NumericEquals', positive(numeric(equal))],
  ['NumericNotEquals', negative(numeric(equal))],
  ['NumericLessThan', positive(numeric(less))],
  ['NumericLessThanEquals', positive(numeric(lessOrEqual))],
  ['NumericGreaterThan', positive(numeric(greater))],
  ['NumericGreaterThanEquals', positive(numeric(greaterOrEqual))],
  ['DateEquals', positive(date(equal))],
  ['DateNotEquals', negative(date(equal))],
  ['DateLessThan', positive(date(less))],
  ['DateLessThanEquals', positive(date(lessOrEqual))],
  ['DateGreaterThan', positive(date(greater))],
  ['DateGreaterThanEquals', positive(date(greaterOrEqual))],
  ['Bool', positive(boolean)],
  ['BinaryEquals', positive(binary)],
  ['IpAddress', positive(addressInRange)],
  ['NotIpAddress', negative(addressInRange)],
  ['ArnEquals', positive(arn)],
  ['ArnLike', positive(arn)],
  ['ArnNotEquals', negative(arn)],
  ['ArnNotLike', negative(arn)],
]);
