/** Sends requests on to the servers that a world's `routes` put behind real names. */
import { Agent, type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps, Agent as SecureAgent } from 'node:https';
import { isIP } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** A request to be sent on. Its headers keep the Host the client asked for: signatures cover it. */
interface Forwarded {
  readonly method: string;
  readonly rawUrl: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer | Readable;
}

/** Headers that speak of one connection only (RFC 9110 §7.6.1), and those that were meant for the proxy. */
const hopByHop = new Set([
  'connection',
  'expect',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** The headers that are to reach the other end. */
export function endToEnd(headers: Forwarded['headers']): Record<string, string | string[]> {
  const kept: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || hopByHop.has(name)) continue;
    const [only, ...more] = [value].flat();
    if (only !== undefined) kept[name] = more.length === 0 ? only : [only, ...more];
  }
  return kept;
}

/** Keeps connections to routed servers open between requests. */
export class Forwarder {
  readonly #plain = new Agent({ keepAlive: true });
  readonly #secure = new SecureAgent({ keepAlive: true });

  /**
   * Sends a request and returns the answer once its headers are there.
   *
   * @param route URL of the server; a path in it goes before the request's own
   * @throws the socket's error where the server cannot be reached
   */
  async send(route: string, { method, rawUrl, headers, body }: Forwarded): Promise<IncomingMessage> {
    const { protocol, hostname, port, pathname } = new URL(route);
    const address = hostname.replace(/^\[|\]$/g, '');
    const options = {
      hostname: address,
      port,
      method,
      path: pathname.replace(/\/$/, '') + rawUrl,
      headers: endToEnd(headers),
    };
    const upstream =
      protocol === 'https:'
        ? // Without a name of its own, TLS would ask for the one in Host. Addresses are none (RFC 6066 §3).
          requestHttps({ ...options, agent: this.#secure, servername: isIP(address) === 0 ? address : '' })
        : requestHttp({ ...options, agent: this.#plain });
    const answered = new Promise<IncomingMessage>((resolve, reject) => {
      upstream.once('response', resolve);
      upstream.on('error', reject);
    });
    const sent = pipeline(body instanceof Readable ? body : Readable.from([body]), upstream);
    // A server may answer before it has read everything; then the answer counts, not the broken upload.
    sent.catch(() => {});
    return answered;
  }

  close(): void {
    this.#plain.destroy();
    this.#secure.destroy();
  }
}
