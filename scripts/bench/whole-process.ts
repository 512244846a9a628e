import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';

/** What one run of a program took, seen from outside. */
export interface ProcessFigures {
  readonly milliseconds: number[];
  /** Largest resident set, MiB. */
  readonly memory: number[];
}

/**
 * Runs programs of this Node in turn (A B A B …, so that a machine that slows down slows both), once uncounted and
 * then `runs` times for the time and as often again for the memory, which a hook in the process reports.
 * @param programs arguments of `node` by name
 */
export function runInTurn(
  programs: Readonly<Record<string, readonly string[]>>,
  runs: number,
  peakMemoryHook: string,
): Record<string, ProcessFigures> {
  const figures = Object.fromEntries(
    Object.keys(programs).map((name): [string, ProcessFigures] => [name, { milliseconds: [], memory: [] }]),
  );
  for (let run = 0; run <= runs; run++) {
    for (const [name, args] of Object.entries(programs)) {
      const started = performance.now();
      succeed(name, args);
      const milliseconds = performance.now() - started;
      const memory = Number(/PEAK (\d+)/.exec(succeed(name, ['-r', peakMemoryHook, ...args]))?.[1]) / 1024;
      if (run > 0) {
        figures[name]?.milliseconds.push(milliseconds);
        figures[name]?.memory.push(memory);
      }
    }
  }
  return figures;
}

/** Runs a program in a folder that is nobody's. Returns what it wrote to stderr; a program that fails has not done the work that is measured. */
function succeed(name: string, args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', cwd: tmpdir() });
  if (status !== 0 || stdout.includes('result=Failed')) {
    throw new Error(`${name} failed:\n${stdout}\n${stderr}`);
  }
  return stderr;
}
