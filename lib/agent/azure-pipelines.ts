import type { Agent } from './agent.ts';
import { formatCommand } from './commands.ts';
import { derivedForms } from './secrets.ts';

/** Environment variables that hold what programs started by the task should not inherit. */
const confidential = /^(INPUT_|ENDPOINT_AUTH|SECUREFILE_TICKET_|SECRET_|VSTS_TASKVARIABLE_)/;

/**
 * The Azure Pipelines agent, by its own contract: an environment on the way in, logging commands on the way out. It
 * follows azure-pipelines-task-lib, which costs 25 ms and 180 KB a start and leaves a key file behind; a test holds
 * the two together. Confidential variables are taken out of `environment`.
 */
export function azurePipelinesAgent(environment: NodeJS.ProcessEnv, write: (line: string) => void): Agent {
  const given = new Map<string, string>();
  for (const [name, value] of Object.entries(environment)) {
    if (value) given.set(name, value);
    if (confidential.test(name)) delete environment[name];
  }
  const command = (name: string, properties: Record<string, string>, data?: string) =>
    write(formatCommand(name, properties, data));
  const variable = (name: string) => given.get(`SECRET_${keyOf(name)}`) ?? given.get(keyOf(name));

  return {
    input: (name) => given.get(`INPUT_${keyOf(name)}`)?.trim() || undefined,
    variable,
    endpoint: (id) => ({
      id,
      scheme: given.get(`ENDPOINT_AUTH_SCHEME_${id}`),
      data: (name) => given.get(`ENDPOINT_DATA_${id}_${keyOf(name)}`)?.trim() || undefined,
      parameter: (name) => given.get(`ENDPOINT_AUTH_PARAMETER_${id}_${keyOf(name)}`)?.trim() || undefined,
    }),
    setVariable: (name, value) => command('task.setvariable', { variable: name }, value),
    setSecretVariable: (name, value) =>
      command('task.setvariable', { variable: name, issecret: 'true' }, value),
    setOutput: (name, value) => command('task.setvariable', { variable: name, isOutput: 'true' }, value),
    setTaskVariable: (name, value) => command('task.settaskvariable', { variable: name }, value),
    taskVariable: (name) => given.get(`VSTS_TASKVARIABLE_${keyOf(name)}`),
    maskSecret(value) {
      for (const form of derivedForms(value)) command('task.setsecret', {}, form);
    },
    attach: (type, name, file) => command('task.addattachment', { type, name }, file),
    uploadSummary: (file) => command('task.uploadsummary', {}, file),
    complete: (result, message) => command('task.complete', { result }, message),
    // The agent tells a task's own issues from those that a script prints by this id.
    issueProperties: { source: 'TaskInternal', correlationId: given.get('COMMAND_CORRELATION_ID') },
    hostType: variable('System.HostType') === 'release' ? 'release' : 'build',
    tempFolder: variable('Agent.TempDirectory') ?? process.cwd(),
  };
}

/** How the agent spells a name in the environment. */
function keyOf(name: string): string {
  return name.replace(/[ .]/g, '_').toUpperCase();
}
