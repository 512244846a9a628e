/** What the processes of a job show to everybody on the machine. */
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** Milliseconds between two looks. */
const interval = 15;

/**
 * Collects the command lines of every process below this one until the signal ends. Linux only: elsewhere none is
 * found, and tests that need some have to say so.
 */
export async function watchCommandLines(signal: AbortSignal): Promise<ReadonlySet<string>> {
  const seen = new Set<string>();
  if (process.platform !== 'linux') return seen;
  while (!signal.aborted) {
    for (const id of await descendants(process.pid)) {
      const line = await readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '');
      if (line !== '') seen.add(line.replaceAll('\0', ' ').trim());
    }
    await sleep(interval);
  }
  return seen;
}

async function descendants(id: number): Promise<number[]> {
  const threads = await readdir(`/proc/${id}/task`).catch(() => []);
  const lists = await Promise.all(
    threads.map((thread) => readFile(`/proc/${id}/task/${thread}/children`, 'utf8').catch(() => '')),
  );
  const children = lists.flatMap((list) => list.split(' ').filter(Boolean).map(Number));
  return [...children, ...(await Promise.all(children.map(descendants))).flat()];
}
