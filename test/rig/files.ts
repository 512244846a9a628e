/** What lies in a folder. */
import { readdir, readFile, readlink } from 'node:fs/promises';
import { join, relative } from 'node:path';

/** Every file below a folder with its content, links with where they lead; by path with `/`. */
export async function contentsOf(folder: string): Promise<Map<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const contents = new Map<string, string>();
  for (const entry of entries) {
    const file = join(entry.parentPath, entry.name);
    const path = relative(folder, file).replaceAll('\\', '/');
    if (entry.isSymbolicLink()) contents.set(path, `→ ${await readlink(file)}`);
    else if (entry.isDirectory()) contents.set(`${path}/`, '');
    else if (entry.isFile()) contents.set(path, await readFile(file, 'latin1'));
    else contents.set(path, 'neither file nor folder');
  }
  return contents;
}

/** Paths that are in one of two folders only, or have another content there. */
export function differences(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): string[] {
  const paths = new Set([...before.keys(), ...after.keys()]);
  return [...paths].filter((path) => before.get(path) !== after.get(path)).sort();
}
