import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TaskManifest } from './task-manifest.ts';

/** The groups and inputs that every task has, word for word: how it federates. */
type SharedInputs = Pick<TaskManifest, 'groups' | 'inputs'>;

export async function readSharedInputs(root: string): Promise<SharedInputs> {
  return JSON.parse(await readFile(join(root, 'tasks/shared-inputs.json'), 'utf8'));
}

/**
 * The manifest with the shared groups and inputs as tasks/shared-inputs.json has them: each in the place where the
 * task already has one of that name, those it lacks at the end.
 */
export function withSharedInputs(manifest: TaskManifest, shared: SharedInputs): TaskManifest {
  return {
    ...manifest,
    groups: replacedByName(manifest.groups, shared.groups),
    inputs: replacedByName(manifest.inputs, shared.inputs),
  };
}

function replacedByName<T extends { readonly name: string }>(own: readonly T[], shared: readonly T[]): T[] {
  const named = new Map([...own, ...shared].map((each) => [each.name, each]));
  return [...named.values()];
}
