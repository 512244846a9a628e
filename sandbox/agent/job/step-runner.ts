/** Running the steps of a job one after another: conditions, cancellation, time limits, retries and results. */
import { setTimeout as delay } from 'node:timers/promises';
import { type Condition, stepRuns } from '../expressions/conditions.ts';
import { Dictionary } from '../expressions/values.ts';
import type { Stage, StepRecord } from '../record.ts';
import { worseOf } from '../result.ts';
import type { JobContext } from './job-context.ts';
import type { StepContext } from './step-context.ts';

/** A step, ready to run. */
export interface RunnableStep {
  readonly context: StepContext;
  readonly displayName: string;
  readonly stage: Stage;
  readonly condition: Condition;
  readonly continueOnError: boolean;
  /** Milliseconds; 0 is as long as the job. */
  readonly timeout: number;
  readonly retries: number;
  readonly task: StepRecord['task'];
  /** Does the work; what it throws fails the step. */
  readonly run: (signal: AbortSignal, report: (found: StepFindings) => void) => Promise<void>;
}

/** What is only known once a step runs. */
export interface StepFindings {
  readonly handler?: string;
  readonly inputs?: Readonly<Record<string, string>>;
  readonly exitCode?: number;
}

/** TaskRunner.cs, RetryCountOnTaskFailureLimit. */
const maximumRetries = 10;

/**
 * Runs steps. Never throws: what goes wrong is a result.
 *
 * @see azure-pipelines-agent, Agent.Worker/StepsRunner.cs
 */
export async function runSteps(job: JobContext, steps: readonly RunnableStep[]): Promise<StepRecord[]> {
  const records: StepRecord[] = [];
  for (const step of steps) records.push(await new StepRun(job, step).run());
  return records;
}

class StepRun {
  readonly #job: JobContext;
  readonly #step: RunnableStep;
  readonly #context: StepContext;
  readonly #startedAt = new Date();
  readonly #cancellation = new AbortController();
  #timedOut = false;
  #reason: string | undefined;
  #findings: StepFindings = {};

  constructor(job: JobContext, step: RunnableStep) {
    this.#job = job;
    this.#step = step;
    this.#context = step.context;
  }

  async run(): Promise<StepRecord> {
    const { signal, givenUp } = this.#job.cancellation;
    for (const warning of this.#job.variables.expand()) this.#context.warn(warning);

    const onCancel = () => this.#cancelUnlessItStillRuns();
    const onGivenUp = () => this.#cancellation.abort();
    if (signal.aborted) this.#job.cancel();
    else signal.addEventListener('abort', onCancel, { once: true });
    givenUp.addEventListener('abort', onGivenUp, { once: true });
    try {
      if (this.#shallRun()) await this.#runNow();
    } finally {
      signal.removeEventListener('abort', onCancel);
      givenUp.removeEventListener('abort', onGivenUp);
    }
    const result = this.#context.result ?? 'Succeeded';
    // Cancelled and skipped steps say nothing about how the job went.
    if (result === 'Failed' || result === 'SucceededWithIssues') this.#job.merge(result);
    return this.#record();
  }

  /** The job is cancelled while this step runs: it goes on where its condition holds for a cancelled job, too. */
  #cancelUnlessItStillRuns(): void {
    this.#job.cancel();
    if (this.#holds()) return;
    this.#context.error('The Operation will be canceled. The next steps may not contain expected logs.');
    this.#cancellation.abort();
  }

  #holds(): boolean {
    const { variables } = this.#job;
    const visible = new Dictionary(variables.all.map(({ name, value }) => [name, value]));
    return stepRuns(this.#step.condition, this.#job.result, visible);
  }

  #shallRun(): boolean {
    if (this.#job.cancellation.givenUp.aborted) {
      this.#reason = 'The time that the cancelled job had to clean up is over.';
      this.#context.error(this.#reason);
      this.#context.result = 'Canceled';
      return false;
    }
    try {
      if (this.#holds()) return true;
      this.#reason = 'Skipping step due to condition evaluation.';
      this.#context.write(`${this.#reason}\nEvaluating: ${this.#step.condition.text}\nResult: False`);
      this.#context.result = 'Skipped';
    } catch (error) {
      this.#context.error(messageOf(error));
      this.#context.result = 'Failed';
    }
    return false;
  }

  async #runNow(): Promise<void> {
    const { timeout, displayName } = this.#step;
    this.#context.log.section(`Starting: ${displayName}`);
    const timer =
      timeout === 0
        ? undefined
        : setTimeout(() => {
            this.#timedOut = true;
            this.#cancellation.abort();
          }, timeout);
    try {
      await this.#runWithRetries();
      if (this.#cancellation.signal.aborted) throw new Error('The operation was canceled.');
    } catch (error) {
      this.#judge(error);
    } finally {
      clearTimeout(timer);
    }
    this.#settle();
    this.#context.log.section(`Finishing: ${displayName}`);
  }

  #judge(error: unknown): void {
    if (this.#timedOut) {
      this.#context.error('The task has timed out.');
      this.#context.result = 'Failed';
    } else if (this.#cancellation.signal.aborted) {
      this.#context.error('The operation was canceled.');
      this.#context.result = 'Canceled';
    } else {
      this.#context.error(messageOf(error));
      this.#context.result = 'Failed';
    }
  }

  /** Failed commands count, and `continueOnError` makes a failure an issue. */
  #settle(): void {
    const context = this.#context;
    if (context.commandResult !== undefined) context.result = worseOf(context.result, context.commandResult);
    if (context.result === 'Failed' && this.#step.continueOnError) context.result = 'SucceededWithIssues';
    context.result ??= 'Succeeded';
  }

  /** @see azure-pipelines-agent, RetryHelper.cs, RetryStep */
  async #runWithRetries(): Promise<void> {
    const { signal } = this.#cancellation;
    const retries = Math.min(this.#step.retries, maximumRetries);
    if (retries < this.#step.retries) {
      this.#context.warn(
        `The maximum allowed number of attempts is ${maximumRetries} but got ${this.#step.retries}. Retry attempts count will be decreased to ${maximumRetries}.`,
      );
    }
    for (let attempt = 0; ; attempt++) {
      const wait = (attempt + 1) ** 2 * 1000;
      try {
        await this.#step.run(signal, (found) => {
          this.#findings = { ...this.#findings, ...found };
        });
        if (this.#context.result !== 'Failed' || attempt >= retries || signal.aborted) return;
        this.#context.result = undefined;
        this.#context.warn(
          `RetryHelper encountered task failure, will retry (attempt #: ${attempt + 1} out of ${retries}) after ${wait} ms`,
        );
      } catch (error) {
        if (attempt >= retries || signal.aborted) throw error;
        // "afer" is how the agent writes it.
        this.#context.warn(
          `RetryHelper encountered exception, will retry (attempt #: ${attempt + 1} ${messageOf(error)}) afer ${wait} ms`,
        );
      }
      await delay(wait, undefined, { signal });
    }
  }

  #record(): StepRecord {
    const context = this.#context;
    const { inputs = {}, handler, exitCode } = this.#findings;
    const hidden = Object.entries(inputs).map(([name, value]) => [name, this.#job.masker.mask(value).text]);
    return {
      name: context.name,
      displayName: this.#step.displayName,
      stage: this.#step.stage,
      task: this.#step.task,
      ...(handler === undefined ? {} : { handler }),
      result: context.result ?? 'Succeeded',
      ...(this.#reason === undefined ? {} : { reason: this.#reason }),
      ...(exitCode === undefined ? {} : { exitCode }),
      startedAt: this.#startedAt.toISOString(),
      durationMilliseconds: Date.now() - this.#startedAt.getTime(),
      inputs: Object.fromEntries(hidden),
      commands: context.commands,
      issues: context.issues,
      log: context.log.lines,
      maskedCount: context.log.maskedCount,
    };
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
