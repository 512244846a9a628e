import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { promisify, stripVTControlCharacters } from 'node:util';
import { unzipSync, zipSync } from 'fflate';
import { z } from 'zod';
import { buildTasks } from './build-tasks.ts';

/** One file of a VSIX and what it adds to the download, both in bytes. */
export interface VsixPart {
  readonly path: string;
  readonly size: number;
  readonly compressed: number;
}

export interface Vsix {
  readonly file: string;
  readonly bytes: Uint8Array;
  readonly parts: readonly VsixPart[];
}

/**
 * Builds every task, packs the extension with tfx and writes `out`/keyless-delivery-<version>.vsix. The version is the
 * one of package.json. Offline, and the same sources give the same bytes on every machine and at any time.
 *
 * @param root the repository
 * @param publisher the Marketplace publisher; undefined: the one of vss-extension.json
 * @throws when tfx fails or warns: the Marketplace would take a faulty task.json, and no agent would run it
 */
export async function packageExtension(root: string, out: string, publisher?: string): Promise<Vsix> {
  const { version } = z.object({ version: z.string() }).parse(await readJson(join(root, 'package.json')));
  const stage = await mkdtemp(join(tmpdir(), 'keyless-delivery-vsix-'));
  try {
    // tfx checks the task.json files below its root, so that root has to hold the built tasks, not their sources.
    await buildTasks(root, stage);
    for (const path of ['vss-extension.json', 'overview.md', 'LICENSE', 'images']) {
      const shipped = (file: string) => extname(file) !== '.svg';
      await cp(join(root, path), join(stage, path), { recursive: true, filter: shipped });
    }
    const packed = join(stage, 'packed.vsix');
    await createWithTfx(stage, packed, { version, ...(publisher ? { publisher } : {}) });

    const bytes = normalised(await readFile(packed));
    await mkdir(out, { recursive: true });
    const file = join(out, `keyless-delivery-${version}.vsix`);
    await writeFile(file, bytes);
    return { file, bytes, parts: partsOf(bytes) };
  } finally {
    await rm(stage, { recursive: true, force: true });
  }
}

async function createWithTfx(root: string, vsix: string, override: Record<string, string>): Promise<void> {
  const tfx = createRequire(import.meta.url).resolve('tfx-cli/_build/tfx-cli.js');
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [
    ...[tfx, 'extension', 'create', '--no-prompt', '--no-color'],
    ...['--root', root, '--manifest-globs', 'vss-extension.json', '--output-path', vsix],
    ...['--override', JSON.stringify(override)],
  ]);
  const said = stripVTControlCharacters(`${stdout}\n${stderr}`);
  if (/^warning:/m.test(said)) throw new Error(`tfx warned, which nobody would see later:\n${said.trim()}`);
}

/** tfx writes the parts in the order in which it could read them, with the time of day. */
function normalised(vsix: Uint8Array): Uint8Array {
  const parts = Object.entries(unzipSync(vsix)).filter(([path]) => !path.endsWith('/'));
  parts.sort(([left], [right]) => (left < right ? -1 : 1));
  // The earliest time a ZIP entry can have; ZIP times are local, so this is the same in every time zone. fflate
  // compresses by itself: Node's zlib gives other bytes from one version and processor to the next.
  return zipSync(Object.fromEntries(parts), { level: 9, mtime: new Date(1980, 0, 1) });
}

function partsOf(vsix: Uint8Array): VsixPart[] {
  const parts: VsixPart[] = [];
  unzipSync(vsix, {
    filter({ name, size, originalSize }) {
      parts.push({ path: name, size: originalSize, compressed: size });
      return false;
    },
  });
  return parts;
}

async function readJson(file: string): Promise<unknown> {
  return JSON.parse(await readFile(file, 'utf8'));
}
