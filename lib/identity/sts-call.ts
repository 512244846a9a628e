import { AwsServiceError, type Sts, unreachable } from '../aws/index.ts';
import { DeliveryError } from '../errors/index.ts';
import { isTransient, networkFaultOf, retry } from '../network/index.ts';
import type { RequestOptions } from './tokens/request-id-token.ts';

/** Seconds in which STS must have answered one request, retries included. */
const deadline = 25;

/** Makes calls to STS: tried again while that makes sense, then explained. Errors are DeliveryErrors. */
export type StsCall = <T>(
  work: (signal: AbortSignal) => Promise<T>,
  explain: (refusal: AwsServiceError) => DeliveryError,
) => Promise<T>;

export function stsCalls(sts: Sts, options: RequestOptions): StsCall {
  return async (work, explain) => {
    try {
      return await retry(work, {
        deadline,
        signal: options.signal,
        classify: classifyStsError,
        onRetry: (error, _attempt, wait) =>
          options.onRetry?.(error instanceof Error ? error.message : String(error), wait),
      });
    } catch (error) {
      throw await explained(error, sts, options, explain);
    }
  };
}

/** Throttles and server errors by status or code (AWS SDKs Reference Guide, "Retry behavior"); AWS's trouble with the issuer may pass too. */
const passing =
  /^(Throttl|RequestLimitExceeded|TooManyRequests|IDPCommunicationError|RequestTimeout|PriorRequestNotComplete)/;

function classifyStsError(error: unknown) {
  if (error instanceof DeliveryError) return { retry: false };
  if (error instanceof AwsServiceError) {
    const retry = error.status >= 500 || error.status === 429 || passing.test(error.code);
    return { retry, afterSeconds: error.retryAfter };
  }
  const fault = networkFaultOf(error);
  return { retry: fault !== undefined && isTransient(fault) };
}

/** The text for a request that was tried as often as it made sense. */
async function explained(
  error: unknown,
  sts: Sts,
  options: RequestOptions,
  explain: (refusal: AwsServiceError) => DeliveryError,
): Promise<unknown> {
  if (error instanceof DeliveryError) return error;
  if (!(error instanceof AwsServiceError)) {
    return (await unreachable(error, sts.endpoint, options.connections.settings)) ?? error;
  }
  const { retry: passes } = classifyStsError(error);
  if (!passes && error.code.startsWith('HTTP ')) return foreignAnswer(error, sts);
  // That AWS cannot reach the issuer has a text of its own.
  if (!passes || error.code.startsWith('IDPCommunicationError')) return explain(error);
  return new DeliveryError(
    {
      code: 'SERVICE_UNAVAILABLE',
      what: `AWS STS (${sts.endpoint.host}) did not take the request within ${deadline} s.`,
      why: `It said: ${error.code}: ${error.message}`,
      remedy:
        'Run the job again in a few minutes. The state of AWS is shown at https://health.aws.amazon.com/health/status.',
      requestId: error.requestId,
    },
    { cause: error },
  );
}

/** What answered does not speak as STS does: nobody knows whether a session was made. */
function foreignAnswer(error: AwsServiceError, sts: Sts): DeliveryError {
  return new DeliveryError(
    {
      code: 'SERVICE_UNREACHABLE',
      what: `Something other than AWS STS answered at ${sts.endpoint.host}.`,
      why: `${error.code}: ${error.message}.`,
      remedy:
        'Check whether a proxy answers in place of AWS (a sign-in or warning page), and the variables AWS_ENDPOINT_URL_STS and AWS_ENDPOINT_URL.',
      requestId: error.requestId,
    },
    { cause: error },
  );
}
