import { expect, it, onTestFinished, vi } from 'vitest';
import { Metrics } from '../../src/activities/metrics.js';
import { RoomStream } from '../../src/activities/room-stream.js';
import { silentLog } from '../../src/model/log.js';
import type { Connection, Frame } from '../../src/platforms/platform.js';
import { openSpool } from '../../src/spool/open-spool.js';
import type { Spool } from '../../src/spool/spool.js';
import { configOf, newFolder } from '../spool/entries.js';

const CONNECTED_AT = 1_795_000_000_000;
const RECEIVED_AT = CONNECTED_AT + 700;

const frame: Frame = {
  index: 1,
  receivedAt: RECEIVED_AT,
  bytes: 100,
  audience: {},
  audienceMessages: 0,
  undecodable: [],
  hints: 0,
  events: [{ place: '0', kind: 'chat', text: '主播好' }],
};

/** A connection that gives one frame and stays open until it is closed. */
function quietConnection(): Connection {
  let end = (): void => undefined;
  const open = new Promise<void>((resolve) => (end = resolve));
  return {
    endpoint: '127.0.0.1:1',
    connectedAt: CONNECTED_AT,
    async *frames() {
      yield frame;
      await open;
    },
    closed: open.then(() => ({ end: 'closed', detail: 'by the test', coveredUntil: RECEIVED_AT })),
    close: async () => end(),
  };
}

it('tells others of no coverage and no event that is not on the disk yet', async () => {
  const spool = await openSpool({ config: configOf(await newFolder()) });
  onTestFinished(() => spool.close());
  const held: (() => void)[] = [];
  const append = vi.fn<Spool['append']>(async (entries, progress) => {
    // The opening records pass, the frame waits for its turn at the disk.
    if (entries.some(({ type }) => type === 'event')) await new Promise<void>((resolve) => held.push(resolve));
    return spool.append(entries, progress);
  });
  const deps = { metrics: new Metrics(), log: silentLog, now: () => RECEIVED_AT };
  const stream = new RoomStream(
    {
      ...deps,
      spool: new Proxy(spool, { get: (target, name) => (name === 'append' ? append : Reflect.get(target, name)) }),
    },
    {
      request: {
        platform: 'bilibili',
        roomId: '1',
        until: 'offline',
        exclude: [],
        offlineGraceMs: 1_000,
        session: { id: 'bilibili:1:1795000000', startedAt: CONNECTED_AT },
      },
      connection: quietConnection(),
      connectionId: 'w1.a',
      attempt: 1,
      taskToken: '',
      known: {},
    },
  );
  await vi.waitUntil(() => held.length === 1);
  expect(stream.record.coveredUntil).toBe(RECEIVED_AT);
  expect(stream.durable).toMatchObject({ coveredUntil: CONNECTED_AT, counts: { accepted: {} } });
  held.forEach((go) => go());
  await vi.waitUntil(() => stream.durable.coveredUntil === RECEIVED_AT);
  expect(stream.durable.counts?.accepted).toEqual({ chat: 1 });
  stream.stop('cancelled');
  await stream.done;
});
