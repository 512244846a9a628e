/** What an AWS service answers when it refuses. */

export class AwsError extends Error {
  override readonly name = 'AwsError';
  /** The service's code, such as `AccessDenied`. */
  readonly code: string;
  /** HTTP status. */
  readonly status: number;

  constructor(code: string, status: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.status = status;
  }
}

/** https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html */
export const validationError = (message: string) => new AwsError('ValidationError', 400, message);
export const accessDenied = (message: string) => new AwsError('AccessDenied', 403, message);
