/**
 * The parameters of a call: read by name, checked against their constraints, and none left over. Faults are collected,
 * as the service reports all of them at once:
 * `2 validation errors detected: Value 'a' at 'roleArn' failed to satisfy constraint: …; Value null at …`
 */
import { AwsError, validationError } from './errors.ts';
import type { Limit } from './limits.ts';
import type { QueryCall } from './query-protocol.ts';

/** What a text has to be. */
export interface TextConstraint {
  readonly length: Limit;
  readonly pattern?: TextPattern;
  /** The value is not repeated in the service's messages. */
  readonly sensitive?: boolean;
}

/** A regular expression, and how the service writes it in its messages. */
export interface TextPattern {
  readonly expression: RegExp;
  readonly shown: string;
}

/** Members of a structure in a list, such as `Tags.member.1.Key`. */
export type Structure<Member extends string> = Readonly<Record<Member, string>>;

export class Parameters {
  readonly #given: ReadonlyMap<string, string>;
  readonly #read = new Set<string>();
  readonly #faults: string[] = [];

  constructor(call: QueryCall) {
    this.#given = call.parameters;
  }

  /** A text that must be given; empty where it is not, which `finish` then reports. */
  required(name: string, constraint: TextConstraint): string {
    const value = this.optional(name, constraint);
    if (value === undefined)
      this.#faults.push(
        `Value null at '${memberName(name)}' failed to satisfy constraint: Member must not be null`,
      );
    return value ?? '';
  }

  optional(name: string, constraint: TextConstraint): string | undefined {
    const value = this.#take(name);
    if (value !== undefined) this.#check(memberName(name), value, constraint);
    return value;
  }

  /** A whole number. */
  integer(name: string, range: Limit): number | undefined {
    const text = this.#take(name);
    if (text === undefined) return undefined;
    if (!/^-?\d{1,10}$/.test(text)) throw new AwsError('MalformedInput', 400, `${name} is not an integer.`);
    const value = Number(text);
    const outOfRange =
      value < range.least
        ? `Member must have value greater than or equal to ${range.least}`
        : value > range.most
          ? `Member must have value less than or equal to ${range.most}`
          : undefined;
    if (outOfRange !== undefined) this.#fault(memberName(name), text, outOfRange);
    return value;
  }

  /** A list of texts: `TransitiveTagKeys.member.1`. */
  texts(name: string, count: Limit, constraint: TextConstraint): string[] {
    const values = this.#members(name, count, (prefix) => this.#take(prefix));
    values.forEach((value, index) => {
      this.#check(`${memberName(name)}.${index + 1}.member`, value, constraint);
    });
    return values;
  }

  /** A list of structures: `Tags.member.1.Key`, `Tags.member.1.Value`. All members must be given. */
  structures<Member extends string>(
    name: string,
    count: Limit,
    constraints: Readonly<Record<Member, TextConstraint>>,
  ): Structure<Member>[] {
    const members = Object.entries(constraints) as [Member, TextConstraint][];
    return this.#members(name, count, (prefix, index) => {
      const values = members.map(([member]) => [member, this.#take(`${prefix}.${member}`)] as const);
      if (values.every(([, value]) => value === undefined)) return undefined;
      for (const [member, value] of values) {
        const place = `${memberName(name)}.${index}.member.${memberName(member)}`;
        if (value === undefined)
          this.#faults.push(`Value null at '${place}' failed to satisfy constraint: Member must not be null`);
        else this.#check(place, value, constraints[member]);
      }
      return Object.fromEntries(values.map(([member, value]) => [member, value ?? ''])) as Structure<Member>;
    });
  }

  /** Refuses the call where a constraint is not met or a parameter is none of this call's. */
  finish(): void {
    const unread = [...this.#given.keys()].filter((name) => !this.#read.has(name));
    // A misspelt parameter, or one of another call, would otherwise be lost without a word.
    if (unread.length > 0) {
      throw new AwsError(
        'InvalidQueryParameter',
        400,
        `The AWS query string is malformed or does not adhere to AWS standards: ${unread.join(', ')}`,
      );
    }
    const [first, ...more] = this.#faults;
    if (first === undefined) return;
    const detected = more.length === 0 ? '1 validation error' : `${more.length + 1} validation errors`;
    throw validationError(`${detected} detected: ${[first, ...more].join('; ')}`);
  }

  #take(name: string): string | undefined {
    this.#read.add(name);
    return this.#given.get(name);
  }

  /** Members are numbered from 1 without a gap; what stands behind a gap is left over and refused. */
  #members<T>(name: string, count: Limit, read: (prefix: string, index: number) => T | undefined): T[] {
    const members: T[] = [];
    for (let index = 1; ; index += 1) {
      const member = read(`${name}.member.${index}`, index);
      if (member === undefined) break;
      members.push(member);
    }
    if (members.length > count.most) {
      this.#faults.push(
        `Value at '${memberName(name)}' failed to satisfy constraint: Member must have length less than or equal to ${count.most}`,
      );
    }
    return members;
  }

  #check(place: string, value: string, { length, pattern, sensitive = false }: TextConstraint): void {
    const shown = sensitive ? undefined : value;
    if (pattern !== undefined && !pattern.expression.test(value)) {
      this.#fault(place, shown, `Member must satisfy regular expression pattern: ${pattern.shown}`);
    }
    const characters = Array.from(value).length;
    if (characters < length.least) {
      this.#fault(place, shown, `Member must have length greater than or equal to ${length.least}`);
    }
    if (characters > length.most) {
      this.#fault(place, shown, `Member must have length less than or equal to ${length.most}`);
    }
  }

  #fault(place: string, value: string | undefined, constraint: string): void {
    const shown = value === undefined ? 'Value' : `Value '${value}'`;
    this.#faults.push(`${shown} at '${place}' failed to satisfy constraint: ${constraint}`);
  }
}

/** `RoleSessionName` is `roleSessionName` in the service's messages. */
const memberName = (parameter: string) => parameter.charAt(0).toLowerCase() + parameter.slice(1);
