import { request } from 'node:http';
import { Registry } from 'prom-client';
import { afterAll, describe, expect, it } from 'vitest';
import { Monitor } from '../../src/workers/monitor.js';

const open: Monitor[] = [];
afterAll(async () => {
  for (const monitor of open) await monitor.close();
});

async function monitorOn(host: string): Promise<Monitor> {
  const parts = { sdkMetricsUrl: undefined, complaints: () => [], refresh: () => {}, registry: new Registry() };
  const monitor = await Monitor.listen({ host, port: 0, ...parts });
  open.push(monitor);
  return monitor;
}

/** The status of an answer to a request that names this host, as a browser does that believes a name to be ours. */
const statusFor = (port: string, host: string, path = '/healthz'): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path, headers: { host } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .once('error', reject)
      .end();
  });

describe('the monitor, on the loopback address,', () => {
  it.each([
    'evil.example',
    'evil.example:9464',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    'localhost@evil.example',
    'evil.example#localhost',
  ])('answers no page of another site whose name was made to mean this machine: %j', async (host) => {
    const { url } = await monitorOn('127.0.0.1');
    for (const path of ['/healthz', '/metrics']) expect(await statusFor(new URL(url).port, host, path)).toBe(421);
  });

  it.each(['127.0.0.1', '127.0.0.1:9464', 'localhost', 'LOCALHOST:9464', '[::1]:9464', '127.3.2.1', 'app.localhost:1'])(
    'answers who names this machine as this machine does: %s',
    async (host) => {
      expect(await statusFor(new URL((await monitorOn('127.0.0.1')).url).port, host)).toBe(200);
    },
  );

  it('answers by any name where it was told to listen for others', async () => {
    expect(await statusFor(new URL((await monitorOn('0.0.0.0')).url).port, 'worker-3.monitoring:9464')).toBe(200);
  });
});
