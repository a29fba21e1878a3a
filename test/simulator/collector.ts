import { setMaxListeners } from 'node:events';
import { EventDocument } from '../../src/model/event.js';
import { silentLog } from '../../src/model/log.js';
import { BilibiliConfig } from '../../src/platforms/bilibili/config.js';
import { BilibiliPlatform } from '../../src/platforms/bilibili/index.js';
import { systemClock } from '../../src/platforms/clock.js';
import type { Connection } from '../../src/platforms/platform.js';
import type { CountedConnection } from '../../src/simulator/reconcile.js';
import type { RecordedGap } from '../../src/simulator/room-gaps.js';
import type { Simulator } from '../../src/simulator/simulator.js';

/** What barrage's own client makes of a room: one connection after another, into an array that keeps each `_id` once. */
export class Collector {
  readonly documents = new Map<string, EventDocument>();
  readonly connections: CountedConnection[] = [];
  readonly gaps: RecordedGap[] = [];
  readonly undecodable: string[] = [];
  readonly #stop = new AbortController();
  readonly #rooms: Promise<void>[] = [];
  readonly #platform: BilibiliPlatform;
  #seq = 0;

  constructor(simulator: Simulator, config: object = {}) {
    setMaxListeners(0, this.#stop.signal);
    const url = simulator.url;
    const bases = { apiUrl: url, liveApiUrl: url, wwwUrl: url, transport: 'ws' };
    const budget = { requestsPerSecond: 1000, requestBurst: 1000 };
    this.#platform = new BilibiliPlatform(
      BilibiliConfig.parse({ ...bases, ...budget, ...config }),
      silentLog,
      systemClock,
    );
  }

  collect(roomId: number): void {
    this.#rooms.push(this.#follow(String(roomId)));
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#rooms);
    await this.#platform.close();
  }

  async #follow(roomId: string): Promise<void> {
    let hole: RecordedGap | undefined;
    for (let attempt = 1; !this.#stop.signal.aborted; attempt++) {
      const connection = await this.#platform.connect({ roomId, attempt }, this.#stop.signal).catch(() => undefined);
      if (!connection) {
        await new Promise((done) => setTimeout(done, 100));
        continue;
      }
      if (hole) hole.to = connection.connectedAt;
      const close = () => void connection.close();
      this.#stop.signal.addEventListener('abort', close);
      await this.#read(roomId, attempt, connection);
      this.#stop.signal.removeEventListener('abort', close);
      hole = { roomId, from: (await connection.closed).coveredUntil };
      this.gaps.push(hole);
    }
  }

  async #read(roomId: string, attempt: number, connection: Connection): Promise<void> {
    const connectionId = `w1.${roomId}x${attempt}`;
    const counts = { accepted: { chat: 0 }, shed: {}, undecodable: 0 };
    this.connections.push({ roomId, counts });
    for await (const frame of connection.frames()) {
      counts.undecodable += frame.undecodable.length;
      this.undecodable.push(...frame.undecodable.map(({ reason }) => reason));
      for (const { key, place, at, ...event } of frame.events) {
        counts.accepted.chat++;
        const _id = key === undefined ? `${connectionId}:${frame.index}.${place}` : `bilibili:${roomId}:${key}`;
        const { live, membership, ...rest } = event;
        if (this.documents.has(_id)) continue;
        const document = {
          ...rest,
          ...(live ? { live: { ...live, ...(live.startedAt ? { startedAt: new Date(live.startedAt) } : {}) } } : {}),
          ...(membership
            ? {
                membership: { ...membership, startsAt: dateOf(membership.startsAt), endsAt: dateOf(membership.endsAt) },
              }
            : {}),
          _id,
          platform: 'bilibili',
          roomId,
          connectionId,
          seq: ++this.#seq,
          at: new Date(at ?? frame.receivedAt),
          atFrom: at === undefined ? 'receiver' : 'platform',
          receivedAt: new Date(frame.receivedAt),
          storedAt: new Date(),
        };
        this.documents.set(_id, EventDocument.parse(document));
      }
    }
  }
}

const dateOf = (ms: number | undefined): Date | undefined => (ms === undefined ? undefined : new Date(ms));
