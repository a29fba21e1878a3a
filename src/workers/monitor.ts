import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { Registry } from 'prom-client';

/** Names by which a machine calls itself. A web page can make its own name mean this machine, but not take one of these. */
const OWN_NAMES = /^(localhost|[\w-]+\.localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?$/i;
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1)$/;

/** From asking the SDK's own endpoint to its last byte. */
const SDK_METRICS_TIMEOUT_MS = 2_000;

/** What a peer may cost: a scraper needs one connection, a few hundred bytes and no body. */
const LIMITS = {
  maxHeaderSize: 8 * 1024,
  headersTimeout: 5_000,
  requestTimeout: 5_000,
  keepAliveTimeout: 5_000,
  connectionsCheckingInterval: 1_000,
};
const MOST_CONNECTIONS = 64;

export interface MonitorOptions {
  host: string;
  port: number;
  registry: Registry;
  /** Where the SDK serves its own metrics; undefined where it does not. */
  sdkMetricsUrl: string | undefined;
  /** What is wrong, in words; empty when all is well. */
  complaints: () => string[];
  /** Brings gauges up to date. */
  refresh: () => void;
}

interface Answer {
  status: number;
  type: string;
  body: string;
}

/**
 * Serves `/metrics` and `/healthz`, to whoever reaches the address: it reads nothing of a request but its method and path, and, on the loopback
 * address, the name by which it was reached.
 */
export class Monitor {
  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  /** Rejects where the address is in use. */
  static async listen(options: MonitorOptions): Promise<Monitor> {
    const server = createServer(LIMITS, (request, response) => {
      void answer(options, request).then(({ status, type, body }) => {
        const allow = status === 405 ? { allow: 'GET, HEAD' } : {};
        const plain = { 'content-type': type, 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' };
        response.writeHead(status, { ...plain, ...allow }).end(request.method === 'HEAD' ? '' : body);
      });
    });
    server.maxConnections = MOST_CONNECTIONS;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(options.port, options.host, resolve);
    });
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : options.port;
    const host = options.host.includes(':') ? `[${options.host}]` : options.host;
    return new Monitor(server, `http://${host}:${port}`);
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

/** Never rejects. */
async function answer(options: MonitorOptions, { method, url = '', headers }: IncomingMessage): Promise<Answer> {
  if (LOOPBACK.test(options.host) && !OWN_NAMES.test(headers.host ?? ''))
    return plainText(421, 'Name this machine as localhost or 127.0.0.1.\n');
  if (method !== 'GET' && method !== 'HEAD') return plainText(405, 'Only GET is answered here.\n');
  try {
    switch (url.split('?', 1)[0]) {
      case '/healthz':
        return health(options.complaints());
      case '/metrics':
        return await metrics(options);
      default:
        return plainText(404, 'Ask for /metrics or /healthz.\n');
    }
  } catch {
    return plainText(500, 'The figures could not be gathered.\n');
  }
}

const plainText = (status: number, body: string): Answer => ({ status, type: 'text/plain; charset=utf-8', body });

function health(complaints: string[]): Answer {
  const ok = complaints.length === 0;
  return { status: ok ? 200 : 503, type: 'application/json', body: JSON.stringify({ ok, complaints }) };
}

async function metrics({ registry, refresh, sdkMetricsUrl }: MonitorOptions): Promise<Answer> {
  refresh();
  const [own, sdk] = await Promise.all([
    registry.metrics(),
    sdkMetricsUrl === undefined ? '' : sdkMetrics(sdkMetricsUrl),
  ]);
  return { status: 200, type: registry.contentType, body: `${own.trimEnd()}\n${sdk}` };
}

/** What the SDK tells of itself; nothing where it does not answer in time, since our own figures must not wait for it. */
const sdkMetrics = (url: string): Promise<string> =>
  fetch(url, { signal: AbortSignal.timeout(SDK_METRICS_TIMEOUT_MS), redirect: 'error' })
    .then((response) => (response.ok ? response.text() : ''))
    .catch(() => '');
