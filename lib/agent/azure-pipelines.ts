import { rmSync } from 'node:fs';
import { join } from 'node:path';
import * as taskLib from 'azure-pipelines-task-lib/task.js';
import type { Agent, Endpoint } from './agent.ts';
import { derivedForms } from './secrets.ts';

/** The Azure Pipelines agent, through its own task library. */
export function azurePipelinesAgent(): Agent {
  const tempFolder = taskLib.getVariable('Agent.TempDirectory') ?? process.cwd();
  return {
    input: (name) => taskLib.getInput(name)?.trim() || undefined,
    variable: (name) => taskLib.getVariable(name) || undefined,
    endpoint,
    setVariable: (name, value) => taskLib.setVariable(name, value),
    setOutput: (name, value) => taskLib.setVariable(name, value, false, true),
    setTaskVariable: (name, value) => taskLib.setTaskVariable(name, value),
    taskVariable: (name) => taskLib.getTaskVariable(name) || undefined,
    maskSecret(value) {
      for (const form of derivedForms(value)) taskLib.setSecret(form);
    },
    attach: (type, name, file) => taskLib.addAttachment(type, name, file),
    uploadSummary: (file) => taskLib.uploadSummary(file),
    complete(result, message) {
      // The library keeps the key of its in-memory vault in this file and leaves it behind. Nothing reads the vault
      // after this line.
      rmSync(join(tempFolder, '.taskkey'), { force: true });
      taskLib.command('task.complete', { result }, message);
    },
    hostType: taskLib.getVariable('System.HostType') === 'release' ? 'release' : 'build',
    tempFolder,
    debug: /^true$/i.test(taskLib.getVariable('System.Debug') ?? ''),
  };
}

function endpoint(id: string): Endpoint {
  return {
    id,
    scheme: taskLib.getEndpointAuthorizationScheme(id, true) || undefined,
    data: (name) => taskLib.getEndpointDataParameter(id, name, true)?.trim() || undefined,
    parameter: (name) => taskLib.getEndpointAuthorizationParameter(id, name, true)?.trim() || undefined,
  };
}
