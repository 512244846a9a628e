/**
 * A signal that ends when the agent cancels the step: SIGINT, or CTRL_BREAK on Windows, and 7.5 s later SIGTERM.
 * The kill follows 2.5 s after that, so clean-up has ten seconds at most.
 */
export function cancellationSignal(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGBREAK'] as const) {
    process.on(name, () => controller.abort(new CancelledError(name)));
  }
  return controller.signal;
}

export class CancelledError extends Error {
  constructor(signal: string) {
    super(`The step was cancelled (${signal}).`);
    this.name = 'CancelledError';
  }
}
