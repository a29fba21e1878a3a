import type { Filter, Sort } from 'mongodb';
import { parseLimit, parseRoomKey, parseStored, type Asking } from './asking.js';
import { parseDaily } from './collections.js';
import { EventDocument } from '../model/event.js';
import { BarrageError } from '../model/errors.js';

const MAX_CHATS = 1_000;
/** How far back the last chats of a room are looked for. */
const CHAT_DAYS = 7;
const PAGE = 1_000;

/** Reads of events. For people and exports: nothing here belongs on a hot path. */
export class EventReads {
  constructor(readonly asking: Asking) {}

  /**
   * The latest chats of a room, the latest first, out of the last seven days that have events. An index answers on MongoDB; FerretDB reads every event
   * of those days until it has found enough, some 6,000 a second, so that a busy day takes longer than `readTimeoutMs` allows.
   */
  async lastChats(roomKey: string, limit = 100, signal?: AbortSignal): Promise<EventDocument[]> {
    const most = parseLimit(limit, MAX_CHATS);
    const filter = { ...parseRoomKey(roomKey), kind: 'chat' };
    const chats: EventDocument[] = [];
    const days = (await this.#days(signal)).reverse().slice(0, CHAT_DAYS);
    for (const name of days) {
      if (chats.length >= most) break;
      const found = await this.asking.run('answer about the last chats', signal, (within) => {
        const options = { sort: { at: -1 }, limit: most - chats.length, signal: within } as const;
        return this.asking.db.collection<{ _id: string }>(name).find(filter, options).toArray();
      });
      chats.push(...found.map((document) => parseStored(EventDocument, name, document)));
    }
    return chats;
  }

  /** The events of a room on one day (`YYYYMMDD`, UTC), in the order of `at`. FerretDB sorts them in its memory. */
  async *eventsOfDay(roomKey: string, day: string, signal?: AbortSignal): AsyncGenerator<EventDocument, void> {
    const name = `events_${day}`;
    if (!parseDaily(name))
      throw new BarrageError('BAD_INPUT', `"${day.slice(0, 20)}" is no day: it looks like 20260921.`);
    yield* this.#all(name, parseRoomKey(roomKey), { at: 1 }, signal);
  }

  /** Every event there is, day after day, in no order within a day. */
  async *allEvents(signal?: AbortSignal): AsyncGenerator<EventDocument, void> {
    for (const name of await this.#days(signal)) yield* this.#all(name, {}, undefined, signal);
  }

  async *#all(
    name: string,
    filter: Filter<{ _id: string }>,
    sort: Sort | undefined,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<EventDocument, void> {
    const cursor = this.asking.db.collection<{ _id: string }>(name).find(filter, {
      batchSize: PAGE,
      timeoutMS: this.asking.readTimeoutMs,
      timeoutMode: 'iteration',
      ...(sort !== undefined && { sort }),
      ...(signal && { signal }),
    });
    try {
      for (;;) {
        const page = await this.asking.run(`read ${name}`, signal, async () => {
          return (await cursor.hasNext()) ? cursor.readBufferedDocuments() : [];
        });
        if (page.length === 0) return;
        for (const document of page) yield parseStored(EventDocument, name, document);
      }
    } finally {
      await cursor.close().catch(() => undefined); // it may be closed by what went wrong
    }
  }

  /** The collections of events, the oldest day first. */
  async #days(signal: AbortSignal | undefined): Promise<string[]> {
    const infos = await this.asking.run('list its collections', signal, (within) =>
      this.asking.db.listCollections({}, { nameOnly: true, signal: within }).toArray(),
    );
    return infos
      .map(({ name }) => name)
      .filter((name) => parseDaily(name)?.prefix === 'events')
      .sort();
  }
}
