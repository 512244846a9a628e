import { execFile } from 'node:child_process';
import { accessSync, constants, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';

/** A program that nobody of this project wrote, by which a test learns what the real world takes. */
export interface Peer {
  readonly name: string;
  /** What it stands for in the tests. */
  readonly standsFor: string;
  /** Puts it into the cache; says whether there was anything to do. Without it, the machine has it or not. */
  readonly install?: () => Promise<'installed' | 'already there'>;
  /** Where it is, or why it can't be had. */
  locate(): Located;
}

export type Located = { readonly program: string } | { readonly absent: string };

/** The repository. */
const root = dirname(dirname(import.meta.dirname));

/** Sources and pinned versions of the peers. */
export const recipes = join(root, 'test/conformance/peers');

const cache = join(root, '.cache/peers');

export interface CachedPeer {
  readonly name: string;
  readonly standsFor: string;
  /** All that decides what gets installed, as a text: when it changes, the peer is installed anew. */
  readonly pins: string;
  /** The program's path below the peer's folder. */
  readonly program: string;
  /** Installs the peer into an empty folder of its own. Throws an error whose message says why it can't. */
  readonly build: (folder: string) => Promise<void>;
}

/** A peer that comes from a package registry and is kept in `.cache/peers/<name>/`. */
export function cachedPeer({ name, standsFor, pins, program, build }: CachedPeer): Peer {
  const folder = join(cache, name);
  // Written last, so that a folder left half done by an interrupted run is not taken for the peer.
  const stamp = join(folder, 'installed.txt');
  // A virtual environment can't be moved: the folder is as much a part of what was installed as the versions.
  const wanted = `${folder}\n${pins}`;
  const refusal = join(cache, `${name}.absent.txt`);
  const isInstalled = () => readText(stamp) === wanted && existsSync(join(folder, program));
  return {
    name,
    standsFor,
    async install() {
      if (isInstalled()) return 'already there';
      rmSync(folder, { recursive: true, force: true });
      rmSync(refusal, { force: true });
      mkdirSync(folder, { recursive: true });
      try {
        await build(folder);
        accessSync(join(folder, program), constants.X_OK);
      } catch (error) {
        writeFileSync(refusal, error instanceof Error ? error.message : String(error));
        throw error;
      }
      writeFileSync(stamp, wanted);
      return 'installed';
    },
    locate() {
      if (isInstalled()) return { program: join(folder, program) };
      return { absent: readText(refusal) ?? 'it is not installed; npm run peers does it' };
    },
  };
}

/** A peer that comes with the operating system. */
export function machinePeer(name: string, standsFor: string): Peer {
  return {
    name,
    standsFor,
    locate() {
      const folders = (process.env.PATH ?? '').split(delimiter);
      const names = process.platform === 'win32' ? [`${name}.exe`] : [name];
      const program = folders.flatMap((folder) => names.map((file) => join(folder, file))).find(isExecutable);
      return program ? { program } : { absent: `there is no ${name} on this machine` };
    },
  };
}

/**
 * Runs an installer without a word on the terminal.
 * @throws Error whose message is one line: what is missing on this machine, or the last line the installer said
 */
export async function run(command: string, args: readonly string[], cwd = root): Promise<void> {
  try {
    await promisify(execFile)(command, args, { cwd, maxBuffer: 64 * 1024 * 1024 });
  } catch (error) {
    const { code, stderr, stdout } = error as { code?: unknown; stderr?: string; stdout?: string };
    if (code === 'ENOENT') throw new Error(`there is no ${command} on this machine`);
    const said = (stderr || stdout || String(error)).trim().split('\n').at(-1)?.trim();
    throw new Error(`${command} ${args.join(' ')} failed: ${said}`);
  }
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function readText(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}
