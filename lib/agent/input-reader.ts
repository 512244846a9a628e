import { DeliveryError } from '../errors/index.ts';
import type { Agent } from './agent.ts';

/** A value and where it was set, for messages that name the place to change. */
export interface Sourced {
  readonly text: string;
  readonly source: string;
}

/**
 * Reads a task's inputs and gathers every fault, so that one run shows them all. A reader returns a value that stands
 * in for a faulty one; `finish` throws before it can be used.
 */
export interface InputReader {
  readonly agent: Agent;
  text(name: string): string | undefined;
  flag(name: string, otherwise: boolean): boolean;
  choice<T extends string>(name: string, choices: readonly T[], otherwise: T): T;
  /** Several of the choices, separated by commas or line ends; `otherwise` when nothing is named. */
  choices<T extends string>(name: string, choices: readonly T[], otherwise: readonly T[]): readonly T[];
  fault(message: string): void;
  /** @throws DeliveryError INPUT_INVALID with every fault */
  finish(): void;
}

export function readInputs(agent: Agent): InputReader {
  const faults: string[] = [];
  const fault = (message: string) => void faults.push(message);
  return {
    agent,
    fault,
    text: (name) => agent.input(name),
    flag(name, otherwise) {
      const value = agent.input(name)?.toLowerCase();
      if (value === undefined) return otherwise;
      if (value !== 'true' && value !== 'false') fault(`input ${name} is "${value}": write true or false.`);
      return value === 'true';
    },
    choice(name, choices, otherwise) {
      const value = agent.input(name);
      const found = value === undefined ? otherwise : choices.find((choice) => choice === value);
      if (found === undefined) fault(`input ${name} is "${value}": write one of ${choices.join(', ')}.`);
      return found ?? otherwise;
    },
    choices(name, choices, otherwise) {
      const named = listOf(agent.input(name));
      for (const value of named) {
        if (!choices.some((choice) => choice === value)) {
          fault(`input ${name} names "${value}": write any of ${choices.join(', ')}.`);
        }
      }
      return named.length === 0 ? otherwise : choices.filter((choice) => named.includes(choice));
    },
    finish() {
      if (faults.length === 0) return;
      throw new DeliveryError({
        code: 'INPUT_INVALID',
        what:
          faults.length === 1
            ? `One setting cannot work: ${faults[0]}`
            : `${faults.length} settings cannot work; nothing was done.`,
        ...(faults.length > 1 ? { why: faults.map((text) => `- ${text}`).join('\n') } : {}),
        remedy: "Correct the task's inputs or the service connection's fields and run the pipeline again.",
      });
    },
  };
}

/** The items of a multi-line value, trimmed. By default a comma separates items as a line end does. */
export function listOf(text: string | undefined, separator = /[\n,]/): string[] {
  return (text ?? '')
    .split(separator)
    .map((item) => item.trim())
    .filter(Boolean);
}
