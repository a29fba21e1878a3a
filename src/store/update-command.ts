import type { Document } from 'mongodb';
import type { Upsert } from './documents.js';
import type { WriteReply } from './server.js';

/** An update command's statements, and for each the place of the upsert that it is of. */
interface Statements {
  updates: Document[];
  places: number[];
}

/** A guarded update comes after the upsert it belongs to, which makes the document that it changes. */
export function statementsOf(upserts: readonly Upsert[]): Statements {
  const statements: Statements = { updates: [], places: [] };
  upserts.forEach(({ id, update, guarded = [] }, place) => {
    const changes = guarded.map(({ where, update: u }) => ({ q: { ...where, _id: id }, u, upsert: false }));
    const updates = [{ q: { _id: id }, u: update, upsert: true }, ...changes];
    statements.updates.push(...updates);
    statements.places.push(...updates.map(() => place));
  });
  return statements;
}

/** What a server said to the statements, said of the upserts: each at most once refused. */
export function replyToUpserts({ duplicates, refused }: WriteReply, places: readonly number[]): WriteReply {
  const placeOf = (index: number): number => places[index] ?? -1; // no place: whoever looks it up finds nothing there
  const reasons = new Map(refused.map(({ index, reason }) => [placeOf(index), reason]));
  return {
    duplicates: [...new Set(duplicates.map(placeOf))],
    refused: [...reasons].map(([index, reason]) => ({ index, reason })),
  };
}

/** The upserts in parts of at most `most` statements each. One upsert is never parted. */
export function partsOf<T extends Upsert>(upserts: readonly T[], most: number): T[][] {
  const parts: T[][] = [];
  let left = 0;
  for (const upsert of upserts) {
    const size = 1 + (upsert.guarded?.length ?? 0);
    const part = parts.at(-1);
    if (part && size <= left) part.push(upsert);
    else parts.push([upsert]);
    left = (part && size <= left ? left : most) - size;
  }
  return parts;
}
