import { addWrite, type BatchTotals, emptyBatch } from '../model/batch.js';
import type { Draft } from './draft.js';

/** So many parts of a batch are written anew as one. */
const MOST_PARTS = 64;

interface Batch {
  totals: BatchTotals;
  /** Of its parts on the disk. */
  keys: string[];
}

/** What the batches under way have come to. On the disk each is in parts, one an acknowledgement: with a thousand rooms the whole has thirty kilobytes. */
export class BatchParts {
  private readonly batches = new Map<string, Batch>();
  private lastPart = 0;

  /** @param parts as they are on the disk, by their keys */
  constructor(parts: Iterable<readonly [string, BatchTotals]>) {
    for (const [key, part] of parts) {
      this.lastPart = Math.max(this.lastPart, numberOf(key));
      this.added(part, key, []);
    }
  }

  /** A copy; undefined where nothing was acknowledged of the batch, or it was forgotten. */
  totals(id: string): BatchTotals | undefined {
    return structuredClone(this.batches.get(id)?.totals);
  }

  /** A copy of the totals of the batch that has written up to `seq`. */
  endingAt(seq: number): BatchTotals | undefined {
    return structuredClone([...this.batches.values()].find(({ totals }) => totals.lastSeq === seq)?.totals);
  }

  /** Puts what one write came to into a transaction; gives back what to call when that is on the disk. */
  add(write: BatchTotals, draft: Draft): () => void {
    const key = `${write._id}${SEPARATOR}${(this.lastPart += 1)}`;
    const keys = this.batches.get(write._id)?.keys ?? [];
    const replaced = keys.length >= MOST_PARTS ? keys : [];
    for (const one of replaced) draft.setBatch(one, undefined);
    const sum = replaced.length > 0 ? this.totals(write._id) : undefined;
    if (sum !== undefined) addWrite(sum, write);
    draft.setBatch(key, JSON.stringify(sum ?? write));
    return () => this.added(write, key, replaced);
  }

  /** Takes all parts of a batch out in a transaction; gives back what to call when that is on the disk. */
  remove(id: string, draft: Draft): () => void {
    for (const key of this.batches.get(id)?.keys ?? []) draft.setBatch(key, undefined);
    return () => this.batches.delete(id);
  }

  private added(write: BatchTotals, key: string, replaced: readonly string[]): void {
    const { _id, workerId, firstSeq, startedAt } = write;
    const batch = this.batches.get(_id) ?? { totals: emptyBatch(_id, workerId, firstSeq, startedAt), keys: [] };
    this.batches.set(_id, batch);
    addWrite(batch.totals, write);
    batch.keys = [...batch.keys.filter((one) => !replaced.includes(one)), key];
  }
}

const SEPARATOR = '+';

/** A key without a number is of a version that wrote each batch whole. */
const numberOf = (key: string): number => Number(key.split(SEPARATOR)[1] ?? 0);
