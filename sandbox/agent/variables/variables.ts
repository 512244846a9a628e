/** The variables of a job or of a task, as the agent keeps them. */
import { expandMacros } from './macros.ts';
import { readOnlyNames } from './read-only-names.ts';

/** A variable as it stands; `value` may hold macros until the variables are expanded. */
export interface Variable {
  readonly name: string;
  readonly value: string;
  readonly secret: boolean;
  readonly readOnly: boolean;
  /** Whether its environment variable keeps the letter case of its name. */
  readonly preserveCase: boolean;
}

/** azure-pipelines-agent, Agent.Worker/Variables.cs, RecalculateExpanded. */
const maximumDepth = 50;

/** A name as environment variables are written (VarUtil.cs, ConvertToEnvVariableFormat). */
export function environmentName(name: string, preserveCase = false): string {
  const written = name.replaceAll(/[. ]/g, '_');
  return preserveCase ? written : written.toUpperCase();
}

/** A table of variables whose names ignore letter case; values that name others are expanded recursively. */
export class Variables {
  readonly #written = new Map<string, Variable>();
  #expanded = new Map<string, Variable>();
  readonly #onSecret: (value: string) => void;

  /** @param onSecret told every secret value before it can be read, so that it can be masked */
  constructor(onSecret: (value: string) => void) {
    this.#onSecret = onSecret;
  }

  get(name: string): string | undefined {
    return this.#expanded.get(name.toLowerCase())?.value;
  }

  /** The variables that steps may see by name, and those that are secret, in the order in which they were set. */
  get all(): readonly Variable[] {
    return [...this.#expanded.values()];
  }

  isReadOnly(name: string): boolean {
    const key = name.toLowerCase();
    return this.#expanded.get(key)?.readOnly === true || (this.#expanded.has(key) && readOnlyNames.has(key));
  }

  /** Sets a variable. What was secret or read-only once stays so (Variables.cs, Set). */
  set(name: string, value: string, { secret = false, readOnly = false, preserveCase = false } = {}): void {
    const key = name.toLowerCase();
    const before = this.#expanded.get(key);
    const variable: Variable = {
      name,
      value,
      secret: secret || before?.secret === true,
      readOnly: readOnly || before?.readOnly === true,
      preserveCase,
    };
    if (variable.secret) this.#onSecret(value);
    this.#written.set(key, variable);
    this.#expanded.set(key, variable);
  }

  unset(name: string): void {
    this.#written.delete(name.toLowerCase());
    this.#expanded.delete(name.toLowerCase());
  }

  /** Puts variables into a text; see `expandMacros`. */
  expandIn(text: string): string {
    return expandMacros(text, (name) => this.get(name));
  }

  /**
   * Expands variables in the values of variables. A value that names a secret is secret; one that names itself, or
   * others too deeply, stays as written.
   *
   * @returns warnings, in the agent's words
   */
  expand(): string[] {
    const warnings: string[] = [];
    const expanded = new Map<string, Variable>();
    for (const [key, variable] of this.#written) {
      const { value, secret, fault } = this.#expandOne(variable, [key]);
      if (fault !== undefined) warnings.push(`Unable to expand variable '${variable.name}'. ${fault}`);
      const settled =
        fault === undefined ? { ...variable, value, secret: variable.secret || secret } : variable;
      if (settled.secret) this.#onSecret(settled.value);
      expanded.set(key, settled);
    }
    this.#expanded = expanded;
    return warnings;
  }

  #expandOne(
    variable: Variable,
    path: readonly string[],
  ): { value: string; secret: boolean; fault?: string } {
    let { secret } = variable;
    let fault: string | undefined;
    const value = expandMacros(variable.value, (name) => {
      const key = name.toLowerCase();
      const inner = this.#written.get(key);
      if (inner === undefined || fault !== undefined) return undefined;
      if (path.length === maximumDepth) {
        fault = `The max expansion depth (${maximumDepth}) was exceeded.`;
        return undefined;
      }
      if (path.includes(key)) {
        fault = 'A cyclical reference was detected.';
        return undefined;
      }
      const result = this.#expandOne(inner, [...path, key]);
      secret ||= result.secret;
      fault = result.fault;
      return result.value;
    });
    return { value, secret, ...(fault === undefined ? {} : { fault }) };
  }
}
