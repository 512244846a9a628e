import { unreachable } from '../../aws/index.ts';
import { DeliveryError } from '../../errors/index.ts';
import {
  type Connections,
  type HttpRequest,
  type HttpResponse,
  isTransient,
  networkFaultOf,
  retry,
  retryAfterSeconds,
  send,
} from '../../network/index.ts';
import { azureDevOpsRequest, readAzureDevOpsAnswer } from './azure-devops.ts';
import type { IdToken } from './id-token.ts';
import type { IdTokenSource } from './id-token-source.ts';
import { managedIdentityRequest, readManagedIdentityAnswer } from './managed-identity.ts';

/** Seconds in which an ID token must have come, retries included. */
const deadline = 25;

export interface IdTokenAnswer {
  readonly token: IdToken;
  /** Seconds by which the issuer's clock is ahead of this machine's, by the answer's Date header. */
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
 * Asks for an ID token. Retries what may pass: throttling, server errors, resets, time-outs.
 * @throws DeliveryError ID_TOKEN_*, MANAGED_IDENTITY_REFUSED, SERVICE_*, PROXY_REFUSED, TLS_UNTRUSTED
 */
export async function requestIdToken(source: IdTokenSource, options: RequestOptions): Promise<IdTokenAnswer> {
  const mask = options.mask ?? (() => {});
  const { request, read, name, mayPass, state } = conversation(source, mask);
  try {
    return await retry(
      async (signal) => {
        const answer = await send(request, options.connections, signal);
        if (mayPass(answer.status)) throw new TokenServiceError(name, answer);
        return { token: read(answer), clockAhead: clockAhead(answer) };
      },
      {
        deadline,
        signal: options.signal,
        classify,
        onRetry: (error, _attempt, wait) => options.onRetry?.(messageOf(error), wait),
      },
    );
  } catch (error) {
    if (error instanceof TokenServiceError) throw unavailable(error, request.url.host, state);
    throw (await unreachable(error, request.url, options.connections.settings)) ?? error;
  }
}

/** What is said to a source, and how its answer is read. */
interface Conversation {
  readonly name: string;
  readonly request: HttpRequest;
  read(answer: HttpResponse): IdToken;
  /** Whether the same request may be answered otherwise a moment later. */
  mayPass(status: number): boolean;
  /** Where its state is shown. */
  readonly state: string;
}

function conversation(source: IdTokenSource, mask: (secret: string) => void): Conversation {
  switch (source.kind) {
    case 'azureDevOps':
      return {
        name: 'Azure DevOps',
        request: azureDevOpsRequest(source),
        read: (answer) => readAzureDevOpsAnswer(answer, source, mask),
        mayPass: (status) => status === 429 || status >= 500,
        state: 'the state of Azure DevOps is shown at https://status.dev.azure.com',
      };
    case 'managedIdentity':
      return {
        name: "Azure's metadata service",
        request: managedIdentityRequest(source),
        read: (answer) => readManagedIdentityAnswer(answer, source, mask),
        // 404 and 410: the endpoint is being updated (Azure docs, "How to use managed identities … on an Azure VM to
        // acquire an access token", error handling).
        mayPass: (status) => [404, 410, 429].includes(status) || status >= 500,
        state: 'the state of Azure is shown at https://azure.status.microsoft',
      };
  }
}

/** A status that may be another one a moment later. */
class TokenServiceError extends Error {
  readonly service: string;
  readonly afterSeconds: number | undefined;

  constructor(service: string, answer: HttpResponse) {
    super(`${service} answered ${answer.status}`);
    this.service = service;
    this.afterSeconds = retryAfterSeconds(answer.headers['retry-after'], Date.now());
  }
}

function classify(error: unknown) {
  if (error instanceof TokenServiceError) return { retry: true, afterSeconds: error.afterSeconds };
  const fault = networkFaultOf(error);
  return { retry: fault !== undefined && isTransient(fault) };
}

function unavailable(error: TokenServiceError, host: string, state: string): DeliveryError {
  return new DeliveryError(
    {
      code: 'SERVICE_UNAVAILABLE',
      what: `${error.service} could not issue an ID token within ${deadline} s.`,
      why: `${host}: ${error.message}, several times.`,
      remedy: `Run the job again in a few minutes; ${state}.`,
    },
    { cause: error },
  );
}

function clockAhead(answer: HttpResponse): number | undefined {
  const date = Date.parse(answer.headers.date ?? '');
  return Number.isNaN(date) ? undefined : Math.round((date - Date.now()) / 1000);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
