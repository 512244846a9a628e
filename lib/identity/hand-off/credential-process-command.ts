import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { shellWord } from '../shell-word.ts';
import { writePrivateFile } from './private-files.ts';

/** The programs and files that a renewal is run with; absolute paths. */
export interface RenewalProgram {
  readonly node: string;
  readonly script: string;
  readonly stateFile: string;
}

/**
 * The value of `credential_process`. POSIX: the SDKs split it as a shell does, so quoting is safe. Windows: they
 * disagree about quotes (the Go SDK, and so Terraform, fails on quoted paths with spaces), so it is one word without
 * a space: a launcher in the profile's folder, by its short (8.3) path where the long one has spaces.
 * @throws Error on Windows when there is no path without spaces
 */
export function credentialProcessCommand(
  program: RenewalProgram,
  folder: string,
  platform = process.platform,
): string {
  if (platform !== 'win32') return [program.node, program.script, program.stateFile].map(shellWord).join(' ');
  const launcher = join(folder, 'credentials.cmd');
  writePrivateFile(launcher, windowsLauncher(program));
  return pathWithoutSpaces(launcher, shortWindowsPath);
}

/** A batch file; `%` begins a variable there and is doubled. No path can hold a double quote. */
export function windowsLauncher({ node, script, stateFile }: RenewalProgram): string {
  const words = [node, script, stateFile].map((path) => `"${path.replaceAll('%', '%%')}"`);
  return `@chcp 65001 >nul\r\n@${words.join(' ')}\r\n`;
}

/** @throws Error when there is no short form, or it has a space or a quote, too */
export function pathWithoutSpaces(path: string, shorten: (path: string) => string): string {
  if (!/[\s"']/.test(path)) return path;
  const short = shorten(path);
  if (short && !/[\s"']/.test(short)) return short;
  throw new Error(
    `the agent's folder has a space in its path and this drive has no short names: ${path}. Move the agent to a folder without spaces, or set renew to false`,
  );
}

/** The path reaches cmd.exe by an environment variable, never as a part of its command line. */
function shortWindowsPath(path: string): string {
  const script = 'for %I in ("%KEYLESS_LONG_PATH%") do @echo %~sI';
  const { stdout } = spawnSync('cmd.exe', ['/d', '/s', '/c', script], {
    env: { ...process.env, KEYLESS_LONG_PATH: path },
    encoding: 'utf8',
    windowsVerbatimArguments: true,
    windowsHide: true,
  });
  return stdout?.trim() ?? '';
}
