import { DefaultLogger, Runtime } from '@temporalio/worker';
import { createServer } from 'node:net';
import type { Logger } from '../model/log.js';

/** Task tokens let their holder end an activity, so they stay out of the log. */
const withoutTokens = (meta: object | undefined): object => {
  const { taskToken: _, ...rest }: { taskToken?: unknown } = { ...meta };
  return rest;
};

/**
 * Small buffers are cut from pieces of this size, and one of them keeps its piece. The SDK keeps the last answer of each workflow: with the 64 KiB that Node 24
 * has by default, that is another 20 KiB a room.
 */
const BUFFER_POOL_BYTES = 8 * 1024;

/**
 * Sets up what the SDK has once a process: its log goes to ours, and its metrics to a port of their own, whose address it gives back; and Node's buffers for it.
 */
export async function installRuntime(log: Logger): Promise<string> {
  Buffer.poolSize = BUFFER_POOL_BYTES;
  const address = `127.0.0.1:${await freePort()}`;
  Runtime.install({
    logger: new DefaultLogger('INFO', ({ level, message, meta }) => {
      const facts = { ...withoutTokens(meta), source: 'temporal' };
      if (level === 'ERROR') log.error(facts, message);
      else if (level === 'WARN') log.warn(facts, message);
      else log.debug(facts, message);
    }),
    telemetryOptions: {
      logging: { filter: 'temporalio_sdk_core=WARN,temporalio_client=WARN', forward: {} },
      metrics: { prometheus: { bindAddress: address } },
    },
    shutdownSignals: [], // our own stop drains the spool first
  });
  return `http://${address}/metrics`;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
