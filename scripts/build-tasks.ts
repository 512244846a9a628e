import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type BundledTask, bundleTask } from './bundle.ts';
import { findTaskFolders } from './task-folders.ts';
import { thirdPartyNotices } from './third-party-notices.ts';

/**
 * Builds every task of the repository at `root` into `out`: `out/tasks/<Task>/<Task>V<major>/`, and the licences of
 * what they bundle as `out/ThirdPartyNotices.txt`. Same sources, same bytes.
 */
export async function buildTasks(root: string, out: string): Promise<BundledTask[]> {
  const folders = await findTaskFolders(join(root, 'tasks'));
  const tasks = await Promise.all(folders.map((folder) => bundleTask(folder, root)));
  const content = new Map(
    tasks.flatMap(({ task, files }) =>
      [...files].map(([path, bytes]): [string, Uint8Array] => [`${task.path}/${path}`, bytes]),
    ),
  );
  const packages = new Set(tasks.flatMap((task) => [...task.packages]));
  const notices = await thirdPartyNotices(packages, root);
  await replaceFolder(join(out, 'tasks'), content);
  await writeFile(join(out, 'ThirdPartyNotices.txt'), notices);
  return tasks;
}

/**
 * Makes `folder` hold exactly these files. What is already right stays untouched, so that a build in one terminal
 * does not pull a running task's files away in another.
 */
async function replaceFolder(folder: string, files: ReadonlyMap<string, Uint8Array>): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const file = join(entry.parentPath, entry.name);
    const path = file.slice(folder.length + 1).replaceAll('\\', '/');
    if (entry.isFile() && !files.has(path)) await rm(file);
  }
  for (const [path, bytes] of files) {
    const file = join(folder, path);
    const present = await readFile(file).catch(() => undefined);
    if (present?.equals(bytes)) continue;
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, bytes);
  }
}
