import { Readable } from 'node:stream';
import { type Connections, send } from '../network/index.ts';

/** What the SDK asks of its transport, as far as it is used here. */
interface SdkRequest {
  readonly method: string;
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number;
  readonly path: string;
  readonly query?: Readonly<Record<string, string | string[] | null>>;
  readonly headers: Record<string, string>;
  readonly body?: unknown;
}

/**
 * The SDK's transport over our own connections, so that proxy, certificate authorities, time-outs and the names of
 * network faults are the same for every service. For the small JSON and query-protocol calls only: answers are
 * read whole.
 */
export function requestHandlerOver(connections: Connections) {
  return {
    metadata: { handlerProtocol: 'http/1.1' },
    async handle(request: SdkRequest, options: { readonly abortSignal?: unknown } = {}) {
      const url = new URL(
        `${request.protocol}//${request.hostname}${request.port ? `:${request.port}` : ''}`,
      );
      url.pathname = request.path;
      for (const [name, value] of Object.entries(request.query ?? {})) {
        for (const one of [value].flat()) url.searchParams.append(name, one ?? '');
      }
      const answer = await send(
        {
          method: request.method === 'GET' ? 'GET' : 'POST',
          url,
          headers: request.headers,
          ...(typeof request.body === 'string' ? { body: request.body } : {}),
        },
        connections,
        options.abortSignal as AbortSignal | undefined,
      );
      const headers: Record<string, string> = {};
      for (const [name, value] of Object.entries(answer.headers)) headers[name] = [value].flat().join(', ');
      return {
        response: { statusCode: answer.status, headers, body: Readable.from([Buffer.from(answer.body)]) },
      };
    },
    updateHttpClientConfig() {},
    httpHandlerConfigs: () => ({}),
    destroy() {},
  };
}
