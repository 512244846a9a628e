import { setTimeout as sleepFor } from 'node:timers/promises';

export interface RetryPolicy {
  /** Seconds from the first attempt after which no further one begins, and a running one is stopped. */
  readonly deadline: number;
  /** What a failure allows: no retry, or one after at least so many seconds (Retry-After). */
  readonly classify: (error: unknown) => {
    readonly retry: boolean;
    readonly afterSeconds?: number | undefined;
  };
  /** Told before each wait: the failure, the number of the attempt that failed, and the wait in seconds. */
  readonly onRetry?: (error: unknown, attempt: number, waitSeconds: number) => void;
  readonly signal?: AbortSignal | undefined;
  readonly random?: () => number;
  readonly now?: () => number;
  readonly sleep?: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
}

/** Waits are drawn from [0, min(cap, base × 2^attempt)]: "full jitter". Seconds. */
const backoff = { base: 0.4, cap: 8 };

/**
 * Runs `attempt` until it succeeds, fails for good, or the deadline passes; then the last failure is thrown.
 * Each attempt gets a signal that ends with the caller's or with the deadline.
 */
export async function retry<T>(
  attempt: (signal: AbortSignal, number: number) => Promise<T>,
  policy: RetryPolicy,
): Promise<T> {
  const now = policy.now ?? Date.now;
  const sleep =
    policy.sleep ?? ((ms: number, signal?: AbortSignal) => sleepFor(ms, undefined, signal ? { signal } : {}));
  const random = policy.random ?? Math.random;
  const end = now() + policy.deadline * 1000;
  let lastFailure: unknown;

  for (let number = 1; ; number++) {
    policy.signal?.throwIfAborted();
    try {
      return await withDeadline(attempt, number, end - now(), policy.signal, lastFailure);
    } catch (error) {
      policy.signal?.throwIfAborted();
      const verdict = policy.classify(error);
      if (!verdict.retry) throw error;
      const drawn = random() * Math.min(backoff.cap, backoff.base * 2 ** number);
      const wait = Math.max(drawn, verdict.afterSeconds ?? 0);
      if (now() + wait * 1000 >= end) throw error;
      policy.onRetry?.(error, number, wait);
      lastFailure = error;
      await sleep(wait * 1000, policy.signal).catch((interrupted) => {
        policy.signal?.throwIfAborted();
        throw interrupted;
      });
    }
  }
}

/** Runs one attempt and stops it when the time left is over, throwing the failure before it where there is one. */
async function withDeadline<T>(
  attempt: (signal: AbortSignal, number: number) => Promise<T>,
  number: number,
  millisecondsLeft: number,
  signal: AbortSignal | undefined,
  lastFailure: unknown,
): Promise<T> {
  const stop = new AbortController();
  const cancel = () => stop.abort(signal?.reason);
  signal?.addEventListener('abort', cancel, { once: true });
  const timer = setTimeout(
    () => stop.abort(lastFailure ?? new DeadlineError(millisecondsLeft / 1000)),
    millisecondsLeft,
  );
  try {
    return await attempt(stop.signal, number);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', cancel);
  }
}

/** The first attempt already outlasted the deadline. */
export class DeadlineError extends Error {
  constructor(seconds: number) {
    super(`nothing came back within ${Math.round(seconds)} s`);
    this.name = 'DeadlineError';
  }
}
