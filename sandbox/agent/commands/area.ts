/** What a command is to the agent. */

import type { StepContext } from '../job/step-context.ts';
import type { Host } from '../record.ts';
import type { Command } from './command.ts';

/** A command that the step may not use: a warning says so, and the step goes on. */
export class Disallowed extends Error {
  override readonly name = 'Disallowed';
}

/** A command that the agent obeys. It throws, in the agent's words, what makes the step fail. */
export interface CommandHandler {
  /** Whether a restricted step may use it. */
  readonly inRestrictedMode?: true;
  readonly run: (step: StepContext, command: Command) => void;
}

/** The commands of one area, by lower-case name. */
export interface CommandArea {
  readonly name: string;
  readonly hosts: readonly Host[];
  readonly commands: ReadonlyMap<string, CommandHandler>;
}

/** A property's value; undefined where it is missing or empty. */
export const property = (command: Command, name: string): string | undefined =>
  command.properties.get(name) || undefined;

/** A property that is `true`; anything else is false (Boolean.TryParse). */
export const flag = (command: Command, name: string): boolean =>
  command.properties.get(name)?.trim().toLowerCase() === 'true';

/**
 * The id of the build, which commands of builds ask for first.
 *
 * @throws in the agent's words where there is no build, as in a release without one
 */
export function buildIdOf(step: StepContext): string {
  const id = step.job.variables.get('Build.BuildId');
  if (id === undefined) throw new Error("Value cannot be null. (Parameter 'buildId')");
  return id;
}
