/** Proxies that are no help. */
import { type AddressInfo, createServer, type Socket } from 'node:net';

/** A proxy for as long as `work` takes: one that takes connections and never says a word, or one that is not there. */
export async function withUselessProxy<T>(
  kind: 'silent' | 'absent',
  work: (url: string) => Promise<T>,
): Promise<T> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    });
  if (kind === 'absent') await close();
  try {
    return await work(`http://127.0.0.1:${port}`);
  } finally {
    if (kind === 'silent') await close();
  }
}
