import { BarrageError } from '../model/errors.js';
import { isBrokenConnection, isRefusal } from './failure.js';
import type { WriteReply } from './server.js';

/** What became of a number of documents; whatever is in neither list is stored. */
export interface Outcome<T> {
  duplicates: T[];
  refused: { item: T; reason: string }[];
}

/** So many refused, and nothing taken: the fault is not in the documents. */
const SUSPICIOUSLY_MANY = 32;

/**
 * Sends documents together, and finds those that the server will never take, however it says so: document by document, for the whole command (then halves
 * are sent until one document is left), or by hanging up (then `unfit` tells which value would be the reason). Throws what is no document's fault.
 */
export async function storeEach<T>(
  items: readonly T[],
  send: (items: readonly T[]) => Promise<WriteReply>,
  unfit: (item: T) => string | undefined,
): Promise<Outcome<T>> {
  const outcome = await attempt(items, send, unfit);
  if (outcome.refused.length === items.length && items.length >= SUSPICIOUSLY_MANY) {
    const facts = { documents: items.length, reason: (outcome.refused[0]?.reason ?? '').slice(0, 200) };
    throw new BarrageError('STORE_REFUSED', 'MongoDB refuses every document of a write.', facts);
  }
  return outcome;
}

async function attempt<T>(
  items: readonly T[],
  send: (items: readonly T[]) => Promise<WriteReply>,
  unfit: (item: T) => string | undefined,
): Promise<Outcome<T>> {
  if (items.length === 0) return { duplicates: [], refused: [] };
  try {
    return toOutcome(items, await send(items));
  } catch (error) {
    if (isBrokenConnection(error)) return withoutUnfit(items, send, unfit, error);
    if (!isRefusal(error)) throw error;
    const [only] = items;
    if (items.length === 1 && only !== undefined) {
      return { duplicates: [], refused: [{ item: only, reason: error.message }] };
    }
    const middle = items.length >> 1;
    const first = await attempt(items.slice(0, middle), send, unfit);
    const second = await attempt(items.slice(middle), send, unfit);
    return join(first, second);
  }
}

async function withoutUnfit<T>(
  items: readonly T[],
  send: (items: readonly T[]) => Promise<WriteReply>,
  unfit: (item: T) => string | undefined,
  error: unknown,
): Promise<Outcome<T>> {
  const refused: Outcome<T>['refused'] = [];
  const fit = items.filter((item) => {
    const reason = unfit(item);
    if (reason !== undefined) refused.push({ item, reason });
    return reason === undefined;
  });
  if (refused.length === 0) throw error;
  return join({ duplicates: [], refused }, await attempt(fit, send, unfit));
}

function toOutcome<T>(items: readonly T[], reply: WriteReply): Outcome<T> {
  const at = (index: number): T => {
    const item = items[index];
    if (item === undefined) throw new BarrageError('STORE_UNAVAILABLE', 'MongoDB spoke of a document it was not sent.');
    return item;
  };
  return {
    duplicates: reply.duplicates.map(at),
    refused: reply.refused.map(({ index, reason }) => ({ item: at(index), reason })),
  };
}

const join = <T>(a: Outcome<T>, b: Outcome<T>): Outcome<T> => ({
  duplicates: [...a.duplicates, ...b.duplicates],
  refused: [...a.refused, ...b.refused],
});

/** Why no server is certain to take a value: a number that is none. Undefined where nothing is wrong with it. */
export function unfitValue(value: unknown, path = ''): string | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : `${path} is ${value}`;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? `${path} is no date` : undefined;
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [key, inner] of Object.entries(value)) {
    const reason = unfitValue(inner, path === '' ? key : `${path}.${key}`);
    if (reason !== undefined) return reason;
  }
  return undefined;
}
