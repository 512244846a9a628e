/** What the steps of a job share while it runs. */
import type { Sandbox, SandboxJob } from '../../sandbox.ts';
import { Log, type Print } from '../log/log.ts';
import { SecretMasker } from '../log/masker.ts';
import type { Folders } from '../machine/folders.ts';
import type { Host, Issue } from '../record.ts';
import { type TaskResult, worseOf } from '../result.ts';
import type { NamedConnection } from '../tasks/connections.ts';
import type { NodeRuntime } from '../tasks/handler.ts';
import { Variables } from '../variables/variables.ts';
import { JobCancellation, type JobTime } from './cancellation.ts';

/** A file that is uploaded when the steps are over, as the agent's queue does it. */
export interface QueuedAttachment {
  readonly type: string;
  readonly name: string;
  readonly file: string;
  readonly step: string;
}

/** What a job is started with. */
export interface JobSettings {
  readonly host: Host;
  readonly sandbox: Sandbox;
  readonly service: SandboxJob;
  readonly folders: Folders;
  readonly node: NodeRuntime;
  /** The agent's own, which steps inherit. */
  readonly environment: Readonly<Record<string, string>>;
  /** Variables given when the run was started. */
  readonly variables: Readonly<Record<string, GivenVariable>>;
  /** Milliseconds that a minute of the pipeline's time limits lasts. */
  readonly minute: number;
  /** Whether the temp folder is left as the steps left it. */
  readonly keepTemp: boolean;
  readonly print: Print;
  /** Aborted when the run is cancelled. */
  readonly signal: AbortSignal;
}

/** A variable given when a run is started; a secret one reaches tasks only, or scripts by `env`. */
export type GivenVariable = string | { readonly value: string; readonly secret: boolean };

/** The state of a running job. */
export class JobContext {
  readonly settings: JobSettings;
  readonly cancellation: JobCancellation;
  readonly masker = new SecretMasker();
  readonly log: Log;
  readonly variables = new Variables((secret) => this.masker.add(secret));
  /** Outputs of steps, by `step.name`. */
  readonly outputs = new Map<string, string>();
  /** By GUID; `setendpoint` changes them for the steps that follow. */
  readonly connections = new Map<string, NamedConnection>();
  /** Folders that steps put before PATH, the last one first. */
  readonly prependedPaths: string[] = [];
  readonly attachments: QueuedAttachment[] = [];
  readonly buildTags: string[] = [];
  readonly issues: Issue[] = [];
  /** Details that `logdetail` announced, by id: their parents. */
  readonly details = new Map<string, string | undefined>();
  #result: TaskResult | undefined;

  constructor(settings: JobSettings, time: JobTime) {
    this.settings = settings;
    this.cancellation = new JobCancellation(settings.signal, time);
    this.log = new Log(this.masker, settings.print);
  }

  get result(): TaskResult {
    return this.#result ?? 'Succeeded';
  }

  /** Takes a result of a step, or of what happened between steps, into the job's. */
  merge(result: TaskResult): void {
    this.#result = worseOf(this.#result, result);
    this.variables.set('Agent.JobStatus', this.#result);
  }

  cancel(): void {
    this.#result = 'Canceled';
    this.variables.set('Agent.JobStatus', this.#result);
  }

  get debug(): boolean {
    return this.variables.get('System.Debug')?.toLowerCase() === 'true';
  }

  /** Whether `%AZP25` in commands is read as a per cent sign (AgentKnobs.cs, DecodePercents: true by default). */
  get decodePercents(): boolean {
    return (this.variables.get('DECODE_PERCENTS') ?? 'true').toLowerCase() !== 'false';
  }

  warn(message: string): void {
    this.#issue('warning', message);
  }

  error(message: string): void {
    this.#issue('error', message);
  }

  #issue(type: Issue['type'], message: string): void {
    const { text } = this.masker.mask(message);
    this.issues.push({ type, message: text });
    this.log.write(`##[${type}]${text}`);
  }
}
