import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { Counter, Registry } from 'prom-client';
import { afterEach, describe, expect, it } from 'vitest';
import { MonitorConfig } from '../../src/workers/config.js';
import { Monitor, type MonitorOptions } from '../../src/workers/monitor.js';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function listening(options: Partial<MonitorOptions> = {}): Promise<Monitor> {
  const registry = new Registry();
  new Counter({ name: 'some_total', help: 'x', registers: [registry] }).inc(3);
  const monitor = await Monitor.listen({
    host: '127.0.0.1',
    port: 0,
    registry,
    sdkMetricsUrl: undefined,
    complaints: () => [],
    refresh: () => {},
    ...options,
  });
  closing.push(() => monitor.close());
  return monitor;
}

/** An SDK endpoint that behaves as told. */
async function sdkEndpoint(handle: Parameters<typeof createServer>[1]): Promise<string> {
  const server: Server = createServer(handle);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`;
}

/** Bytes to the monitor as they are, and everything that comes back until it closes. */
function raw(monitor: Monitor, bytes: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(monitor.url).port), '127.0.0.1', () => socket.write(bytes));
    let answer = '';
    socket.setTimeout(15_000, () => socket.destroy());
    socket.on('data', (chunk) => (answer += chunk.toString('latin1')));
    socket.on('error', () => resolve(answer));
    socket.on('close', () => resolve(answer));
  });
}

describe('/healthz', () => {
  it('answers 200 while all is well, and 503 with the complaints in words otherwise', async () => {
    const complaints: string[] = [];
    const { url } = await listening({ complaints: () => complaints });
    const well = await fetch(`${url}/healthz`);
    expect([well.status, await well.json()]).toEqual([200, { ok: true, complaints: [] }]);
    complaints.push('The spool is full.');
    const ill = await fetch(`${url}/healthz`);
    expect([ill.status, await ill.json()]).toEqual([503, { ok: false, complaints: ['The spool is full.'] }]);
  });
});

describe('/metrics', () => {
  it('appends what the SDK tells of itself', async () => {
    const sdkMetricsUrl = await sdkEndpoint((_, response) => response.end('temporal_x 1\n'));
    const { url } = await listening({ sdkMetricsUrl });
    const page = await (await fetch(`${url}/metrics`)).text();
    expect(page).toMatch(/^some_total 3\ntemporal_x 1\n$/m);
  });

  it.each<[string, Parameters<typeof createServer>[1]]>([
    ['is silent', () => {}],
    ['stops in the middle', (_, response) => response.writeHead(200).write('temporal_x')],
    ['answers 500', (_, response) => response.writeHead(500).end('temporal_x 1')],
    ['sends on to elsewhere', (_, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end()],
    ['hangs up', (_, response) => response.destroy()],
  ])('comes without the SDK’s part, within 3 s, where its endpoint %s', async (_, handle) => {
    const { url } = await listening({ sdkMetricsUrl: await sdkEndpoint(handle) });
    const startedAt = performance.now();
    const page = await (await fetch(`${url}/metrics`)).text();
    expect(performance.now() - startedAt).toBeLessThan(3_000);
    expect(page).toContain('some_total 3');
    expect(page).not.toContain('temporal_x');
  });

  it('answers 500 in one sentence, and lives on, where a figure cannot be gathered', async () => {
    let isBroken = true;
    const refresh = (): void => {
      if (isBroken) throw new Error('mongodb://user:canary@host');
    };
    const { url } = await listening({ refresh });
    const broken = await fetch(`${url}/metrics`);
    expect([broken.status, await broken.text()]).toEqual([500, 'The figures could not be gathered.\n']);
    isBroken = false;
    expect((await fetch(`${url}/metrics`)).status).toBe(200);
  });
});

describe('the monitor', () => {
  it('listens on the loopback address unless it is told otherwise', () => {
    expect(MonitorConfig.parse({}).host).toBe('127.0.0.1');
  });

  it.each(['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'])('refuses %s', async (method) => {
    const { url } = await listening();
    const { status, headers } = await fetch(`${url}/metrics`, { method });
    expect([status, headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });

  it('answers HEAD without a body, and a query as if there were none', async () => {
    const { url } = await listening();
    const head = await fetch(`${url}/metrics`, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
    expect((await fetch(`${url}/metrics?name[]=x`)).status).toBe(200);
  });

  it.each(['/', '//metrics', '/metrics/', '/healthz%00', '/../etc/passwd', '/metrics%2f..', '/__proto__'])(
    'knows no page %s, and does not repeat the path',
    async (path) => {
      const monitor = await listening();
      const answer = await raw(monitor, `GET ${path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`);
      expect(answer).toMatch(/^HTTP\/1\.1 404 /);
      expect(answer).toContain('\r\n\r\n1e\r\nAsk for /metrics or /healthz.\n\r\n0\r\n');
    },
  );

  it.each([
    ['no HTTP', '\u0000\u0001\u0002 nonsense\r\n\r\n', 400],
    ['a header of 100 KB', `GET /metrics HTTP/1.1\r\nhost: localhost\r\nx: ${'a'.repeat(100_000)}\r\n\r\n`, 431],
    ['two lengths', 'POST /metrics HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n', 400],
    ['a request in the address', 'GET http://[ HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n', 404],
  ])('survives %s', async (_, bytes, status) => {
    const monitor = await listening();
    expect(await raw(monitor, bytes)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect((await fetch(`${monitor.url}/healthz`)).status).toBe(200);
  });

  it('ends a connection that never finishes its request', { timeout: 20_000 }, async () => {
    const monitor = await listening();
    expect(await raw(monitor, 'GET /metrics HTTP/1.1\r\nx: ')).toMatch(/^(HTTP\/1\.1 408 |$)/);
  });
});
