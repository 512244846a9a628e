/** One step while it runs: what it says, what it asks of the agent, and how it comes out. */
import type { Command } from '../commands/command.ts';
import { Log } from '../log/log.ts';
import type { Restrictions } from '../pipeline/model.ts';
import type { CommandRecord, Issue } from '../record.ts';
import type { TaskResult } from '../result.ts';
import type { Variables } from '../variables/variables.ts';
import type { JobContext } from './job-context.ts';

/** The agent sends the service ten of each and counts the rest (ExecutionContext.cs, _maxIssueCount). */
const maximumIssues = 10;

/** How long a task that says it is done may go on (ExecutionContext.cs, ForceTaskComplete). */
const doneGrace = 5000;

/** The end of an attempt that its process announces. */
class Completion {
  /** Settles when the attempt is over though its process goes on; else never. */
  readonly forced: Promise<void>;
  #force: () => void = () => {};
  #timer: NodeJS.Timeout | undefined;

  constructor() {
    this.forced = new Promise((resolve) => {
      this.#force = resolve;
    });
  }

  declare(): void {
    this.#timer ??= setTimeout(this.#force, doneGrace).unref();
  }

  forget(): void {
    clearTimeout(this.#timer);
  }
}

/** The state of a running step. */
export class StepContext {
  readonly job: JobContext;
  readonly name: string;
  readonly log: Log;
  /** Shared by the stages of one task step. */
  readonly taskVariables: Variables;
  /** Names that are outputs without `isOutput`, in lower case. */
  readonly outputNames = new Set<string>();
  readonly restrictions: Restrictions[] = [];
  readonly commands: CommandRecord[] = [];
  readonly issues: Issue[] = [];
  #completion: Completion | undefined;
  result: TaskResult | undefined;
  /** What failed commands make of the result. */
  commandResult: TaskResult | undefined;
  constructor(job: JobContext, name: string, taskVariables: Variables) {
    this.job = job;
    this.name = name;
    this.taskVariables = taskVariables;
    this.log = new Log(job.masker, job.settings.print, job.log);
  }

  write(text: string): void {
    this.log.write(text);
  }

  /** Begins an attempt; what an earlier one said of being done is forgotten. */
  begin(): Completion {
    this.#completion?.forget();
    this.#completion = new Completion();
    return this.#completion;
  }

  /** The process says that it is done: the step is over a little later, though the process may go on. */
  declareDone(): void {
    this.#completion?.declare();
  }

  debug(text: string): void {
    if (this.job.debug) this.log.write(`##[debug]${text}`);
  }

  warn(message: string): void {
    this.issue('warning', message);
  }

  error(message: string): void {
    this.issue('error', message);
  }

  issue(type: Issue['type'], message: string): void {
    if (message !== '') this.log.write(`##[${type}]${message}`);
    const { text } = this.job.masker.mask(message);
    if (this.issues.filter((issue) => issue.type === type).length < maximumIssues) {
      this.issues.push({ type, message: text });
    }
  }

  /** Sets a variable of the job, or an output of this step (ExecutionContext.cs, SetVariable). */
  setVariable(
    name: string,
    value: string,
    options: { secret: boolean; output: boolean; readOnly: boolean; preserveCase: boolean },
  ): void {
    const { secret, output, readOnly, preserveCase } = options;
    if (output || this.outputNames.has(name.toLowerCase())) {
      const full = `${this.name}.${name}`;
      this.job.outputs.set(full, value);
      this.job.variables.set(full, value, { secret, readOnly: output || readOnly, preserveCase });
    } else {
      this.job.variables.set(name, value, { secret, readOnly, preserveCase });
    }
  }

  record({ area, event, properties, data }: Command, outcome: CommandRecord['outcome']): void {
    const hide = (text: string) => this.job.masker.mask(text).text;
    const shown = Object.fromEntries([...properties].map(([name, value]) => [name, hide(value)]));
    this.commands.push({ area, event, properties: shown, data: hide(data), outcome });
  }
}
