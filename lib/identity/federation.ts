import {
  AwsServiceError,
  type CallerIdentity,
  type RoleArn,
  type SessionCredentials,
  type Sts,
} from '../aws/index.ts';
import { DeliveryError } from '../errors/index.ts';
import { isTransient, networkFaultOf, retry } from '../network/index.ts';
import type { FederationSettings } from './federation-settings.ts';
import type { IdToken } from './id-token.ts';
import type { IdTokenSource } from './id-token-source.ts';
import { explainChainRefusal, explainWebIdentityRefusal } from './refusals.ts';
import { type RequestOptions, requestIdToken } from './request-id-token.ts';
import { unreachable } from './unreachable.ts';

/** Seconds in which STS must have answered one request, retries included. */
const deadline = 25;

/** Seconds an ID token must still be valid for when it is sent. */
const leastValidity = 30;

/** A session of the last role of the chain. */
export interface Session {
  readonly credentials: SessionCredentials;
  readonly assumedRoleArn: string;
}

/** One way from a service connection to a session; keeps the ID token while it is valid. */
export interface Federation {
  /** The ID token: the one at hand while it is valid, else a new one. */
  idToken(): Promise<IdToken>;
  /** The first role, with the ID token. */
  assumeRole(): Promise<Session>;
  /** The next role of a chain, as `from`. */
  assumeNextRole(from: RoleArn, session: Session, to: RoleArn): Promise<Session>;
  /** The proof: who AWS says the session is. */
  callerIdentity(session: Session): Promise<CallerIdentity>;
}

/**
 * Federates by the settings.
 * Every call retries what may pass, and only that, and asks for a new ID token where the old one may have expired.
 * Errors are DeliveryErrors that say what to do.
 */
export function openFederation(
  settings: FederationSettings,
  source: IdTokenSource,
  sts: Sts,
  options: RequestOptions,
): Federation {
  let token: IdToken | undefined;
  let clockAhead: number | undefined;

  const idToken = async (): Promise<IdToken> => {
    const now = Date.now() + (clockAhead ?? 0) * 1000;
    if (token && token.claims.expiresAt.getTime() - now > leastValidity * 1000) return token;
    const answer = await requestIdToken(source, options);
    clockAhead = answer.clockAhead;
    token = answer.token;
    return token;
  };

  const call = async <T>(
    work: (signal: AbortSignal) => Promise<T>,
    explain: (refusal: AwsServiceError) => DeliveryError,
  ): Promise<T> => {
    try {
      return await retry(work, {
        deadline,
        signal: options.signal,
        classify: classifyStsError,
        onRetry: (error, _attempt, wait) => options.onRetry?.(messageOf(error), wait),
      });
    } catch (error) {
      throw explained(error, sts, options, explain);
    }
  };

  const wanted = (role: RoleArn) => ({
    roleArn: role.arn,
    sessionName: settings.sessionName,
    durationSeconds: settings.sessionDuration,
  });
  const masked = ({ credentials, assumedRoleArn }: Session): Session => {
    options.mask?.(credentials.secretAccessKey);
    options.mask?.(credentials.sessionToken);
    return { credentials, assumedRoleArn };
  };

  return {
    idToken,
    assumeRole: () =>
      call(
        async (signal) => {
          const { value } = await idToken();
          return sts.assumeRoleWithWebIdentity({ ...wanted(settings.role), token: value.reveal() }, signal);
        },
        // The claims are those of the token just refused.
        (refusal) => explainWebIdentityRefusal(refusal, settings, (token as IdToken).claims, clockAhead),
      ).then(masked),
    assumeNextRole: (from, session, to) =>
      call(
        (signal) =>
          sts.assumeRole({ ...wanted(to), externalId: settings.externalId }, session.credentials, signal),
        (refusal) => explainChainRefusal(refusal, settings, from, to),
      ).then(masked),
    callerIdentity: (session) =>
      call(
        (signal) => sts.getCallerIdentity(session.credentials, signal),
        (refusal) =>
          new DeliveryError({
            code: 'REQUEST_REFUSED',
            what: 'AWS STS does not recognise the session it has just issued.',
            why: `AWS STS said: ${refusal.code}: ${refusal.message}`,
            remedy:
              "Check the agent's clock (a signature is refused when it is off by more than 15 minutes), and whether a proxy changes requests.",
            requestId: refusal.requestId,
          }),
      ),
  };
}

/** The whole way without a word in between, as a renewal takes it. */
export async function federate(federation: Federation, settings: FederationSettings): Promise<Session> {
  let session = await federation.assumeRole();
  let from = settings.role;
  for (const to of settings.chain) {
    session = await federation.assumeNextRole(from, session, to);
    from = to;
  }
  return session;
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
function explained(
  error: unknown,
  sts: Sts,
  options: RequestOptions,
  explain: (refusal: AwsServiceError) => DeliveryError,
): unknown {
  if (error instanceof DeliveryError) return error;
  if (!(error instanceof AwsServiceError)) {
    return unreachable(error, sts.endpoint, options.connections.settings) ?? error;
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

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
