/** When a job ends before its time: the run is cancelled, or the job has run too long. */

/** Why a job was cancelled. */
export type CancellationCause = 'asked' | 'timeout';

/** The time a job has, in milliseconds; 0 is without end. */
export interface JobTime {
  readonly limit: number;
  /** What a cancelled job has left to clean up. */
  readonly afterCancellation: number;
}

/** The cancellation of one job. */
export class JobCancellation {
  readonly #cancel = new AbortController();
  readonly #giveUp = new AbortController();
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #asked: AbortSignal;
  readonly #time: JobTime;
  cause: CancellationCause | undefined;

  /** @param asked aborted when the run is cancelled; a job that starts after that is not cancelled by it */
  constructor(asked: AbortSignal, time: JobTime) {
    this.#asked = asked;
    this.#time = time;
    if (!asked.aborted) asked.addEventListener('abort', this.#onAsked, { once: true });
    if (time.limit > 0) this.#timers.push(setTimeout(() => this.#begin('timeout'), time.limit));
  }

  /** Aborted when the job is cancelled: the running step ends, and only steps that ask for it still run. */
  get signal(): AbortSignal {
    return this.#cancel.signal;
  }

  /** Aborted when the cancelled job's time is over as well: nothing runs on. */
  get givenUp(): AbortSignal {
    return this.#giveUp.signal;
  }

  close(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#asked.removeEventListener('abort', this.#onAsked);
  }

  readonly #onAsked = () => this.#begin('asked');

  #begin(cause: CancellationCause): void {
    if (this.cause !== undefined) return;
    this.cause = cause;
    this.#cancel.abort();
    this.#timers.push(setTimeout(() => this.#giveUp.abort(), this.#time.afterCancellation));
  }
}
