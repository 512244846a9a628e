/** Running the process of a step: its lines, and the signals that end it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { access, constants as modes } from 'node:fs/promises';
import { constants } from 'node:os';
import { delimiter, join } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';

/** A process to run. */
export interface ProcessRequest {
  readonly file: string;
  readonly arguments: readonly string[];
  readonly workingDirectory: string;
  /** Complete: nothing is inherited. */
  readonly environment: Readonly<Record<string, string>>;
  /** Aborted when the step is to end before its time. */
  readonly signal: AbortSignal;
  readonly patience: Patience;
  /** What is sent first on cancellation: SIGINT to a task; the task that runs a script hands it SIGTERM. */
  readonly firstSignal: 'SIGINT' | 'SIGTERM';
  readonly onLine: (line: string, stream: 'stdout' | 'stderr') => void;
}

/** Milliseconds a cancelled process gets after each signal before the next, harder one. */
export interface Patience {
  readonly afterInterrupt: number;
  readonly afterTerminate: number;
}

/** How a process ended. */
export interface ProcessEnd {
  /** Where a signal ended it, 128 and the signal's number, as .NET reports it. */
  readonly exitCode: number;
  readonly signal?: NodeJS.Signals;
}

/** Whether a program is found along PATH. */
export async function isOnPath(program: string): Promise<boolean> {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const names = process.platform === 'win32' ? [program, `${program}.exe`] : [program];
  const files = folders.flatMap((folder) => names.map((name) => join(folder, name)));
  const found = await Promise.all(
    files.map((file) =>
      access(file, modes.X_OK).then(
        () => true,
        () => false,
      ),
    ),
  );
  return found.includes(true);
}

/** Output that a process's own children still hold open is waited for this long (ProcessInvoker, ProcessExitedHandler). */
const streamPatience = 5000;

/**
 * Runs a process to its end. On cancellation it gets an interrupt, then a termination signal, then is killed; as in
 * the agent only the process itself is signalled, and children it leaves behind are ended when the job ends.
 *
 * @throws where the process cannot be started
 * @see azure-pipelines-agent, Agent.Sdk/ProcessInvoker.cs and ProcessInvoker.MacLinux.cs
 */
export async function runProcess(request: ProcessRequest): Promise<ProcessEnd> {
  const child = spawn(request.file, request.arguments, {
    cwd: request.workingDirectory,
    env: request.environment,
    // Standard input is closed, so that nothing waits for an answer no one gives.
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own: Ctrl-C on the terminal reaches the agent alone, which then cancels in its own order.
    detached: process.platform !== 'win32',
    windowsHide: true,
  });
  const ended = new Promise<ProcessEnd>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) =>
      resolve(
        signal === null ? { exitCode: code ?? -1 } : { exitCode: 128 + constants.signals[signal], signal },
      ),
    );
  });
  const read = Promise.all([
    readLines(child.stdout, (line) => request.onLine(line, 'stdout')),
    readLines(child.stderr, (line) => request.onLine(line, 'stderr')),
  ]);

  const cancel = () => void endHarderAndHarder(child, ended, request);
  if (request.signal.aborted) cancel();
  request.signal.addEventListener('abort', cancel, { once: true });
  try {
    const end = await ended;
    const givenUp = new AbortController();
    await Promise.race([
      read,
      delay(streamPatience, undefined, { signal: givenUp.signal, ref: false }).catch(() => {}),
    ]);
    givenUp.abort();
    return end;
  } finally {
    request.signal.removeEventListener('abort', cancel);
    child.stdout.destroy();
    child.stderr.destroy();
  }
}

async function endHarderAndHarder(child: ChildProcess, ended: Promise<ProcessEnd>, request: ProcessRequest) {
  const { patience, firstSignal } = request;
  for (const [signal, milliseconds] of [
    [firstSignal, patience.afterInterrupt],
    ['SIGTERM', patience.afterTerminate],
  ] as const) {
    child.kill(signal);
    const gone = await Promise.race([
      ended.then(
        () => true,
        () => true,
      ),
      delay(milliseconds, false, { ref: false }),
    ]);
    if (gone) return;
  }
  child.kill('SIGKILL');
}

/** Hands over a stream line by line, where a line ends as .NET's `StreamReader.ReadLine` sees it; resolves at its end. */
function readLines(stream: Readable, onLine: (line: string) => void): Promise<void> {
  return new Promise((resolve) => {
    let rest = '';
    stream.setEncoding('utf8');
    stream.on('data', (chunk: string) => {
      // A line that goes on for long is not looked at again with every piece of it.
      if (!/[\r\n]/.test(chunk) && !rest.endsWith('\r')) {
        rest += chunk;
        return;
      }
      // A carriage return at the very end may be the first half of a line's end.
      const lines = (rest + chunk).split(/\r\n|\n|\r(?!$)/);
      rest = lines.pop() ?? '';
      for (const line of lines) onLine(line);
    });
    stream.on('error', () => resolve());
    stream.on('close', () => {
      if (rest !== '') onLine(rest.replace(/\r$/, ''));
      resolve();
    });
  });
}
