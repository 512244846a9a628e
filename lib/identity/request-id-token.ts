import * as z from 'zod/mini';
import { DeliveryError } from '../errors/index.ts';
import {
  type Connections,
  type HttpResponse,
  isTransient,
  networkFaultOf,
  retry,
  retryAfterSeconds,
  send,
} from '../network/index.ts';
import { type IdToken, parseIdToken } from './id-token.ts';
import { type IdTokenSource, noIdTokensHere } from './id-token-source.ts';
import { unreachable } from './unreachable.ts';

/** Seconds in which an ID token must have come, retries included. */
const deadline = 25;

const answerSchema = z.looseObject({
  oidcToken: z.optional(z.string()),
  message: z.optional(z.string()),
  value: z.optional(z.unknown()),
});

export interface IdTokenAnswer {
  readonly token: IdToken;
  /** Seconds by which Azure DevOps' clock is ahead of this machine's, by the answer's Date header. */
  readonly clockAhead: number | undefined;
}

export interface RequestOptions {
  readonly connections: Connections;
  readonly signal?: AbortSignal | undefined;
  /** Told every secret before anything else is done with it. */
  readonly mask?: ((secret: string) => void) | undefined;
  readonly onRetry?: ((why: string, waitSeconds: number) => void) | undefined;
}

/**
 * Asks Azure DevOps for an ID token of the service connection (REST API "Oidctoken - Create", 7.1).
 * Retries what may pass: throttling, server errors, resets, time-outs.
 * @throws DeliveryError ID_TOKEN_*, SERVICE_*, PROXY_REFUSED, TLS_UNTRUSTED
 */
export async function requestIdToken(source: IdTokenSource, options: RequestOptions): Promise<IdTokenAnswer> {
  const url = new URL(source.url);
  url.searchParams.set('api-version', '7.1');
  url.searchParams.set('serviceConnectionId', source.connectionId);

  try {
    return await retry(
      async (signal) => {
        const answer = await send(
          {
            method: 'POST',
            url,
            headers: {
              authorization: `Bearer ${source.accessToken}`,
              'content-type': 'application/json',
              accept: 'application/json',
              // Without it a refused access token is answered with an HTML sign-in page and status 203 or 302.
              'x-tfs-fedauthredirect': 'Suppress',
            },
            body: '{}',
          },
          options.connections,
          signal,
        );
        return { token: readAnswer(answer, source, options.mask), clockAhead: clockAhead(answer) };
      },
      {
        deadline,
        signal: options.signal,
        classify,
        onRetry: (error, _attempt, wait) => options.onRetry?.(messageOf(error), wait),
      },
    );
  } catch (error) {
    if (error instanceof TokenServiceError) throw unavailable(error, url.host);
    throw unreachable(error, url, options.connections.settings) ?? error;
  }
}

/** A status that may be another one a moment later. */
class TokenServiceError extends Error {
  readonly afterSeconds: number | undefined;

  constructor(answer: HttpResponse) {
    super(`Azure DevOps answered ${answer.status}`);
    this.afterSeconds = retryAfterSeconds(answer.headers['retry-after'], Date.now());
  }
}

function classify(error: unknown) {
  if (error instanceof TokenServiceError) return { retry: true, afterSeconds: error.afterSeconds };
  const fault = networkFaultOf(error);
  return { retry: fault !== undefined && isTransient(fault) };
}

function readAnswer(answer: HttpResponse, source: IdTokenSource, mask: RequestOptions['mask']): IdToken {
  if (answer.status === 429 || answer.status >= 500) throw new TokenServiceError(answer);
  const body = answerSchema.safeParse(parseJson(answer.body));
  // Success needs a token: the service has answered 200 with a list of complaints instead.
  if (body.success && body.data.oidcToken) {
    mask?.(body.data.oidcToken);
    return connectionToken(body.data.oidcToken);
  }
  const said = body.success ? textOf(body.data) : undefined;
  throw refusal(answer.status, said, source.connectionId);
}

/** Refuses a token that speaks for somebody else: trust in a pipeline's own would be trust in any pipeline's author. */
function connectionToken(jwt: string): IdToken {
  const token = parseIdToken(jwt);
  if (/^(sc:\/\/|\/eid1\/)/.test(token.claims.subject)) return token;
  throw new DeliveryError({
    code: 'ID_TOKEN_WRONG_SUBJECT',
    what: 'Azure DevOps gave a token that does not speak for the service connection.',
    why: `The token's subject is ${token.claims.subject}; a service connection's begins with sc:// or /eid1/.`,
    remedy: "Name an existing service connection in the task's own input and run the pipeline again.",
  });
}

function refusal(status: number, said: string | undefined, connectionId: string): DeliveryError {
  if (said && /no explicit reference/i.test(said)) {
    return new DeliveryError({
      code: 'ID_TOKEN_NO_REFERENCE',
      what: `This job may not ask for a token of the service connection ${connectionId}: no input of the job names it.`,
      why: `Azure DevOps said: ${said}`,
      remedy:
        'Name the service connection as a literal or a compile-time value in the awsConnection input of a task of this job:\n  awsConnection: my-connection',
    });
  }
  if (status === 404) {
    return noIdTokensHere(said ? `Azure DevOps said: ${said}` : 'The token endpoint answered 404.');
  }
  return new DeliveryError({
    code: 'ID_TOKEN_REFUSED',
    what: `Azure DevOps refused to issue an ID token (status ${status}).`,
    why: said
      ? `Azure DevOps said: ${said}`
      : "The answer was not JSON: most likely a sign-in page, because the job's access token was not accepted.",
    remedy:
      'Check that the service connection still exists and that this pipeline is allowed to use it (Project settings > Service connections > Security). In a job that has already ended, the access token no longer works.',
  });
}

function unavailable(error: TokenServiceError, host: string): DeliveryError {
  return new DeliveryError(
    {
      code: 'SERVICE_UNAVAILABLE',
      what: `Azure DevOps could not issue an ID token within ${deadline} s.`,
      why: `${host}: ${error.message}, several times.`,
      remedy:
        'Run the job again in a few minutes; the state of Azure DevOps is shown at https://status.dev.azure.com.',
    },
    { cause: error },
  );
}

/** Complaints come as `{"message": …}` or as `{"count": 1, "value": …}` whose value is a text or an object with a Message. */
function textOf(body: z.infer<typeof answerSchema>): string | undefined {
  const { message, value } = body;
  if (message) return message;
  if (value === undefined) return undefined;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function clockAhead(answer: HttpResponse): number | undefined {
  const date = Date.parse(answer.headers.date ?? '');
  return Number.isNaN(date) ? undefined : Math.round((date - Date.now()) / 1000);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
