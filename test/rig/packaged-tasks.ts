/** The tasks as customers get them: out of the VSIX, outside the repository. */
import { existsSync, rmSync, statSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { unzipSync } from 'fflate';
import { packageExtension } from '../../scripts/vsix.ts';

const root = dirname(dirname(import.meta.dirname));

/** What goes into the package. */
const sources = [
  ...['lib', 'tasks', 'scripts', 'images', 'vss-extension.json', 'overview.md', 'LICENSE'],
  ...['package.json', 'package-lock.json'],
];

let unpacked: Promise<string> | undefined;

/**
 * The folder of the packaged tasks, unpacked once for all tests of the process and removed at its end. It has a space
 * in its path, and a package.json above it that makes every other .js file below an ES module.
 *
 * The package is the one that KEYLESS_VSIX names, else the one in dist/, made anew where a source is newer.
 */
export function packagedTasks(): Promise<string> {
  unpacked ??= unpack();
  return unpacked;
}

/** A copy of the packaged tasks whose main.js of one task is another one. */
export async function tasksWithMain(task: string, main: string): Promise<string> {
  const folder = await makeTasksFolder();
  await cp(await packagedTasks(), folder, { recursive: true });
  const versions = await readdir(join(folder, task));
  for (const version of versions) await writeFile(join(folder, task, version, 'main.js'), main);
  return folder;
}

async function unpack(): Promise<string> {
  const vsix = unzipSync(await readFile(process.env.KEYLESS_VSIX ?? (await freshPackage())));
  const folder = await makeTasksFolder();
  for (const [path, bytes] of Object.entries(vsix)) {
    if (!path.startsWith('tasks/')) continue;
    const file = join(folder, path.slice('tasks/'.length));
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, bytes);
  }
  return folder;
}

async function makeTasksFolder(): Promise<string> {
  const parent = await mkdtemp(join(tmpdir(), 'packaged tasks '));
  process.once('exit', () => rmSync(parent, { recursive: true, force: true }));
  await writeFile(join(parent, 'package.json'), '{"type":"module"}\n');
  const folder = join(parent, '_tasks');
  await mkdir(folder);
  return folder;
}

async function freshPackage(): Promise<string> {
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
  const file = join(root, 'dist', `keyless-delivery-${version}.vsix`);
  if (existsSync(file) && statSync(file).mtimeMs > (await newestChange())) return file;
  return (await packageExtension(root, join(root, 'dist'))).file;
}

/** Folders count as well: their time changes when a file in them goes. */
async function newestChange(): Promise<number> {
  const paths = await Promise.all(
    sources.map(async (source) => {
      const path = join(root, source);
      if (!statSync(path).isDirectory()) return [path];
      const below = await readdir(path, { recursive: true });
      return [path, ...below.map((name) => join(path, name))];
    }),
  );
  const times = paths
    .flat()
    .filter((path) => !basename(path).startsWith('.'))
    .map((path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0);
  return Math.max(...times);
}
