/** A service that is reached by its address alone: plain HTTP, no proxy, no name. */
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { plainText, type Service } from '../http.ts';
import type { Exchange } from '../proxy.ts';

export interface LoopbackServer {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** Destroys every connection. */
  close(): Promise<void>;
}

const address = '127.0.0.1';

/**
 * Starts a server on a free port of the loopback interface.
 *
 * @param host what faults and the request log call it
 * @param serve reads, logs and answers a request
 */
export async function startLoopbackServer(
  host: string,
  service: Service,
  serve: (exchange: Exchange) => Promise<void>,
): Promise<LoopbackServer> {
  const sockets = new Set<Socket>();
  const server = createServer((incoming, outgoing) => {
    const reset = () => incoming.socket.resetAndDestroy();
    serve({ host, incoming, outgoing, reset, local: { service, address } }).catch((error: Error) => {
      if (incoming.socket.destroyed || outgoing.headersSent) {
        reset();
        return;
      }
      const { status, headers, body } = plainText(500, `The sandbox failed: ${error.stack}`);
      outgoing.writeHead(status, headers).end(body);
    });
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, address, resolve);
  });
  return {
    url: `http://${address}:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
