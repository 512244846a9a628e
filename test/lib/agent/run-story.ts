import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runTask, type Task } from '../../../lib/agent/index.ts';
import { type ReadOutput, readAsAgent } from './agent-parser.ts';
import { type Job, jobEnvironment } from './job-environment.ts';

/** What a task left when it had ended. */
export interface ToldStory extends ReadOutput {
  /** The attached report, as its JSON stands in the file. */
  readonly report: unknown;
  /** The summary, where one was uploaded. */
  readonly markdown: string | undefined;
  readonly files: readonly string[];
}

const signals = ['SIGINT', 'SIGTERM', 'SIGBREAK'];

/**
 * Runs a story as a task of a job, in this process: `process.env` is the job's, stdout is kept, and no signal handler
 * stays.
 */
export async function runStory(story: (task: Task) => Promise<string>, job: Job = {}): Promise<ToldStory> {
  const folder = mkdtempSync(join(tmpdir(), 'story-'));
  const { env } = process;
  const { write } = process.stdout;
  const handlers = signals.map((name) => process.listeners(name as NodeJS.Signals));
  const printed: string[] = [];
  process.env = { AGENT_TEMPDIRECTORY: folder, ...jobEnvironment(job) };
  process.stdout.write = (text) => printed.push(String(text)) > 0;
  try {
    await runTask('Sample@1', story);
  } finally {
    process.env = env;
    process.stdout.write = write;
    signals.forEach((name, index) => {
      for (const handler of process.listeners(name as NodeJS.Signals)) {
        if (!handlers[index]?.includes(handler)) process.off(name, handler);
      }
    });
  }
  const output = readAsAgent(printed.join(''));
  const uploaded = (command: string) => {
    const file = output.commands.find(({ name }) => name === command)?.data;
    return file !== undefined && existsSync(file) ? readFileSync(file, 'utf8') : undefined;
  };
  const report = uploaded('task.addattachment');
  const told = {
    ...output,
    report: report === undefined ? undefined : JSON.parse(report),
    markdown: uploaded('task.uploadsummary'),
    files: readdirSync(folder).sort(),
  };
  rmSync(folder, { recursive: true });
  return told;
}
