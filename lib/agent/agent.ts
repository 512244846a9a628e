/** Where a job runs from; decides which commands the agent accepts. */
export type HostType = 'build' | 'release';

/** A service connection as the agent hands it to a task: by GUID, with its public and secret fields. */
export interface Endpoint {
  readonly id: string;
  readonly scheme: string | undefined;
  /** A field of the connection that is not secret. */
  data(name: string): string | undefined;
  /** A field of the connection's authorization. */
  parameter(name: string): string | undefined;
}

/** What a task asks of the build agent that runs it. */
export interface Agent {
  /** An input as typed, white space around it trimmed; undefined when empty. */
  input(name: string): string | undefined;
  /** A pipeline variable, secret ones included. */
  variable(name: string): string | undefined;
  endpoint(id: string): Endpoint;
  /** Sets a variable of the job, which later steps see in their environment. */
  setVariable(name: string, value: string): void;
  /** Sets a variable that later tasks can read, and scripts only where their `env:` names it. */
  setSecretVariable(name: string, value: string): void;
  /** Sets an output that later steps read as `step.name`. */
  setOutput(name: string, value: string): void;
  /** State for this step's post-job part. */
  setTaskVariable(name: string, value: string): void;
  taskVariable(name: string): string | undefined;
  /** Has a value and the forms derived from it masked in every later line of the job's log. */
  maskSecret(value: string): void;
  attach(type: string, name: string, file: string): void;
  uploadSummary(file: string): void;
  /** Ends the step. `message` is shown beside its name. */
  complete(result: 'Succeeded' | 'Failed' | 'Canceled', message: string): void;
  readonly hostType: HostType;
  /** A folder of this job, emptied by the agent when the job ends. */
  readonly tempFolder: string;
  /** Properties that mark an error or a warning as the task's own. */
  readonly issueProperties: Readonly<Record<string, string | undefined>>;
}
