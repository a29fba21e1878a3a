import { createServer } from 'node:net';

/** Ports of 127.0.0.1 that are free now, all different; another process may take one before it is used. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(Array.from({ length: count }, () => listen(0)));
  const ports = servers.map(({ port }) => port);
  await Promise.all(servers.map(({ close }) => close()));
  return ports;
}

/** Whether nothing listens on that port of 127.0.0.1. */
export const isFree = (port: number): Promise<boolean> =>
  listen(port).then(
    ({ close }) => close().then(() => true),
    () => false,
  );

const listen = (wanted: number): Promise<{ port: number; close: () => Promise<void> }> =>
  new Promise((resolve, reject) => {
    const server = createServer().on('error', reject);
    server.listen(wanted, '127.0.0.1', () => {
      const address = server.address();
      if (address === null || typeof address === 'string') return reject(new Error('no port'));
      const close = (): Promise<void> =>
        new Promise((done) => {
          server.close(() => done());
        });
      resolve({ port: address.port, close });
    });
  });
