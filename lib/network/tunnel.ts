import { type ClientRequest, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest, type RequestOptions } from 'node:https';
import type { Duplex } from 'node:stream';
import type { ConnectionOptions } from 'node:tls';

/** Options of a TLS connection reach it through the request they are given with. */
type Options = RequestOptions & Pick<ConnectionOptions, 'secureContext'>;

/** A proxy answered CONNECT with something other than 200. */
export class ProxyRefusedError extends Error {
  readonly statusCode: number;
  readonly proxy: string;

  constructor(proxy: URL, statusCode: number, statusText: string) {
    super(`the proxy ${proxy.host} answered ${statusCode} ${statusText}`.trim());
    this.name = 'ProxyRefusedError';
    this.proxy = proxy.host;
    this.statusCode = statusCode;
  }
}

/**
 * A pool of TLS connections that lead through a proxy (CONNECT: RFC 9110, 9.3.6; Basic credentials from the proxy's
 * URL: 11.7.1). A connection that cannot be had leaves no socket behind, which would keep the process alive.
 * Errors: ProxyRefusedError, or the socket's own.
 */
export class TunnelAgent extends HttpsAgent {
  readonly #proxy: URL;
  readonly #opening = new Set<ClientRequest>();

  constructor(proxy: URL) {
    super({ keepAlive: true });
    this.#proxy = proxy;
  }

  override createConnection(
    options: Options,
    callback: (error: Error | null, socket: Duplex) => void,
  ): undefined {
    const proxy = this.#proxy;
    const target = `${options.host}:${options.port}`;
    const toProxy: Options = {
      method: 'CONNECT',
      host: proxy.hostname.replace(/^\[|\]$/g, ''),
      port: proxy.port,
      path: target,
      headers: { host: target, ...credentials(proxy) },
      agent: false,
      secureContext: options.secureContext,
    };
    const opening = (proxy.protocol === 'https:' ? httpsRequest : httpRequest)(toProxy);
    this.#opening.add(opening);
    opening.once('close', () => this.#opening.delete(opening));
    opening.once('error', callback);
    opening.once('connect', ({ statusCode = 0, statusMessage = '' }, socket) => {
      if (statusCode === 200) {
        callback(null, super.createConnection({ ...options, socket } as RequestOptions) as Duplex);
      } else {
        socket.destroy();
        callback(new ProxyRefusedError(proxy, statusCode, statusMessage), socket);
      }
    });
    opening.end();
  }

  override destroy(): void {
    for (const opening of this.#opening) opening.destroy();
    super.destroy();
  }
}

function credentials({ username, password }: URL): { 'proxy-authorization'?: string } {
  if (!username && !password) return {};
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(pair).toString('base64')}` };
}
