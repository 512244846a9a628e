import { azurePipelinesAgent } from '../../../lib/agent/azure-pipelines.ts';
import type { Agent } from '../../../lib/agent/index.ts';

/** What a job gives to a step, in the words of the pipeline. */
export interface Job {
  readonly inputs?: Readonly<Record<string, string>>;
  readonly variables?: Readonly<Record<string, string>>;
  readonly secrets?: Readonly<Record<string, string>>;
  readonly taskVariables?: Readonly<Record<string, string>>;
  /** By id. */
  readonly connections?: Readonly<
    Record<
      string,
      {
        readonly scheme?: string;
        readonly data?: Readonly<Record<string, string>>;
        readonly parameters?: Readonly<Record<string, string>>;
      }
    >
  >;
}

/** The environment in which the agent starts a step (its Handler.cs, AddInputsToEnvironment and so on). */
export function jobEnvironment(job: Job): Record<string, string> {
  const environment: Record<string, string> = {};
  const add = (prefix: string, values: Readonly<Record<string, string>> = {}) => {
    for (const [name, value] of Object.entries(values)) {
      environment[prefix + name.replace(/[. ]/g, '_').toUpperCase()] = value;
    }
  };
  add('INPUT_', job.inputs);
  add('', job.variables);
  add('SECRET_', job.secrets);
  add('VSTS_TASKVARIABLE_', job.taskVariables);
  for (const [id, { scheme, data, parameters }] of Object.entries(job.connections ?? {})) {
    if (scheme) environment[`ENDPOINT_AUTH_SCHEME_${id}`] = scheme;
    add(`ENDPOINT_DATA_${id}_`, data);
    add(`ENDPOINT_AUTH_PARAMETER_${id}_`, parameters);
  }
  environment.VSTS_SECRET_VARIABLES = JSON.stringify(Object.keys(job.secrets ?? {}));
  environment.VSTS_PUBLIC_VARIABLES = JSON.stringify(Object.keys(job.variables ?? {}));
  return environment;
}

/** The agent of a job; what is said to it is thrown away. */
export function agentOf(job: Job): Agent {
  return azurePipelinesAgent(jobEnvironment(job), () => {});
}
