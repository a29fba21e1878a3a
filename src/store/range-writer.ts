import { COLLECTIONS } from './collections.js';
import { audienceUpsert, deadLetterDocument, deadLetterOf, type Upsert } from './documents.js';
import { audienceInsertion, planRange, type Insertion, type RangePlan } from './range-plan.js';
import type { Server, WriteReply } from './server.js';
import { storeEach, unfitValue, type Outcome } from './store-each.js';
import { partsOf, replyToUpserts, statementsOf } from './update-command.js';
import type { UpdateLock } from './update-lock.js';
import { RecentIds } from './recent-ids.js';
import { BarrageError } from '../model/errors.js';
import type { DeadLetter, SpoolEntry, SpoolRange } from '../model/records.js';

/** Of one range, commands that are under way at once. */
const WRITES_AT_ONCE = 4;
const MAX_INSERT_BYTES = 8 * 1024 * 1024;
/** Events that were stored last, by which copies are known that come with another range. */
const REMEMBERED_EVENTS = 20_000;
/** Two processes that make the same document at once: one of them finds it there, and changes it. */
const UPSERT_ATTEMPTS = 5;

export interface RangeWriterDeps {
  server: Server;
  lock: UpdateLock;
  now: () => number;
  maxDocumentsPerInsert: number;
  writeTimeoutMs: number;
  /** Called before the first insert into a daily collection; must not throw. */
  prepareDaily: (collection: string, signal: AbortSignal) => Promise<void>;
  /** Told of each entry that went to `dead_letters` because MongoDB does not take it. */
  onRefused: (letter: DeadLetter) => void;
}

/** Writes ranges: events and audience first, so that a record never claims what is not there yet. Everything is idempotent. */
export class RangeWriter {
  readonly #stored = new RecentIds(REMEMBERED_EVENTS);

  constructor(readonly deps: RangeWriterDeps) {}

  async write(
    range: SpoolRange,
    signal: AbortSignal,
  ): Promise<{ events: number; inserted: number; duplicates: number }> {
    const plan = planRange(range, this.deps.now(), (collection, id) => this.#stored.has(collection, id));
    const chunk = this.#chunkSize(range);
    const daily = [...plan.eventsByCollection.keys(), ...plan.audienceByCollection.keys()];
    await Promise.all(daily.map((name) => this.deps.prepareDaily(name, signal)));
    const written = await inTurns([...this.#events(plan, chunk, signal), ...this.#audience(plan, chunk, signal)]);
    const records = await inTurns(this.#records(plan, chunk, signal));
    const refused = [...plan.impossible, ...[...written, ...records].flatMap((outcome) => outcome.refused)];
    const letters = refused.map(({ entry, reason }) => deadLetterOf(entry, reason, this.deps.now()));
    await this.#keep(letters, signal);
    const lostEvents = refused.filter(({ entry }) => entry.type === 'event').length;
    const duplicates = written.reduce((sum, outcome) => sum + outcome.duplicates, plan.repeated);
    return { events: plan.events, inserted: plan.events - duplicates - lostEvents, duplicates };
  }

  /** Upserts one document; a refusal throws `STORE_REFUSED`. */
  async upsert(collection: string, upsert: Upsert, signal: AbortSignal): Promise<void> {
    const reply = await this.#update(collection, [upsert], signal);
    const [refusal] = reply.refused;
    if (refusal)
      throw new BarrageError('STORE_REFUSED', `MongoDB does not take ${upsert.id}: ${refusal.reason.slice(0, 200)}.`);
  }

  #events({ eventsByCollection }: RangePlan, chunk: number, signal: AbortSignal): Job[] {
    return [...eventsByCollection].flatMap(([name, all]) =>
      chunks(all, chunk).map((items) => async () => {
        const outcome = await this.#insert(name, items, signal);
        const lost = new Set(outcome.refused.map(({ item }) => item));
        for (const item of items) if (!lost.has(item)) this.#stored.add(name, String(item.document['_id']));
        return { duplicates: outcome.duplicates.length, refused: refusedEntries(outcome) };
      }),
    );
  }

  #audience({ audienceByCollection }: RangePlan, chunk: number, signal: AbortSignal): Job[] {
    return [...audienceByCollection].map(([name, points]) => async () => ({
      duplicates: 0,
      refused: await this.#writeAudience(name, points, chunk, signal),
    }));
  }

  #records({ deadLetters, changes }: RangePlan, chunk: number, signal: AbortSignal): Job[] {
    return [
      ...chunks(deadLetters, chunk).map((items) => async () => ({
        duplicates: 0,
        refused: refusedEntries(await this.#insert(COLLECTIONS.deadLetters, items, signal)),
      })),
      ...[...changes].map(([name, some]) => async () => ({
        duplicates: 0,
        refused: refusedEntries(await this.#update(name, some, signal)),
      })),
    ];
  }

  /** Nearly every point is new, and an insert costs a fraction of an update. */
  async #writeAudience(
    name: string,
    points: readonly Parameters<typeof audienceInsertion>[0][],
    chunk: number,
    signal: AbortSignal,
  ): Promise<RangePlan['impossible']> {
    const refused: RangePlan['impossible'] = [];
    for (const some of chunks(points, chunk)) {
      const insertions = new Map(some.map((point) => [audienceInsertion(point), point]));
      const outcome = await this.#insert(name, [...insertions.keys()], signal);
      const there = outcome.duplicates.flatMap((insertion) => insertions.get(insertion) ?? []);
      const changes = there.map(({ point, entry }) => ({ ...audienceUpsert(point), entry }));
      refused.push(...refusedEntries(outcome), ...refusedEntries(await this.#update(name, changes, signal)));
    }
    return refused;
  }

  #insert(collection: string, items: readonly Insertion[], signal: AbortSignal): Promise<Outcome<Insertion>> {
    const { server, writeTimeoutMs } = this.deps;
    const send = (some: readonly Insertion[]): Promise<WriteReply> =>
      server.write({ insert: collection, documents: some.map(({ document }) => document) }, writeTimeoutMs, signal);
    return storeEach(items, send, ({ document }) => unfitValue(document));
  }

  async #update<T extends Upsert>(collection: string, items: readonly T[], signal: AbortSignal): Promise<Outcome<T>> {
    const { maxUpdatesPerCommand, updatesAreAtomic } = await this.deps.server.traits(signal);
    const refused: Outcome<T>['refused'] = [];
    let remaining = items;
    for (let attempt = 0; attempt < UPSERT_ATTEMPTS && remaining.length > 0; attempt += 1) {
      const again: T[] = [];
      for (const some of partsOf(remaining, maxUpdatesPerCommand)) {
        const send = (ops: readonly T[]): Promise<WriteReply> =>
          this.#sendUpdates(collection, ops, updatesAreAtomic, signal);
        const outcome = await storeEach(some, send, ({ update, guarded }) => unfitValue(update) ?? unfitValue(guarded));
        refused.push(...outcome.refused);
        again.push(...outcome.duplicates);
      }
      remaining = again;
    }
    if (remaining.length > 0)
      throw new BarrageError('STORE_UNAVAILABLE', `${collection} is changed by others all the time.`);
    return { duplicates: [], refused };
  }

  async #sendUpdates(
    collection: string,
    upserts: readonly Upsert[],
    updatesAreAtomic: boolean,
    signal: AbortSignal,
  ): Promise<WriteReply> {
    const { updates, places } = statementsOf(upserts);
    const send = (timeoutMs: number, within: AbortSignal): Promise<WriteReply> =>
      this.deps.server.write({ update: collection, updates }, timeoutMs, within);
    const reply = await (updatesAreAtomic ? send(this.deps.writeTimeoutMs, signal) : this.deps.lock.hold(signal, send));
    return replyToUpserts(reply, places);
  }

  /** A refused entry is done with only once its dead letter is stored; until then the range is not. */
  async #keep(letters: readonly DeadLetter[], signal: AbortSignal): Promise<void> {
    if (letters.length === 0) return;
    const entryOf = (deadLetter: DeadLetter): SpoolEntry => ({ type: 'deadLetter', deadLetter });
    const items = letters.map((letter) => ({ document: deadLetterDocument(letter), entry: entryOf(letter) }));
    const { refused } = await this.#insert(COLLECTIONS.deadLetters, items, signal);
    const [first] = refused;
    if (first) throw new BarrageError('STORE_REFUSED', `MongoDB takes no dead letter: ${first.reason.slice(0, 200)}.`);
    letters.forEach((letter) => this.deps.onRefused(letter));
  }

  #chunkSize({ bytes, entries }: SpoolRange): number {
    const forBytes = Math.floor((entries.length * MAX_INSERT_BYTES) / Math.max(bytes, 1));
    return Math.max(1, Math.min(this.deps.maxDocumentsPerInsert, forBytes));
  }
}

const refusedEntries = <T extends { entry: SpoolEntry }>(outcome: Outcome<T>): RangePlan['impossible'] =>
  outcome.refused.map(({ item, reason }) => ({ entry: item.entry, reason }));

function chunks<T>(all: readonly T[], size: number): (readonly T[])[] {
  if (all.length === 0) return [];
  if (all.length <= size) return [all];
  return Array.from({ length: Math.ceil(all.length / size) }, (_, i) => all.slice(i * size, (i + 1) * size));
}

/** What became of one part of a range. */
type Job = () => Promise<{ duplicates: number; refused: RangePlan['impossible'] }>;

/** Runs all jobs, some at once; waits for those under way when one fails, so that nothing goes on behind the caller's back. */
async function inTurns(jobs: readonly Job[]): Promise<Awaited<ReturnType<Job>>[]> {
  const results: Awaited<ReturnType<Job>>[] = [];
  for (let i = 0; i < jobs.length; i += WRITES_AT_ONCE) {
    const settled = await Promise.allSettled(jobs.slice(i, i + WRITES_AT_ONCE).map((job) => job()));
    for (const one of settled) {
      if (one.status === 'rejected') throw one.reason;
      results.push(one.value);
    }
  }
  return results;
}
