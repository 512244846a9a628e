import type { ErrorCode } from './codes.ts';

/** What a person who reads the log at 2 a.m. needs, in the order in which they need it. */
export interface Fault {
  readonly code: ErrorCode;
  /** What happened: one sentence. */
  readonly what: string;
  /** Why: what the service said, with the values that decided. */
  readonly why?: string | undefined;
  /** What to do: plain words, commands or snippets to paste. Several lines are fine. */
  readonly remedy?: string | undefined;
  /** The service's id of the refused request, for a support case. */
  readonly requestId?: string | undefined;
}

/** The one error class of the product. Texts may hold what services said: neutralise them when printing. */
export class DeliveryError extends Error {
  readonly fault: Fault;

  constructor(fault: Fault, options?: ErrorOptions) {
    super(fault.what, options);
    this.name = 'DeliveryError';
    this.fault = fault;
  }

  get code(): ErrorCode {
    return this.fault.code;
  }
}
