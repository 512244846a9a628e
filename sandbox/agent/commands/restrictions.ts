/** What a step may do: a task limits itself in its task.json, a pipeline limits a step by `target`. */
import type { Restrictions } from '../pipeline/model.ts';
import type { TaskDefinition } from '../tasks/definition.ts';

/** The restrictions that a task puts on itself. */
export function restrictionsOf({ restrictions }: TaskDefinition): Restrictions {
  return {
    commandsRestricted: restrictions?.commands?.mode.toLowerCase() === 'restricted',
    settableVariables: restrictions?.settableVariables?.allowed,
  };
}

/**
 * Whether a step may set a variable: every restriction on it has to allow the name. Letter case is ignored.
 *
 * @throws where a pattern uses more than `*` and `?`, which names of variables do not need
 * @see azure-pipelines-agent, TaskRestrictionsExtension.cs, IsSetVariableAllowed
 */
export function maySet(variable: string, restrictions: readonly Restrictions[]): boolean {
  return restrictions.every(
    ({ settableVariables }) =>
      settableVariables === undefined || settableVariables.some((pattern) => matches(variable, pattern)),
  );
}

function matches(name: string, pattern: string): boolean {
  if (/[[\]{}!()+@|]/.test(pattern)) {
    throw new Error(`settableVariables: '${pattern}' is more than the local agent reads; write * and ? only`);
  }
  const source = pattern
    .replaceAll(/[.^$\\/]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 'i').test(name);
}
