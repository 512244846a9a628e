import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chmodSync, lstatSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';

/**
 * A folder that only this user can enter: mode 0700, on Windows an access list with nobody else in it.
 * @throws Error when something else, such as a link, stands in its place
 */
export function makePrivateFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (!lstatSync(folder).isDirectory()) throw new Error(`${folder} is not a folder`);
  // One that was there already may be open to others, or another user's: then this fails.
  chmodSync(folder, 0o700);
  if (process.platform === 'win32') {
    const grants = ['/inheritance:r', '/grant:r', `${userInfo().username}:(OI)(CI)F`];
    execFileSync('icacls', [folder, ...grants], { stdio: 'ignore', windowsHide: true });
  }
}

/** Writes a file of mode 0600 in one step: whoever reads it sees the old content or the new. */
export function writePrivateFile(file: string, content: string): void {
  const aside = `${file}.${randomUUID()}`;
  try {
    writeFileSync(aside, content, { mode: 0o600, flag: 'wx' });
    renameSync(aside, file);
  } catch (error) {
    rmSync(aside, { force: true });
    throw error;
  }
}
