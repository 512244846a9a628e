/** Running `script`, `bash` and `pwsh` steps: what the tasks CmdLine@2, Bash@3 and PowerShell@2 do with them. */
import { randomUUID } from 'node:crypto';
import { stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { publicVariables } from '../machine/environment.ts';
import type { ScriptStep } from '../pipeline/model.ts';
import type { StepContext } from './step-context.ts';
import { runStepProcess } from './step-process.ts';
import { expandEnvironment, expandText } from './task-step.ts';

/** The tasks that run scripts, as the log names them: task.json of each in azure-pipelines-tasks. */
export const scriptTasks = {
  script: {
    name: 'CmdLine',
    friendlyName: 'Command line',
    description: 'Run a command line script using Bash on Linux and macOS and cmd.exe on Windows',
    version: '2.268.0',
    id: 'd9bafed4-0b18-4f58-968d-86655b4d2ce9',
    author: 'Microsoft Corporation',
    help: 'https://docs.microsoft.com/azure/devops/pipelines/tasks/utility/command-line',
  },
  bash: {
    name: 'Bash',
    friendlyName: 'Bash',
    description: 'Run a Bash script on macOS, Linux, or Windows',
    version: '3.268.1',
    id: '6c731c3c-3c68-459a-a5c9-bde6e6595b5b',
    author: 'Microsoft Corporation',
    help: 'https://docs.microsoft.com/azure/devops/pipelines/tasks/utility/bash',
  },
  pwsh: {
    name: 'PowerShell',
    friendlyName: 'PowerShell',
    description: 'Run a PowerShell script on Linux, macOS, or Windows',
    version: '2.268.0',
    id: 'e213ff0f-5d5c-4791-802d-52ea3e7be1f1',
    author: 'Microsoft Corporation',
    help: 'https://docs.microsoft.com/azure/devops/pipelines/tasks/utility/powershell',
  },
} as const;

/** How a kind of script is run. */
interface Shell {
  /** What the log calls it. */
  readonly name: string;
  readonly extension: string;
  readonly program: string;
  readonly arguments: (file: string) => readonly string[];
  /** Put around the script, as its task does. */
  readonly frame?: (script: string) => string;
}

const bash: Shell = { name: 'Bash', extension: '.sh', program: 'bash', arguments: (file) => [file] };

const commandLine: Shell = {
  name: 'Cmd.exe',
  extension: '.cmd',
  program: 'cmd.exe',
  arguments: (file) => ['/D', '/E:ON', '/V:OFF', '/S', '/C', `CALL "${file}"`],
  frame: (script) => `@echo off\r\n${script.replaceAll(/\r?\n/g, '\r\n')}`,
};

const shells: Readonly<Record<ScriptStep['shell'], Shell>> = {
  script:
    process.platform === 'win32'
      ? commandLine
      : { ...bash, arguments: (file) => ['--noprofile', '--norc', file] },
  bash,
  pwsh: {
    name: 'PowerShell',
    extension: '.ps1',
    program: 'pwsh',
    arguments: (file) => [
      ...['-NoLogo', '-NoProfile', '-NonInteractive', '-Command'],
      `. '${file.replaceAll("'", "''")}'`,
    ],
    frame: (script) =>
      `$ErrorActionPreference = 'stop'\n${script}\nif (!(Test-Path -LiteralPath variable:\\LASTEXITCODE)) {} else { exit $LASTEXITCODE }\n`,
  },
};

/** The program that runs a kind of script. */
export const programOf = (shell: ScriptStep['shell']): string => shells[shell].program;

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
