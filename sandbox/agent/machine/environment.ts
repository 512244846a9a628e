/** The environment variables of a step's process. */
import type { NamedConnection } from '../tasks/connections.ts';
import { environmentName, type Variables } from '../variables/variables.ts';

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string>>;

/** What a process needs of the machine it runs on; everything else of the developer's own stays outside. */
const machineNames: readonly string[] = (
  process.platform === 'win32'
    ? 'PATH PATHEXT SystemRoot SystemDrive windir ComSpec TEMP TMP OS USERNAME USERDOMAIN COMPUTERNAME ProgramData ' +
      'ProgramFiles ProgramFiles(x86) CommonProgramFiles NUMBER_OF_PROCESSORS PROCESSOR_ARCHITECTURE PSModulePath'
    : 'PATH LANG LC_ALL LC_CTYPE TZ TMPDIR USER LOGNAME SHELL'
).split(' ');

/**
 * The environment of the agent's own process, which every step inherits: what is needed of the given one, and a home
 * folder of the agent's own, so that no credentials or settings of the developer's reach a step.
 */
export function agentEnvironment(from: NodeJS.ProcessEnv, home: string): Record<string, string> {
  const names = new Set(machineNames.map((name) => name.toLowerCase()));
  const kept = Object.entries(from).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && names.has(entry[0].toLowerCase()),
  );
  return {
    ...Object.fromEntries(kept),
    ...(process.platform === 'win32' ? { USERPROFILE: home } : { HOME: home }),
  };
}

/** The connection by which tasks talk to Azure DevOps itself. */
export interface SystemConnection {
  readonly url: string;
  readonly accessToken: string;
}

/**
 * Variables as a process sees them: public ones by name, and the lists of names.
 *
 * @see azure-pipelines-agent, Handlers/Handler.cs, AddVariablesToEnvironment
 */
export function publicVariables(variables: Variables): Environment {
  const shown = variables.all.filter(({ secret }) => !secret);
  const hidden = variables.all.filter(({ secret }) => secret);
  const environment: Record<string, string> = {};
  for (const { name, value, preserveCase } of shown) {
    // The one variable that is also given under its unformatted name.
    if (name.toLowerCase() === 'agent.jobstatus') environment[name] = value;
    environment[environmentName(name, preserveCase)] = value;
  }
  environment.VSTS_PUBLIC_VARIABLES = JSON.stringify(shown.map(({ name }) => name));
  environment.VSTS_SECRET_VARIABLES = JSON.stringify(hidden.map(({ name }) => name));
  return environment;
}

/** Secret variables, which reach tasks and nothing else. */
export function secretVariables(variables: Variables): Environment {
  const hidden = variables.all.filter(({ secret }) => secret);
  return Object.fromEntries(
    hidden.map(({ name, value, preserveCase }) => [`SECRET_${environmentName(name, preserveCase)}`, value]),
  );
}

/** `INPUT_*`. */
export function inputVariables(inputs: ReadonlyMap<string, string>): Environment {
  return Object.fromEntries([...inputs].map(([name, value]) => [`INPUT_${environmentName(name)}`, value]));
}

/** State that a task's earlier stages left for its later ones. */
export function taskVariables(variables: Variables): Environment {
  return Object.fromEntries(
    variables.all.map(({ name, value, preserveCase }) => [
      `VSTS_TASKVARIABLE_${environmentName(name, preserveCase)}`,
      value,
    ]),
  );
}

/**
 * `ENDPOINT_*` of the connections that the inputs name, and of Azure DevOps itself.
 *
 * @see azure-pipelines-agent, Handlers/Handler.cs, AddEndpointsToEnvironment
 */
export function endpointVariables(
  connections: readonly NamedConnection[],
  system: SystemConnection,
): Environment {
  const environment: Record<string, string> = {};
  for (const { id, url, scheme, parameters, data } of connections) {
    Object.assign(environment, authorization(id, url, scheme, parameters));
    environment[`ENDPOINT_DATA_${id}`] = JSON.stringify(data);
    for (const [key, value] of Object.entries(data)) {
      environment[`ENDPOINT_DATA_${id}_${environmentName(key)}`] = value;
    }
  }
  const accessToken = { AccessToken: system.accessToken };
  // The system's connection has no GUID, and what has none gets no data.
  return { ...environment, ...authorization('SYSTEMVSSCONNECTION', system.url, 'OAuth', accessToken) };
}

function authorization(
  id: string,
  url: string,
  scheme: string,
  parameters: Readonly<Record<string, string>>,
): Environment {
  return {
    [`ENDPOINT_URL_${id}`]: new URL(url).href,
    [`ENDPOINT_AUTH_${id}`]: JSON.stringify({ parameters, scheme }),
    [`ENDPOINT_AUTH_SCHEME_${id}`]: scheme,
    ...Object.fromEntries(
      Object.entries(parameters).map(([key, value]) => [
        `ENDPOINT_AUTH_PARAMETER_${id}_${environmentName(key)}`,
        value,
      ]),
    ),
  };
}
