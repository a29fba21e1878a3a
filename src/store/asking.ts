import type { Db } from 'mongodb';
import { z } from 'zod';
import { BarrageError } from '../model/errors.js';

/** What the reads have of the store. */
export interface Asking {
  db: Db;
  /** Runs one question within `readTimeoutMs`; what fails comes out as a `BarrageError`. */
  run: <T>(what: string, signal: AbortSignal | undefined, ask: (signal: AbortSignal) => Promise<T>) => Promise<T>;
  readTimeoutMs: number;
}

const RoomKey = z.string().regex(/^[a-z][a-z0-9]{1,15}:.{1,64}$/);

/** Splits `<platform>:<roomId>`; throws `BAD_INPUT`. What it gives is text, whatever came in: never an operator. */
export function parseRoomKey(roomKey: string): { platform: string; roomId: string } {
  const parsed = RoomKey.safeParse(roomKey);
  if (!parsed.success) throw new BarrageError('BAD_INPUT', `"${String(roomKey).slice(0, 80)}" is no room.`);
  const colon = parsed.data.indexOf(':');
  return { platform: parsed.data.slice(0, colon), roomId: parsed.data.slice(colon + 1) };
}

/** A count within bounds; throws `BAD_INPUT`. */
export function parseLimit(limit: number, max: number): number {
  if (Number.isInteger(limit) && limit >= 1 && limit <= max) return limit;
  throw new BarrageError('BAD_INPUT', `A limit is a whole number from 1 to ${max}.`);
}

/** Reads what is in the database as what it should be; throws `STORE_UNREADABLE`, naming the document. */
export function parseStored<T>(schema: z.ZodType<T>, collection: string, document: unknown): T {
  const parsed = schema.safeParse(document);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const id = z.object({ _id: z.string() }).safeParse(document).data?._id ?? 'without a text as _id';
  const where = issue?.path.map(String).join('.') ?? '';
  throw new BarrageError(
    'STORE_UNREADABLE',
    `${collection}: document ${id.slice(0, 120)} is not barrage's (${where}).`,
  );
}
