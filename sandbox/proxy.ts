/**
 * The way into the sandbox: an HTTP proxy on loopback. It ends TLS itself with certificates of the sandbox's own
 * authority, and opens no connection to anywhere.
 *
 * CONNECT: RFC 9110 §9.3.6. Absolute-form requests: RFC 9112 §3.2.2. Proxy authentication: RFC 9110 §11.7.
 */
import { createServer, type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { plainText, type SandboxResponse, type Service } from './http.ts';
import type { Authority } from './pki.ts';

/** What the proxy does with a host that is asked for. */
export type Admission =
  | { readonly kind: 'refused'; readonly answer: SandboxResponse }
  | { readonly kind: 'admitted'; readonly authority: Authority };

/** A request on its way to a simulated host. */
export interface Exchange {
  readonly host: string;
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  /** Ends the connection with a TCP reset. */
  readonly reset: () => void;
  /** Where no name leads to the service and its own address was asked: the service, and that address. */
  readonly local?: { readonly service: Service; readonly address: string };
}

export interface ProxyOptions {
  /** Without them everybody is let in. */
  readonly credentials: ProxyCredentials | undefined;
  /** Asked at every CONNECT and every absolute-form request, after authentication. */
  readonly admit: (host: string, method: string) => Admission;
  /** Told of every request that the proxy turned down for want of credentials. */
  readonly unauthenticated: (host: string, method: string) => void;
  readonly serve: (exchange: Exchange) => Promise<void>;
}

interface ProxyCredentials {
  readonly user: string;
  readonly password: string;
}

export interface ProxyServer {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** Destroys every connection. */
  close(): Promise<void>;
}

/** Starts the proxy on a free port of the loopback interface. */
export async function startProxy(options: ProxyOptions): Promise<ProxyServer> {
  const sockets = new Set<Socket>();
  const tunnels = new WeakMap<Socket, { readonly host: string; readonly reset: () => void }>();

  /** Serves what comes out of the tunnels; it never listens. */
  const tunnelled = createServer((incoming, outgoing) => {
    const tunnel = tunnels.get(incoming.socket);
    if (tunnel === undefined) throw new Error('a request came out of no tunnel');
    serve({ ...tunnel, incoming, outgoing });
  });
  const front = createServer((incoming, outgoing) => {
    const target = absoluteForm(incoming.url ?? '');
    if (target === undefined) {
      return respond(
        outgoing,
        plainText(400, 'This is a proxy: ask it for http://… or CONNECT to host:443.'),
      );
    }
    const admission = admitAuthenticated(incoming, target.host);
    if (admission.kind === 'refused') return respond(outgoing, admission.answer);
    incoming.url = target.rawUrl;
    serve({ host: target.host, incoming, outgoing, reset: () => incoming.socket.resetAndDestroy() });
  });
  // Node's five seconds are shorter than the services'; a client that reuses a connection later would meet a reset.
  tunnelled.keepAliveTimeout = front.keepAliveTimeout = 60_000;

  function serve(exchange: Exchange): void {
    options.serve(exchange).catch((error: Error) => {
      // A client that left while it was served is its own business; a service that threw is a mistake of the sandbox.
      if (exchange.incoming.socket.destroyed || exchange.outgoing.headersSent) return exchange.reset();
      respond(exchange.outgoing, plainText(500, `The sandbox failed: ${error.stack}`));
    });
  }

  function admitAuthenticated(incoming: IncomingMessage, host: string): Admission {
    const method = incoming.method ?? '';
    const { credentials } = options;
    if (credentials !== undefined && incoming.headers['proxy-authorization'] !== basic(credentials)) {
      options.unauthenticated(host, method);
      return { kind: 'refused', answer: authenticationRequired };
    }
    return options.admit(host, method);
  }

  front.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    // A client that goes away is its own business.
    socket.on('error', () => socket.destroy());
  });

  front.on('connect', (incoming: IncomingMessage, socket: Socket, head: Buffer) => {
    const target = authorityForm(incoming.url ?? '');
    if (target === undefined) return refuseTunnel(socket, plainText(400, 'CONNECT needs host:port.'));
    const admission = admitAuthenticated(incoming, target.host);
    if (admission.kind === 'refused') return refuseTunnel(socket, admission.answer);
    if (target.port !== 443) {
      return refuseTunnel(
        socket,
        plainText(403, `The sandbox opens tunnels to port 443 only, not ${target.port}.`),
      );
    }
    socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
    if (head.length > 0) socket.unshift(head);
    openTunnel(socket, target.host, admission.authority).catch(() => socket.destroy());
  });

  async function openTunnel(socket: Socket, host: string, authority: Authority): Promise<void> {
    const secureContext = await authority.contextFor(host);
    const tls = new TLSSocket(socket, { isServer: true, secureContext, ALPNProtocols: ['http/1.1'] });
    tunnels.set(tls, { host, reset: () => socket.resetAndDestroy() });
    tls.on('error', () => socket.destroy());
    tls.once('secure', () => tunnelled.emit('connection', tls));
  }

  await new Promise<void>((resolve, reject) => {
    front.once('error', reject);
    front.listen(0, '127.0.0.1', resolve);
  });
  const { port } = front.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        front.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** The answer to who has no credentials, or wrong ones (RFC 9110 §15.5.8). */
export const authenticationRequired = plainText(407, 'The proxy asks for a user and a password.', {
  'Proxy-Authenticate': 'Basic realm="sandbox"',
});

/** RFC 7617 §2. */
const basic = ({ user, password }: ProxyCredentials) =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

function authorityForm(url: string): { host: string; port: number } | undefined {
  const parts = /^([^:/\s]+):(\d{1,5})$/.exec(url);
  if (parts?.[1] === undefined) return undefined;
  return { host: parts[1].toLowerCase(), port: Number(parts[2]) };
}

function absoluteForm(url: string): { host: string; rawUrl: string } | undefined {
  const parts = /^http:\/\/([^:/?#\s]+)(?::80)?(\/.*)?$/i.exec(url);
  if (parts?.[1] === undefined) return undefined;
  return { host: parts[1].toLowerCase(), rawUrl: parts[2] ?? '/' };
}

function respond(outgoing: ServerResponse, { status, headers, body }: SandboxResponse): void {
  outgoing.writeHead(status, { ...headers, 'Content-Length': Buffer.byteLength(body) }).end(body);
}

/** There is no ServerResponse for CONNECT: the answer is written by hand, and ends the connection. */
function refuseTunnel(socket: Socket, { status, headers, body }: SandboxResponse): void {
  const fields = { ...headers, 'Content-Length': Buffer.byteLength(body), Connection: 'close' };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Refused'}\r\n${lines.join('')}\r\n`);
  socket.end(body);
}
