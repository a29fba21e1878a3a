import { z } from 'zod';

const SECOND = 1_000;

/** How barrage reaches MongoDB, and how long it waits for it. */
export const StoreConfig = z.strictObject({
  uri: z
    .string()
    .regex(/^mongodb(\+srv)?:\/\/./, 'a MongoDB connection string begins with mongodb:// or mongodb+srv://')
    .default('mongodb://127.0.0.1:27017/')
    .describe('MongoDB connection string. It may hold a password, so it is never shown.'),
  database: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,63}$/, 'a database name has at most 63 letters, digits, "_" or "-"')
    .default('barrage')
    .describe('Name of the database.'),
  writeTimeoutMs: z
    .int()
    .min(SECOND)
    .max(300 * SECOND)
    .default(15 * SECOND)
    .describe(
      'A write that MongoDB has not acknowledged by then, in ms, has failed and is repeated; the spool keeps it.',
    ),
  readTimeoutMs: z
    .int()
    .min(SECOND)
    .max(300 * SECOND)
    .default(20 * SECOND)
    .describe(
      'Longest that one question to MongoDB may take, in ms. Exports may take longer: it then bounds each page.',
    ),
  serverSelectionTimeoutMs: z
    .int()
    .min(100)
    .max(60 * SECOND)
    .default(5 * SECOND)
    .describe('Longest wait, in ms, for a server that can take the operation.'),
  connectTimeoutMs: z
    .int()
    .min(100)
    .max(60 * SECOND)
    .default(5 * SECOND)
    .describe('Longest wait, in ms, for one connection to be made.'),
  maxDocumentsPerInsert: z
    .int()
    .min(1)
    .max(100_000)
    .default(1_000)
    .describe('Most documents in one insert. Each insert is also kept under 8 MiB.'),
  maxConnections: z.int().min(1).max(100).default(8).describe('Most connections of this process to each server.'),
  eventIndexes: z
    .enum(['auto', 'always', 'never'])
    .default('auto')
    .describe(
      'Indexes of the daily collections: auto makes them where the server uses them, which FerretDB 1 does not.',
    ),
});
export type StoreConfig = z.output<typeof StoreConfig>;
