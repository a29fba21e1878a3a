import { Client, Connection } from '@temporalio/client';
import { BarrageError } from '../model/errors.js';
import { withoutCredentials } from './secrets.js';
import type { Settings } from './settings.js';

const CONNECT_WITHIN_MS = 5_000;

/** A client of Temporal for one command. */
export interface TemporalAccess {
  readonly connection: Connection;
  readonly client: Client;
  readonly namespace: string;
  readonly address: string;
}

/** Connects within 5 s, or throws `TEMPORAL_UNAVAILABLE`. */
export async function connectClient({ temporal }: Settings): Promise<TemporalAccess> {
  const { address, namespace, options } = temporal;
  try {
    const connection = await Connection.connect({ ...options, connectTimeout: CONNECT_WITHIN_MS });
    return { connection, namespace, address, client: new Client({ connection, namespace }) };
  } catch (error) {
    const reason = withoutCredentials(error instanceof Error ? error.message : 'unknown').slice(0, 120);
    throw new BarrageError('TEMPORAL_UNAVAILABLE', `Temporal does not answer at ${address}: ${reason}.`, { address });
  }
}
