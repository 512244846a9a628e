/** Values of expressions, and how one kind becomes another. */

/** A version number, `1.2` to `1.2.3.4`. */
export class Version {
  readonly parts: readonly number[];

  private constructor(parts: readonly number[]) {
    this.parts = parts;
  }

  /** Two to four numbers, as .NET's `Version.TryParse` takes them. */
  static parse(text: string): Version | undefined {
    if (!/^\d+(\.\d+){1,3}$/.test(text)) return undefined;
    const parts = text.split('.').map(Number);
    return parts.some((part) => part > 0x7fffffff) ? undefined : new Version(parts);
  }

  /** Negative, zero or positive; a part that is not there is less than zero. */
  compare(other: Version): number {
    for (let index = 0; index < 4; index++) {
      const difference = (this.parts[index] ?? -1) - (other.parts[index] ?? -1);
      if (difference !== 0) return difference;
    }
    return 0;
  }

  toString(): string {
    return this.parts.join('.');
  }
}

/** A map whose keys ignore letter case: `variables`, `dependencies`. */
export class Dictionary {
  readonly #entries: ReadonlyMap<string, Value>;

  constructor(entries: Iterable<readonly [string, Value]>) {
    this.#entries = new Map([...entries].map(([key, value]) => [key.toLowerCase(), value]));
  }

  get(key: string): Value {
    return this.#entries.get(key.toLowerCase()) ?? null;
  }

  get values(): Value[] {
    return [...this.#entries.values()];
  }
}

/** The items that `*` gave: an index on it applies to each of them. */
export class FilteredArray extends Array<Value> {}

/** Any value. */
export type Value = null | boolean | number | string | Version | readonly Value[] | Dictionary;

/** The kinds' names as messages write them. */
export type Kind = 'Null' | 'Boolean' | 'Number' | 'String' | 'Version' | 'Array' | 'Object';

export function kindOf(value: Value): Kind {
  if (value === null) return 'Null';
  if (typeof value === 'boolean') return 'Boolean';
  if (typeof value === 'number') return 'Number';
  if (typeof value === 'string') return 'String';
  if (value instanceof Version) return 'Version';
  return value instanceof Dictionary ? 'Object' : 'Array';
}

export const isList = (value: Value): value is readonly Value[] => Array.isArray(value);

/** The items of a list, or the values of a map. */
export function itemsOf(value: Value): readonly Value[] {
  if (value instanceof Dictionary) return value.values;
  return isList(value) ? value : [];
}

/** An expression that cannot be evaluated. */
export class EvaluationFault extends Error {
  override readonly name = 'EvaluationFault';
}

/** Whatever is not empty, null, zero or false is true. */
export const toBoolean = (value: Value): boolean =>
  value !== null && value !== false && value !== 0 && value !== '';

/** Undefined where the value has no number. */
export function toNumber(value: Value): number | undefined {
  if (value === null) return 0;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value === 'number') return value;
  if (typeof value !== 'string') return undefined;
  if (value === '') return 0;
  // .NET's Decimal.TryParse with a leading sign, thousands, a decimal point, and white space around it.
  const [, digits] = /^\s*([+-]?(?=\.?\d)(?:\d[\d,]*)?(?:\.\d*)?)\s*$/.exec(value) ?? [];
  return digits === undefined ? undefined : Number(digits.replaceAll(',', ''));
}

/** Undefined where the value has no text: lists and maps. */
export function toText(value: Value): string | undefined {
  if (value === null) return '';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'number') return String(Number(value.toFixed(7)));
  if (typeof value === 'string') return value;
  return value instanceof Version ? value.toString() : undefined;
}

/** Undefined where the value is no version number. */
function toVersion(value: Value): Version | undefined {
  if (value instanceof Version) return value;
  return typeof value === 'number' || typeof value === 'string'
    ? Version.parse(toText(value) ?? '')
    : undefined;
}

/** Whether two values are equal once the right one has become of the left one's kind; letter case is ignored. */
export function areEqual(left: Value, right: Value): boolean {
  if (left === null) return right === null || right === '';
  if (typeof left === 'boolean') return left === toBoolean(right);
  if (typeof left === 'number') return left === toNumber(right);
  if (typeof left === 'string') {
    const text = toText(right);
    return text !== undefined && fold(left) === fold(text);
  }
  if (left instanceof Version) {
    const version = toVersion(right);
    return version !== undefined && left.compare(version) === 0;
  }
  return left === right;
}

/**
 * The order of two values once the right one has become of the left one's kind: negative, zero or positive.
 *
 * @throws EvaluationFault where it cannot become that
 */
export function compare(left: Value, right: Value): number {
  if (typeof left === 'boolean') return Number(left) - Number(toBoolean(right));
  if (typeof left === 'string') {
    const [a, b] = [fold(left), fold(converted(right, toText, 'String'))];
    return a < b ? -1 : Number(a > b);
  }
  if (left instanceof Version) return left.compare(converted(right, toVersion, 'Version'));
  return converted(left, toNumber, 'Number') - converted(right, toNumber, 'Number');
}

/** @throws EvaluationFault in the service's words where a value cannot become of a kind */
export function converted<Target>(
  value: Value,
  convert: (value: Value) => Target | undefined,
  kind: Kind,
): Target {
  const result = convert(value);
  if (result === undefined) {
    const shown = typeof value === 'string' ? `'${value}'` : (toText(value) ?? kindOf(value));
    throw new EvaluationFault(`Unable to convert from ${kindOf(value)} to ${kind}. Value: ${shown}`);
  }
  return result;
}

/** The ordinal comparison that ignores letter case works on upper case. */
export const fold = (text: string): string => text.toUpperCase();
