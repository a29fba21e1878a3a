import { Client, Connection, type ConnectionOptions } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { BarrageError } from '../model/errors.js';

const CONNECT_TIMEOUT_MS = 15_000;

/** Both ways to Temporal: the workers' own, and a client's. */
export interface TemporalConnections {
  native: NativeConnection;
  client: Client;
  close(): Promise<void>;
}

/** Connects within 15 s, or throws `TEMPORAL_UNAVAILABLE`. */
export async function connectTemporal(options: ConnectionOptions, namespace: string): Promise<TemporalConnections> {
  const { address = 'localhost:7233', tls, apiKey, metadata } = options;
  try {
    const connection = await Connection.connect({ ...options, connectTimeout: CONNECT_TIMEOUT_MS });
    const native = await NativeConnection.connect({
      address,
      ...(tls !== undefined && { tls }),
      ...(typeof apiKey === 'string' && { apiKey }),
      ...(metadata && { metadata }),
      grpcCompression: { codec: 'none' }, // bodies of some hundred bytes, whose packing costs more than it saves
    });
    return {
      native,
      client: new Client({ connection, namespace }),
      close: async () => {
        await native.close();
        await connection.close();
      },
    };
  } catch (error) {
    throw temporalUnavailable(error, options);
  }
}

/** Why there is no connection, in words. A key that no header can hold is quoted by the error that says so, and goes no further. */
export function temporalUnavailable(
  error: unknown,
  { address = 'localhost:7233', apiKey, metadata }: ConnectionOptions,
): BarrageError {
  const secrets = [apiKey, ...Object.values(metadata ?? {})].flatMap((one) =>
    typeof one === 'string' && one ? [one] : [],
  );
  const words = error instanceof Error ? error.message : 'unknown';
  const reason = secrets.reduce((text, secret) => text.replaceAll(secret, '[secret]'), words).slice(0, 120);
  return new BarrageError('TEMPORAL_UNAVAILABLE', `Temporal does not answer at ${address}: ${reason}.`, { address });
}
