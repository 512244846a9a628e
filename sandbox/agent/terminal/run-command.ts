/** `run`: a pipeline file from the command line. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { FileFault } from '../../checked-yaml.ts';
import { startSandbox } from '../../sandbox.ts';
import type { GivenVariable } from '../job/job-context.ts';
import type { LogLine } from '../log/log.ts';
import type { Host } from '../record.ts';
import { isSuccess } from '../result.ts';
import { runPipeline } from '../run.ts';
import { colouredLine, rawLine } from './log-view.ts';
import { summaryOf } from './summary.ts';
import { readWorld } from './world-file.ts';

/** What the command line says. */
export interface RunArguments {
  readonly pipeline: string;
  readonly host: Host;
  readonly taskFolders: readonly string[];
  readonly world: string | undefined;
  readonly node: string | undefined;
  readonly workFolder: string | undefined;
  readonly variables: Readonly<Record<string, GivenVariable>>;
  readonly json: boolean;
}

/** Runs a pipeline and prints its log, or with `json` its record. @returns the exit code: 0 only where it succeeded */
export async function run(given: RunArguments): Promise<number> {
  if (!existsSync(given.pipeline)) throw new FileFault([`${given.pipeline} is not there`]);
  const sandbox = await startSandbox(await readWorld(given.world ?? worldBeside(given.pipeline)));
  const cancellation = new AbortController();
  const cancel = () => cancellation.abort();
  process.on('SIGINT', cancel).on('SIGTERM', cancel);
  // Whoever read the log has gone: nobody waits for the rest.
  process.stdout.on('error', cancel);
  try {
    const record = await runPipeline({
      file: given.pipeline,
      host: given.host,
      taskFolders: given.taskFolders,
      sandbox,
      ...(given.node !== undefined && { node: given.node }),
      ...(given.workFolder !== undefined && { workFolder: given.workFolder }),
      variables: given.variables,
      print: given.json ? () => {} : print,
      signal: cancellation.signal,
    });
    const lines = given.json ? [JSON.stringify(record, undefined, 2)] : summaryOf(record);
    process.stdout.write(`${lines.join('\n')}\n`);
    return isSuccess(record.result) ? 0 : 1;
  } finally {
    process.off('SIGINT', cancel).off('SIGTERM', cancel);
    process.stdout.off('error', cancel);
    await sandbox.close();
  }
}

function print(line: LogLine): void {
  const written = process.stdout.isTTY ? colouredLine(line) : rawLine(line);
  if (written !== undefined) process.stdout.write(`${written}\n`);
}

/** @throws FileFault where no world is beside the pipeline */
function worldBeside(pipeline: string): string {
  const world = join(dirname(pipeline), 'world.yml');
  if (existsSync(world)) return world;
  throw new FileFault([
    `${world} is not there: name the world to run in by --world, or write one beside the pipeline as examples/quickstart has it`,
  ]);
}
