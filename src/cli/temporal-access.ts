import { Client, Connection } from '@temporalio/client';
import { temporalUnavailable } from '../workers/connect.js';
import type { TemporalTarget } from './temporal-target.js';

const CONNECT_WITHIN_MS = 5_000;

/** A client of Temporal for one command. */
export interface TemporalAccess {
  readonly connection: Connection;
  readonly client: Client;
  readonly namespace: string;
  readonly address: string;
}

/** Connects within 5 s, or throws `TEMPORAL_UNAVAILABLE`. */
export async function connectClient({
  address,
  namespace,
  options,
}: Pick<TemporalTarget, 'address' | 'namespace' | 'options'>): Promise<TemporalAccess> {
  try {
    const connection = await Connection.connect({ ...options, connectTimeout: CONNECT_WITHIN_MS });
    return { connection, namespace, address, client: new Client({ connection, namespace }) };
  } catch (error) {
    throw temporalUnavailable(error, options);
  }
}
