/** Running `script`, `bash` and `pwsh` steps: what the tasks CmdLine@2, Bash@3 and PowerShell@2 do with them. */
import { randomUUID } from 'node:crypto';
import { stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { publicVariables } from '../machine/environment.ts';
import type { ScriptStep } from '../pipeline/model.ts';
import { shells } from './shells.ts';
import type { StepContext } from './step-context.ts';
import { runStepProcess } from './step-process.ts';
import { expandEnvironment, expandText } from './task-step.ts';

/** The standard error of a failing step is repeated up to this many lines (CmdLineV2). */
const maximumStderr = 10;

/**
 * Runs a script.
 *
 * @see azure-pipelines-tasks, Tasks/CmdLineV2/cmdline.ts, Tasks/BashV3/bash.ts, Tasks/PowerShellV2/powershell.ts
 */
export async function runScript(
  step: StepContext,
  script: ScriptStep,
  signal: AbortSignal,
  report: (exitCode: number) => void,
): Promise<void> {
  const shell = shells[script.shell];
  const { folders } = step.job.settings;
  const content = expandText(step, script.script);
  const workingDirectory = resolve(folders.sources, expandText(step, script.workingDirectory));
  if (!(await stat(workingDirectory).catch(() => undefined))?.isDirectory()) {
    step.error(`Not found workingDirectory: ${workingDirectory}`);
    step.result = 'Failed';
    return;
  }

  step.write('Generating script.');
  if (!content.trimEnd().includes('\n') && !/##vso\[/i.test(content)) {
    step.write(`Script contents:\n${content.trimEnd()}`);
  }
  const file = join(folders.temp, `${randomUUID()}${shell.extension}`);
  await writeFile(file, shell.frame?.(content) ?? content);
  step.write('========================== Starting Command Output ===========================');
  step.write(`[command]${[shell.program, ...shell.arguments(file)].join(' ')}`);

  const stderr: string[] = [];
  const end = await runStepProcess(step, {
    file: shell.program,
    arguments: shell.arguments(file),
    workingDirectory,
    environment: { ...expandEnvironment(step, script.environment), ...publicVariables(step.job.variables) },
    // Interrupted, the task that runs the script ends it with a termination signal.
    firstSignal: 'SIGTERM',
    signal,
    onStderr: (line) => stderr.push(line),
  });
  if (end === undefined || signal.aborted) return;

  report(end.exitCode);
  if (end.exitCode !== 0) {
    step.error(`${shell.name} exited with code '${end.signal === undefined ? end.exitCode : 'null'}'.`);
    step.result = 'Failed';
  }
  if (script.failOnStderr && stderr.length > 0) {
    step.error(`${shell.name} wrote one or more lines to the standard error stream.`);
    for (const line of stderr.slice(0, maximumStderr)) step.error(line);
    step.result = 'Failed';
  }
}
