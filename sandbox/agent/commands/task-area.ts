/**
 * `##vso[task.…]`.
 *
 * @see azure-pipelines-agent, Agent.Worker/TaskCommandExtension.cs; the texts are those of its strings.json
 */
import { statSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import type { StepContext } from '../job/step-context.ts';
import { parseTaskResult, worseOf } from '../result.ts';
import { type CommandArea, type CommandHandler, Disallowed, flag, property } from './area.ts';
import { type Command, escapeCommand, unescapeCommand } from './command.ts';
import { logDetail } from './log-detail.ts';
import { maySet } from './restrictions.ts';
import { setEndpoint } from './set-endpoint.ts';

const readOnlyDesign =
  'See https://github.com/microsoft/azure-pipelines-yaml/blob/master/design/readonly-variables.md for details.';

const logIssue: CommandHandler = {
  inRestrictedMode: true,
  run(step, command) {
    const type = property(command, 'type')?.toLowerCase();
    if (type === undefined) {
      step.warn("Can't create TaskIssue from logging event.");
    } else if (type === 'error' || type === 'warning') {
      step.issue(type, messageOf(command, type));
    } else {
      throw new Error(`issue type ${property(command, 'type')} is not an expected issue type.`);
    }
  },
};

/** An issue about a line of source is written as compilers write it. */
function messageOf(command: Command, type: string): string {
  const path = property(command, 'sourcepath');
  if (path === undefined) return command.data;
  const at = [path, property(command, 'linenumber') ?? '', property(command, 'columnnumber') ?? ''];
  return `${at[0]}(${at[1]},${at[2]}): ${type} ${property(command, 'code') ?? ''}: ${command.data}`;
}

const complete: CommandHandler = {
  inRestrictedMode: true,
  run(step, command) {
    const result = parseTaskResult(property(command, 'result') ?? '');
    if (result === undefined) throw new Error("Command doesn't have valid result value.");
    step.result = worseOf(step.result, result);
    if (flag(command, 'done')) step.declareDone();
  },
};

const setProgress: CommandHandler = { inRestrictedMode: true, run() {} };

const setSecret: CommandHandler = {
  inRestrictedMode: true,
  run: (step, { data }) => addSecret(step, data),
};

/** Where per cent signs are not decoded, the decoded form of a secret is one too. */
function addSecret(step: StepContext, secret: string): void {
  step.job.masker.add(secret);
  if (!step.job.decodePercents) step.job.masker.add(unescapeCommand(secret, true));
}

const setVariable: CommandHandler = {
  inRestrictedMode: true,
  run(step, command) {
    const name = property(command, 'variable');
    if (name === undefined) {
      throw new Error("Required field 'variable' is missing in ##vso[task.setvariable] command.");
    }
    const options = optionsOf(command);
    // The service has asked agents to refuse, rather than to warn, since read-only variables were introduced.
    if (step.job.variables.isReadOnly(name)) {
      throw new Error(`Overwriting readonly variable '${name}' is not permitted. ${readOnlyDesign}`);
    }
    if (options.secret) {
      refuseSeveralLines(step, command.data);
      addSecret(step, command.data);
      addSecret(step, escapeCommand(command.data, step.job.decodePercents));
    }
    refuseUnlessSettable(step, name);
    step.setVariable(name, command.data, options);
  },
};

const setTaskVariable: CommandHandler = {
  inRestrictedMode: true,
  run(step, command) {
    const name = property(command, 'variable');
    if (name === undefined) {
      throw new Error("Required field 'variable' is missing in ##vso[task.settaskvariable] command.");
    }
    const options = optionsOf(command);
    if (step.taskVariables.isReadOnly(name)) {
      throw new Error(`Overwriting readonly task variable '${name}' is not permitted. ${readOnlyDesign}`);
    }
    if (options.secret) refuseSeveralLines(step, command.data);
    step.taskVariables.set(name, command.data, options);
  },
};

function optionsOf(command: Command) {
  return {
    secret: flag(command, 'issecret'),
    output: flag(command, 'isoutput'),
    readOnly: flag(command, 'isreadonly'),
    preserveCase: flag(command, 'preservecase'),
  };
}

function refuseSeveralLines(step: StepContext, secret: string): void {
  const allowed = step.job.variables.get('SYSTEM_UNSAFEALLOWMULTILINESECRET')?.toLowerCase() === 'true';
  if (!allowed && secret.includes('\n')) throw new Error('Secrets cannot contain multiple lines');
}

/** What a step may not set is only warned about; the value is then gone. */
function refuseUnlessSettable(step: StepContext, name: string): void {
  if (maySet(name, step.restrictions)) return;
  throw new Disallowed(`Setting variable '${name}' has been disabled by the task or build definition.`);
}

const prependPath: CommandHandler = {
  inRestrictedMode: true,
  run(step, { data }) {
    refuseUnlessSettable(step, 'PATH');
    if (data === '') throw new Error("Value cannot be null. (Parameter 'prependpath')");
    const paths = step.job.prependedPaths;
    const before = paths.indexOf(data);
    if (before >= 0) paths.splice(before, 1);
    paths.push(data);
  },
};

const addAttachment: CommandHandler = {
  run: (step, command) => attach(step, property(command, 'type'), property(command, 'name'), command.data),
};

const uploadSummary: CommandHandler = {
  run(step, { data }) {
    if (data === '') throw new Error('Cannot upload summary file, summary file location is not specified.');
    attach(step, 'DistributedTask.Core.Summary', basename(data), data);
  },
};

const uploadFile: CommandHandler = {
  run(step, { data }) {
    if (data === '') throw new Error('Cannot upload file because file location is not specified.');
    attach(step, 'DistributedTask.Core.FileAttachment', basename(data), data);
  },
};

function attach(step: StepContext, type: string | undefined, name: string | undefined, file: string): void {
  if (type === undefined) throw new Error("Can't add task attachment, attachment type is not provided.");
  if (name === undefined) throw new Error("Can't add task attachment, attachment name is not provided.");
  if (/[/\0]/.test(type)) throw new Error('Type contains invalid characters. (\0,/)');
  if (/[/\0]/.test(name)) throw new Error('Name contains invalid characters. (\0, /)');
  queueFile(
    step,
    type,
    name,
    file,
    () =>
      'Cannot upload task attachment file, attachment file location is not specified or attachment file does not exist on disk.',
  );
}

/** Queues a file for upload at the end of the job. @throws the given text where it is not there now */
export function queueFile(
  step: StepContext,
  type: string,
  name: string,
  file: string,
  missing: () => string,
): void {
  if (file === '' || statSync(file, { throwIfNoEntry: false })?.isFile() !== true) throw new Error(missing());
  step.job.attachments.push({ type, name, file: resolve(file), step: step.name });
}

export const taskArea: CommandArea = {
  name: 'task',
  hosts: ['build', 'release'],
  commands: new Map([
    ['logissue', logIssue],
    ['issue', logIssue],
    ['complete', complete],
    ['setprogress', setProgress],
    ['logdetail', logDetail],
    ['setsecret', setSecret],
    ['setvariable', setVariable],
    ['settaskvariable', setTaskVariable],
    ['prependpath', prependPath],
    ['setendpoint', setEndpoint],
    ['addattachment', addAttachment],
    ['uploadsummary', uploadSummary],
    ['uploadfile', uploadFile],
  ]),
};
