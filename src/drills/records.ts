import { MongoClient } from 'mongodb';
import type { z } from 'zod';
import { COLLECTIONS } from '../store/collections.js';
import { BatchDocument, ConnectionDocument, GapDocument, SessionDocument } from '../store/record-reads.js';

/** Every record of a drill. */
export interface DrillRecords {
  connections: ConnectionDocument[];
  gaps: GapDocument[];
  sessions: SessionDocument[];
  batches: BatchDocument[];
}

/** Reads each collection whole, in one go: room by room would read it whole as often as there are rooms. */
export async function readRecords(uri: string, database: string): Promise<DrillRecords> {
  const client = new MongoClient(uri, { appName: 'barrage-drill' });
  try {
    const db = client.db(database);
    const read = async <T>(name: string, schema: z.ZodType<T>): Promise<T[]> => {
      const found = await db.collection(name).find().toArray();
      return found.map((document) => schema.parse(document));
    };
    return {
      connections: await read(COLLECTIONS.connections, ConnectionDocument),
      gaps: await read(COLLECTIONS.gaps, GapDocument),
      sessions: await read(COLLECTIONS.sessions, SessionDocument),
      batches: await read(COLLECTIONS.batches, BatchDocument),
    };
  } finally {
    await client.close();
  }
}
