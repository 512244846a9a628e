/** What an AWS service answered instead of doing what was asked. */
export class AwsServiceError extends Error {
  /** The service's own code, such as `AccessDenied`; `HTTP 502` when something else answered in its place. */
  readonly code: string;
  readonly status: number;
  readonly requestId: string | undefined;
  /** Seconds the service asks to wait. */
  readonly retryAfter: number | undefined;

  constructor(answer: {
    code: string;
    message: string;
    status: number;
    requestId?: string | undefined;
    retryAfter?: number | undefined;
  }) {
    super(answer.message);
    this.name = 'AwsServiceError';
    this.code = answer.code;
    this.status = answer.status;
    this.requestId = answer.requestId;
    this.retryAfter = answer.retryAfter;
  }
}
