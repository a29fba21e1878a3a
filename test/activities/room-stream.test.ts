import { setImmediate as turn } from 'node:timers/promises';
import { expect, it, onTestFinished, vi } from 'vitest';
import { Metrics } from '../../src/activities/metrics.js';
import { RoomStream } from '../../src/activities/room-stream.js';
import { BarrageError } from '../../src/model/errors.js';
import { silentLog } from '../../src/model/log.js';
import type { StreamRequest } from '../../src/model/stream.js';
import type { Connection, Frame } from '../../src/platforms/platform.js';
import { openSpool } from '../../src/spool/open-spool.js';
import type { Spool } from '../../src/spool/spool.js';
import { configOf, newFolder } from '../spool/entries.js';

const CONNECTED_AT = 1_795_000_000_000;
const RECEIVED_AT = CONNECTED_AT + 700;

const frame: Frame = {
  index: 1,
  receivedAt: RECEIVED_AT,
  coveredUntil: RECEIVED_AT,
  bytes: 100,
  audience: {},
  audienceMessages: 0,
  undecodable: [],
  hints: 0,
  events: [{ place: '0', kind: 'chat', text: '主播好' }],
};

/** A connection that gives one frame and stays open until it is closed. */
function quietConnection(given: Frame = frame): Connection {
  let end = (): void => undefined;
  const open = new Promise<void>((resolve) => (end = resolve));
  return {
    endpoint: '127.0.0.1:1',
    connectedAt: CONNECTED_AT,
    async *frames() {
      yield given;
      await open;
    },
    closed: open.then(() => ({ end: 'closed', detail: 'by the test', coveredUntil: RECEIVED_AT })),
    close: async () => end(),
  };
}

const request: StreamRequest = {
  platform: 'bilibili',
  roomId: '1',
  until: 'offline',
  exclude: [],
  offlineGraceMs: 1_000,
  session: { id: 'bilibili:1:1795000000', startedAt: CONNECTED_AT },
};

/** A stream whose spool appends in another way. */
async function streamWith(appendTo: (spool: Spool) => Spool['append'], connection: Connection): Promise<RoomStream> {
  const spool = await openSpool({ config: configOf(await newFolder()) });
  onTestFinished(() => spool.close());
  const append = appendTo(spool);
  const get = (target: Spool, name: string | symbol): unknown =>
    name === 'append' ? append : Reflect.get(target, name);
  const deps = { metrics: new Metrics(), log: silentLog, now: () => RECEIVED_AT + 60_000 };
  return new RoomStream(
    { ...deps, spool: new Proxy(spool, { get }) },
    { request, connection, connectionId: 'w1.a', attempt: 1, taskToken: '', known: {} },
  );
}

it('tells others of no coverage and no event that is not on the disk yet', async () => {
  const held: (() => void)[] = [];
  const stream = await streamWith(
    (spool) => async (entries, progress) => {
      // The opening records pass, the frame waits for its turn at the disk.
      if (entries.some(({ type }) => type === 'event')) await new Promise<void>((resolve) => held.push(resolve));
      return spool.append(entries, progress);
    },
    quietConnection(),
  );
  await vi.waitUntil(() => held.length === 1);
  expect(stream.record.coveredUntil).toBe(RECEIVED_AT);
  expect(stream.durable).toMatchObject({ coveredUntil: CONNECTED_AT, counts: { accepted: {} } });
  held.forEach((go) => go());
  await vi.waitUntil(() => stream.durable?.coveredUntil === RECEIVED_AT);
  expect(stream.durable?.counts?.accepted).toEqual({ chat: 1 });
  stream.stop('cancelled');
  await stream.done;
});

it('is covered only as far as its frames prove, where they may have been waiting', async () => {
  const coveredUntil = RECEIVED_AT - 500;
  const stream = await streamWith((spool) => spool.append.bind(spool), quietConnection({ ...frame, coveredUntil }));
  await vi.waitUntil(() => stream.durable?.coveredUntil === coveredUntil);
  expect(stream.lastFrameAt).toBe(RECEIVED_AT);
  stream.stop('cancelled');
  await stream.done;
});

it('does not wait at its end for what waits for others', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  onTestFinished(() => void vi.useRealTimers());
  const appends: Promise<unknown>[] = [];
  const stream = await streamWith(
    (spool) => (entries, progress) => {
      const given = spool.append(entries, progress);
      appends.push(given);
      return given;
    },
    quietConnection({ ...frame, events: [] }),
  );
  while (appends.length < 2) await turn();
  await stream.opened;
  vi.advanceTimersByTime(500);
  stream.stop('cancelled');
  await Promise.all(appends); // the clock stands still
  let isDone = false;
  void stream.done.then(() => (isDone = true));
  for (; !isDone; await turn()) vi.advanceTimersByTime(1);
});

it('is no connection to others, and not healthy, where the spool refuses its opening', async () => {
  const connection = quietConnection();
  const refused = new BarrageError('SPOOL_FULL', 'The disk is full.');
  const stream = await streamWith(() => () => Promise.reject(refused), connection);
  await expect(stream.done).rejects.toBe(refused);
  await expect(stream.opened).rejects.toBe(refused);
  expect(stream.durable).toBeUndefined();
  expect(stream.isHealthy).toBe(false);
  expect(await connection.closed).toMatchObject({ end: 'closed' });
});
