/** The kinds of script steps: which task runs each, and by which program. */
import type { ScriptStep } from '../pipeline/model.ts';

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

/** By the key that a step is written with. */
export const shells: Readonly<Record<ScriptStep['shell'], Shell>> = {
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
      [
        "$ErrorActionPreference = 'stop'",
        script,
        'if (Test-Path -LiteralPath variable:\\LASTEXITCODE) { exit $LASTEXITCODE }',
      ].join('\n'),
  },
};
