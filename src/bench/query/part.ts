import { barPlotSvg } from '../../plot/bar-plot.js';
import type { Engine } from '../../engines/engine.js';
import { completeness } from '../../model/completeness.js';
import type { MongoStore } from '../../store/open-store.js';
import { type BenchStore, withServer, withStore } from '../embedded-store.js';
import { atMost, type Part, type PartOptions, type PartOutcome, type Row, told } from '../part.js';
import { type Spread, spreadOf } from '../statistics.js';
import { DAY, ENDS_AT, HISTORY, indexesOf, roomIdOf, writeHistory } from './history.js';

const TIMES = 9;
const SCREEN_MS = 100;
const DAY_MS = 86_400_000;
/** An answer about events takes FerretDB longer than a person would wait; it is measured all the same. */
const READ_TIMEOUT_MS = 300_000;
const ROOM = 7;
const KEY = `bilibili:${roomIdOf(ROOM)}`;
const SINCE = new Date(ENDS_AT - DAY_MS);
/** As many as `barrage room show` weighs, and `barrage status` adds up. */
const MOST = 10_000;

interface Question {
  name: string;
  /** `screen`: shown by a command, from records; `events`: an analyst's, which needs an index. */
  of: 'screen' | 'events';
  ask(store: MongoStore, signal: AbortSignal): Promise<unknown>;
}

const QUESTIONS: readonly Question[] = [
  {
    name: 'the last batches, and totals an hour of a day (batches)',
    of: 'screen',
    ask: ({ records }, signal) => records.recentBatches(SINCE, 5, signal),
  },
  {
    name: 'the holes of a day, all rooms (gaps)',
    of: 'screen',
    ask: ({ records }, signal) => records.recentGaps(SINCE, MOST, signal),
  },
  { name: 'completeness of a room (sessions, connections, gaps)', of: 'screen', ask: weighRoom },
  { name: 'barrage status, its two questions at once', of: 'screen', ask: statusQuestions },
  {
    name: "a room's last 100 chats (events)",
    of: 'events',
    ask: ({ events }, signal) => events.lastChats(KEY, 100, signal),
  },
  { name: "a room's day (events)", of: 'events', ask: readDay },
];

async function weighRoom({ records }: MongoStore, signal: AbortSignal): Promise<unknown> {
  const { sessions, connections, gaps } = await records.roomOverview(KEY, MOST, signal);
  return sessions.map((session) => completeness(session, connections, gaps, new Date(ENDS_AT)));
}

function statusQuestions({ records }: MongoStore, signal: AbortSignal): Promise<unknown> {
  return Promise.all([records.recentBatches(SINCE, 5, signal), records.recentGaps(SINCE, MOST, signal)]);
}

async function readDay({ events }: MongoStore, signal: AbortSignal): Promise<number> {
  let count = 0;
  for await (const event of events.eventsOfDay(KEY, DAY, signal)) count += event._id === '' ? 0 : 1;
  return count;
}

export const query: Part = {
  name: 'query',
  about: `what an operator and an analyst ask, of a month of ${HISTORY.rooms.toLocaleString('en')} rooms with ${HISTORY.events.toLocaleString('en')} events on its last day`,
  async *run(options) {
    yield await measureOn(undefined, options);
    const named = options.env[NAMED];
    yield named === undefined
      ? { rows: [], notes: [`What needs an index is measured on a real MongoDB, too, where ${NAMED} names one.`] }
      : await measureOn(named, options);
  },
};

/** The URI of a server of one's own; a database is made in it, and dropped. */
const NAMED = 'BENCH_MONGODB_URI';

const measureOn = (named: string | undefined, options: PartOptions): Promise<PartOutcome> =>
  withServer(options, named, (engine) =>
    withStore(engine, { readTimeoutMs: READ_TIMEOUT_MS, writeTimeoutMs: 60_000 }, options.signal, async (bench) => {
      await writeHistory(bench, options.seed, options.report, options.signal);
      return measure(engine, bench, options);
    }),
  );

async function measure(engine: Engine, bench: BenchStore, { report, signal }: PartOptions): Promise<PartOutcome> {
  const hasIndexes = engine.name !== 'FerretDB';
  const rows: Row[] = [];
  const bars: { name: string; value: number }[] = [];
  for (const question of QUESTIONS) {
    const { name, of } = question;
    const times = of === 'events' && !hasIndexes ? 1 : TIMES;
    const tookMs = await timeOf(() => question.ask(bench.store, signal), times);
    const label = `${engine.name}: ${name}`;
    rows.push(of === 'screen' || hasIndexes ? atMost(label, tookMs, 'ms', SCREEN_MS) : told(label, tookMs, 'ms'));
    bars.push({ name, value: tookMs.median });
    report(`${label}: ${Math.round(tookMs.median)} ms`);
  }
  return {
    rows,
    pictures: [
      {
        file: `query-${engine.name.toLowerCase()}.svg`,
        svg: await barPlotSvg({
          title: `Questions to ${engine.name}`,
          value: 'milliseconds (median)',
          bars,
          scale: 'log',
        }),
      },
    ],
    notes: [await indexNote(engine, bench, hasIndexes)],
  };
}

async function timeOf(ask: () => Promise<unknown>, times: number): Promise<Spread> {
  if (times > 1) await ask(); // connections, caches, the compiler
  const tookMs: number[] = [];
  for (let n = 0; n < times; n += 1) {
    const startedAt = performance.now();
    await ask();
    tookMs.push(performance.now() - startedAt);
  }
  return spreadOf(tookMs);
}

async function indexNote(engine: Engine, { client, database }: BenchStore, hasIndexes: boolean): Promise<string> {
  if (!hasIndexes) {
    return (
      `Events have no index on ${engine.name} ${engine.version}: questions about them need a real MongoDB as soon as there are many; their time here grows ` +
      'with all events of the days that are asked about.'
    );
  }
  const own = { platform: 'bilibili', roomId: roomIdOf(ROOM) };
  const used = [
    `last chats: ${(await indexesOf(client, database, `events_${DAY}`, { ...own, kind: 'chat' }, { at: -1 })).join(', ')}`,
    `a room's day: ${(await indexesOf(client, database, `events_${DAY}`, own, { at: 1 })).join(', ')}`,
    `totals an hour: ${(await indexesOf(client, database, 'batches', { startedAt: { $gte: SINCE } }, { startedAt: -1 })).join(', ')}`,
    `connections: ${(await indexesOf(client, database, 'connections', own, { connectedAt: -1 })).join(', ')}`,
  ];
  return `${engine.name} ${engine.version} explains which index it uses: ${used.join('; ')}.`;
}
