import { createServer as createHttpServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import type { TlsOptions } from 'node:tls';
import type { Authority } from '../../../sandbox/pki.ts';

/** A server on 127.0.0.1 at a free port. */
export interface Listening {
  readonly port: number;
  /** How many connections it has accepted. */
  readonly accepted: number;
  /** How many of them are still open. */
  readonly open: number;
}

/** Decides what a proxy does with a CONNECT: the port to tunnel to, or a status line and headers to refuse with. */
export type ConnectRule = (
  host: string,
  request: IncomingMessage,
) => { tunnelTo: number } | { refuse: string };

/** Servers of one test, closed together with every connection they hold. */
export class Loopback {
  readonly #servers: { server: Server; sockets: Set<Socket> }[] = [];

  http(handler: RequestListener): Promise<Listening> {
    return this.#listen(createHttpServer(handler));
  }

  /** @param authority issues the certificate, for the name that the client asks for */
  https(authority: Authority, handler: RequestListener): Promise<Listening> {
    return this.#listen(createHttpsServer(certificatesOf(authority), handler));
  }

  /** @param authority makes it a proxy that is itself spoken to over TLS */
  proxy(rule: ConnectRule, authority?: Authority): Promise<Listening> {
    const server = authority ? createHttpsServer(certificatesOf(authority)) : createHttpServer();
    server.on('connect', (request, socket: Socket) => {
      const decision = rule((request.url ?? '').replace(/:\d+$/, ''), request);
      if ('refuse' in decision) {
        socket.write(`${decision.refuse}\r\ncontent-length: 0\r\n\r\n`);
        socket.on('end', () => socket.end()).resume();
        return;
      }
      const upstream = connect(decision.tunnelTo, '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
        upstream.pipe(socket).pipe(upstream);
      });
      upstream.on('error', () => socket.destroy());
      socket.on('error', () => upstream.destroy());
    });
    return this.#listen(server);
  }

  /** A server that does with each connection what it is told, beginning with nothing. */
  raw(onConnection: (socket: Socket) => void = () => {}): Promise<Listening> {
    return this.#listen(createServer(onConnection));
  }

  async close(): Promise<void> {
    for (const { server, sockets } of this.#servers.splice(0)) {
      for (const socket of sockets) socket.destroy();
      await new Promise((done) => server.close(done));
    }
  }

  async #listen(server: Server): Promise<Listening> {
    const sockets = new Set<Socket>();
    let accepted = 0;
    server.on('connection', (socket: Socket) => {
      accepted++;
      sockets.add(socket);
      // Reads on, so that the end of a connection is noticed.
      socket.resume();
      socket.on('error', () => {});
      socket.on('close', () => sockets.delete(socket));
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    this.#servers.push({ server, sockets });
    return {
      port: (server.address() as AddressInfo).port,
      get accepted() {
        return accepted;
      },
      get open() {
        return sockets.size;
      },
    };
  }
}

function certificatesOf(authority: Authority): TlsOptions {
  return {
    SNICallback: (host, done) => void authority.contextFor(host).then((context) => done(null, context)),
  };
}
