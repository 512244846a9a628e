import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Connections } from './connections.ts';

export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Seconds: to have a connection (DNS, TCP, CONNECT, TLS) and to have the whole answer. */
export const timeouts = { connect: 5, response: 10 };

/** Answers larger than this many bytes are not what the services called here send. */
const largestAnswer = 1024 * 1024;

/** What answers at such length is a page of something in between. */
export class AnswerTooLargeError extends Error {
  constructor(host: string) {
    super(`${host} answered with over 1 MiB`);
    this.name = 'AnswerTooLargeError';
  }
}

/** No connection, or no answer, within the time allowed. */
export class TimedOutError extends Error {
  readonly phase: 'connect' | 'response';

  constructor(phase: 'connect' | 'response', host: string) {
    super(
      phase === 'connect'
        ? `no connection to ${host} within ${timeouts.connect} s`
        : `no answer from ${host} within ${timeouts.response} s`,
    );
    this.name = 'TimedOutError';
    this.phase = phase;
  }
}

/**
 * One request over the pool's kept connections; redirects are not followed.
 * @throws TimedOutError, ProxyRefusedError, the socket's own errors, or the signal's reason
 */
export function send(
  request: HttpRequest,
  connections: Connections,
  signal?: AbortSignal,
): Promise<HttpResponse> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const outgoing = (request.url.protocol === 'http:' ? httpRequest : httpsRequest)(request.url, {
      method: request.method,
      headers: {
        ...request.headers,
        ...(request.body === undefined ? {} : { 'content-length': Buffer.byteLength(request.body) }),
      },
      ...connections.wayTo(request.url),
    });

    const settle = () => {
      clearTimeout(connecting);
      clearTimeout(answering);
      signal?.removeEventListener('abort', cancel);
    };
    // A request that has no socket yet, or has its answer already, tells nobody when it is destroyed.
    const fail = (error: unknown) => {
      settle();
      reject(error);
      outgoing.destroy();
    };
    const cancel = () => fail(signal?.reason);
    const giveUp = (phase: 'connect' | 'response') =>
      setTimeout(() => fail(new TimedOutError(phase, request.url.host)), timeouts[phase] * 1000);
    const connecting = giveUp('connect');
    const answering = giveUp('response');
    signal?.addEventListener('abort', cancel);

    outgoing.on('socket', (socket) => {
      const connected = () => clearTimeout(connecting);
      if (outgoing.reusedSocket) connected();
      else socket.once(request.url.protocol === 'http:' ? 'connect' : 'secureConnect', connected);
    });
    outgoing.on('error', fail);
    outgoing.on('response', (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > largestAnswer) fail(new AnswerTooLargeError(request.url.host));
        else chunks.push(chunk);
      });
      response.on('error', fail);
      response.on('end', () => {
        settle();
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks).toString('utf8'),
        });
      });
    });
    outgoing.end(request.body);
  });
}
