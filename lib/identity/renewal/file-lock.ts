import { randomUUID } from 'node:crypto';
import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

export interface LockOptions {
  /** Seconds after which a lock is taken for left behind, whoever holds it. */
  readonly staleAfter: number;
  /** Seconds to wait for the lock before giving up. */
  readonly patience: number;
}

/** Somebody else held the lock for as long as one was ready to wait. */
export class LockTimeoutError extends Error {
  constructor(file: string, seconds: number) {
    super(`another process has held ${file} for over ${seconds} s`);
    this.name = 'LockTimeoutError';
  }
}

/**
 * Runs `work` while no other process of this machine does, by a file that exists as long as the lock is held. A lock
 * whose owner has died, or which is older than `staleAfter`, is broken.
 */
export async function withFileLock<T>(
  file: string,
  options: LockOptions,
  work: () => Promise<T>,
): Promise<T> {
  const token = `${process.pid} ${randomUUID()}`;
  const giveUpAt = Date.now() + options.patience * 1000;
  while (!acquire(file, token)) {
    if (breakIfStale(file, options.staleAfter)) continue;
    if (Date.now() > giveUpAt) throw new LockTimeoutError(file, options.patience);
    await sleep(20 + Math.random() * 60);
  }
  try {
    return await work();
  } finally {
    // Broken by somebody meanwhile, the lock is theirs: leave it.
    if (readOwner(file) === token) rmSync(file, { force: true });
  }
}

/** The file's existence is the lock. Until its owner's name is in it, only its age can make it stale. */
function acquire(file: string, token: string): boolean {
  try {
    writeFileSync(file, token, { mode: 0o600, flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** True when a stale lock was removed, or is gone by itself. */
function breakIfStale(file: string, staleAfter: number): boolean {
  const owner = readOwner(file);
  if (owner === undefined) return true;
  if (!isStale(file, owner, staleAfter)) return false;
  // Two processes may both find it stale. Moving it aside decides who removes it; whoever finds that it moved a lock
  // taken in the meantime puts that one back.
  const aside = `${file}.${randomUUID()}`;
  try {
    renameSync(file, aside);
    const moved = readOwner(aside);
    if (moved !== undefined && moved !== owner) acquire(file, moved);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  } finally {
    rmSync(aside, { force: true });
  }
  return true;
}

function isStale(file: string, owner: string, staleAfter: number): boolean {
  const pid = Number(owner.split(' ')[0]);
  if (Number.isInteger(pid) && pid > 0 && !isRunning(pid)) return true;
  try {
    return Date.now() - statSync(file).mtimeMs > staleAfter * 1000;
  } catch {
    return true;
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: there is such a process, of another user.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function readOwner(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
