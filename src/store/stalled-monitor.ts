import type { MongoClient } from 'mongodb';

/** Of a check that waits for news, as servers that support it let the driver do; the driver's default for `heartbeatFrequencyMS`. */
const AWAITS_MS = 10_000;
const MARGIN_MS = 1_000;

/**
 * Watches the driver's own watch over its servers. A connection may be cut in the moment in which the driver writes to it, between the end of its socket and the event
 * that tells of it: the write then waits for ever for a socket to drain that is gone (`Connection.writeCommand` of the driver, 7.8 and 7.9). Where that befalls a check of
 * a server, no other one follows, and the client never finds its server again.
 *
 * @param onStalled called when a check of a server has had more time than it may take
 */
export function watchMonitors(client: MongoClient, connectTimeoutMs: number, onStalled: () => void): void {
  const checks = new Map<string, NodeJS.Timeout>();
  const over = (server: string): void => {
    clearTimeout(checks.get(server));
    checks.delete(server);
  };
  client.on('serverHeartbeatStarted', ({ connectionId, awaited }) => {
    over(connectionId);
    const withinMs = 2 * connectTimeoutMs + (awaited ? AWAITS_MS : 0) + MARGIN_MS; // to connect, and for the answer
    checks.set(connectionId, setTimeout(onStalled, withinMs).unref());
  });
  client.on('serverHeartbeatSucceeded', ({ connectionId }) => over(connectionId));
  client.on('serverHeartbeatFailed', ({ connectionId }) => over(connectionId));
  client.on('serverClosed', ({ address }) => over(address));
}
