import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseTaskManifest, type TaskManifest } from './task-manifest.ts';

/** One major version of a task as it stands in the source: `tasks/<Task>/<Task>V<major>/`. */
export interface TaskFolder {
  /** `AwsFederate/AwsFederateV1`: below `tasks/` in the source, in `dist/` and in the VSIX alike. */
  readonly path: string;
  readonly folder: string;
  readonly manifest: TaskManifest;
}

/**
 * Finds every task below `tasksFolder` that has a task.json, sorted by path.
 * Throws with the file's name when a task.json is not one that Azure Pipelines would take.
 */
export async function findTaskFolders(tasksFolder: string): Promise<TaskFolder[]> {
  const found: TaskFolder[] = [];
  for (const task of await subfolders(tasksFolder)) {
    for (const version of await subfolders(join(tasksFolder, task))) {
      const folder = join(tasksFolder, task, version);
      const file = join(folder, 'task.json');
      found.push({
        path: `${task}/${version}`,
        folder,
        manifest: parseTaskManifest(await readFile(file, 'utf8'), file),
      });
    }
  }
  return found;
}

async function subfolders(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}
