import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Registry } from 'prom-client';

const SDK_METRICS_TIMEOUT_MS = 2_000;

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

/** Serves `/metrics` and `/healthz`. */
export class Monitor {
  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  /** Rejects where the address is in use. */
  static async listen(options: MonitorOptions): Promise<Monitor> {
    const server = createServer((request, response) => {
      void answer(options, request.url ?? '').then(({ status, type, body }) => {
        response.writeHead(status, { 'content-type': type }).end(body);
      });
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(options.port, options.host, resolve);
    });
    const { port } = server.address() as AddressInfo;
    return new Monitor(server, `http://${options.host}:${port}`);
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

async function answer(options: MonitorOptions, path: string): Promise<{ status: number; type: string; body: string }> {
  if (path === '/healthz') {
    const complaints = options.complaints();
    const body = JSON.stringify({ ok: complaints.length === 0, complaints });
    return { status: complaints.length === 0 ? 200 : 503, type: 'application/json', body };
  }
  if (path !== '/metrics') return { status: 404, type: 'text/plain', body: 'Ask for /metrics or /healthz.\n' };
  options.refresh();
  const own = await options.registry.metrics();
  const { sdkMetricsUrl } = options;
  const sdk = sdkMetricsUrl === undefined ? '' : await sdkMetrics(sdkMetricsUrl);
  return { status: 200, type: options.registry.contentType, body: own + sdk };
}

const sdkMetrics = (url: string): Promise<string> =>
  fetch(url, { signal: AbortSignal.timeout(SDK_METRICS_TIMEOUT_MS) })
    .then((response) => response.text())
    .catch(() => '');
