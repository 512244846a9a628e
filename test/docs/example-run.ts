/** Runs the documents' pipelines with the built task on the local agent, in the world that the documents speak of. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { type RunRecord, runPipeline } from '../../sandbox/agent/index.ts';
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts';
import { loadWorld, type World } from '../../sandbox/world.ts';
import { root } from './documents.ts';

/** A fresh copy of the world that the documents speak of, for a test to change. */
export const documentsWorld = (): Promise<World> => loadWorld(join(import.meta.dirname, 'world.yml'));

export interface ExampleRun {
  readonly record: RunRecord;
  /** Every line of the log, as it was printed. */
  readonly lines: readonly string[];
}

/** Runs a pipeline, from its text or its file, in a world; `during` sees the sandbox and may cancel. */
export async function runExample(
  pipeline: { readonly file: string } | { readonly text: string },
  world: World,
  during?: (sandbox: Sandbox, cancel: () => void) => void,
): Promise<ExampleRun> {
  const home = await mkdtemp(join(tmpdir(), 'documents-'));
  const sandbox = await startSandbox(world);
  const cancellation = new AbortController();
  const lines: string[] = [];
  try {
    during?.(sandbox, () => cancellation.abort());
    const record = await runPipeline({
      file: 'azure-pipelines.yml',
      ...pipeline,
      host: 'build',
      taskFolders: [join(root, 'dist/tasks')],
      sandbox,
      workFolder: join(home, '_work'),
      environment: {
        HOME: home,
        // What the SDK says of Node.js versions differs from machine to machine.
        AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
        PATH: [join(import.meta.dirname, 'bin'), process.env.PATH].join(delimiter),
      },
      print: ({ text }) => lines.push(text),
      signal: cancellation.signal,
    });
    return { record, lines };
  } finally {
    await sandbox.close();
    await rm(home, { recursive: true, force: true });
  }
}
