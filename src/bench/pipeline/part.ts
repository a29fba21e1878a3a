import { barPlotSvg } from '../../plot/bar-plot.js';
import { shown } from '../figures.js';
import { atLeast, atMost, type Part, type PartOptions, type Picture, type Row, type Table, told } from '../part.js';
import { extentFrom } from '../system/extent.js';
import { ROLES } from '../system/loaded-system.js';
import { stolenRows } from '../system/stolen-time.js';
import { type Phase, type PhaseFigures, runPhase } from './phase.js';

const ROOMS = 1_000;
/** 230 million messages a day. */
const AVERAGE = 2_700;
/** By then V8 has collected what the start of a thousand rooms left behind, which takes most of two cores for some seconds. */
const WARM_UP = { rate: AVERAGE, seconds: 60 };
/** A little less than asked for is what random traffic comes to. */
const ENOUGH = 0.97;

interface Promised extends Phase {
  rowsOf: (figures: PhaseFigures) => Row[];
}

const PHASES: readonly Promised[] = [
  {
    name: '2,700/s',
    rooms: ROOMS,
    rate: AVERAGE,
    seconds: 60,
    warmUp: WARM_UP,
    rowsOf: (figures) => [
      reached(figures),
      atMost('2,700/s: sent → stored p50', lagOf(figures, 'p50Ms'), 'ms', 80),
      atMost('2,700/s: sent → stored p99', lagOf(figures, 'p99Ms'), 'ms', 300),
    ],
  },
  {
    name: '8,000/s',
    rooms: ROOMS,
    rate: 8_000,
    seconds: 60,
    warmUp: WARM_UP,
    rowsOf: (figures) => [reached(figures), atMost('8,000/s: sent → stored p99', lagOf(figures, 'p99Ms'), 'ms', 800)],
  },
  {
    name: '10,000/s',
    rooms: ROOMS,
    rate: 10_000,
    seconds: 30,
    warmUp: WARM_UP,
    rowsOf: (figures) => [
      told('10,000/s: sent', figures.messagesPerSecond, 'messages/s'),
      told('10,000/s: sent → stored p99', lagOf(figures, 'p99Ms'), 'ms'),
    ],
  },
  {
    name: '27,000/s for 10 s',
    rooms: ROOMS,
    rate: 27_000,
    seconds: 10,
    warmUp: WARM_UP,
    rowsOf: (figures) => [
      reached(figures),
      told('27,000/s for 10 s: in the spool at its end', figures.acceptedShare, 'ratio'),
      told('27,000/s for 10 s: all in the spool, after its end', figures.acceptedAfterSeconds, 's'),
      told('27,000/s for 10 s: all in MongoDB, after its end', figures.drainedAfterSeconds, 's'),
      told('27,000/s for 10 s: deepest spool', figures.deepestSpool, 'entries'),
    ],
  },
];

export const pipeline: Part = {
  name: 'pipeline',
  about: 'simulator → sockets → decode → spool → MongoDB, under real workflows, everything on this machine',
  async *run(options) {
    const extent = extentFrom(options.env);
    const all: PhaseFigures[] = [];
    for (const { rowsOf, ...phase } of PHASES) {
      const { seconds, rooms, warmUp } = phase;
      const figures = await runPhase(
        {
          ...phase,
          seconds: extent.seconds(seconds),
          rooms: extent.rooms(rooms),
          warmUp: { ...warmUp, seconds: extent.seconds(warmUp.seconds) },
        },
        options,
      );
      tellOf(figures, options);
      all.push(figures);
      yield {
        rows: [...rowsOf(figures), ...alwaysOf(figures)],
        tables: [delaysOf(figures), costsOf(figures)],
        notes: [NOTE],
      };
    }
    yield { rows: [], pictures: [await delaysPicture(all)] };
  },
};

const NOTE =
  'Each load is on a system of its own: Temporal, MongoDB, one worker process and the simulator share the machine. Delays are of chat, gifts, ' +
  'super chats and memberships, from handing a frame to the socket until MongoDB had acknowledged it, after a warm-up of a minute.';

const reached = ({ phase: { name, rate }, messagesPerSecond }: PhaseFigures): Row =>
  atLeast(`${name}: sent`, messagesPerSecond, 'messages/s', Math.round(rate * ENOUGH));

const lagOf = ({ verdict }: PhaseFigures, which: 'p50Ms' | 'p99Ms' | 'maxMs'): number => verdict.lag[which] ?? Infinity;

/** What is promised of each load, whatever it is; and what it cost. */
function alwaysOf(figures: PhaseFigures): Row[] {
  const { verdict, cpuSeconds, waitedShare, stolenConnecting, stolenShare, events, messages } = figures;
  const { name } = figures.phase;
  const { lost, shed, duplicates, mismatched, invented, reconnects, ...missing } = verdict.reconciliation;
  const excused = missing.missingInGaps + missing.missingInCutFrames + missing.missingAtClose;
  return [
    atMost(`${name}: lost`, lost, 'events', 0),
    atMost(`${name}: missing in gaps, in cut frames or at the close`, excused, 'events', 0),
    atMost(`${name}: shed`, shed, 'events', 0),
    atMost(`${name}: stored twice, wrong or never sent`, duplicates + mismatched + invented, 'events', 0),
    atMost(`${name}: reconnects`, reconnects, 'connections', 0),
    told(`${name}: sent → stored, longest`, verdict.lag.maxMs ?? Infinity, 'ms'),
    atMost(`${name}: events without an acknowledgement`, verdict.lag.unacknowledged, 'events', 0),
    told(`${name}: the worker’s main thread ready to run, without a processor`, waitedShare, 'ratio'),
    ...stolenRows(`${name}: `, 'while connecting', stolenConnecting),
    ...stolenRows(`${name}: `, 'during the load', stolenShare),
    told(`${name}: events of a message`, events / Math.max(1, messages), 'ratio'),
    ...ROLES.map((role) => told(`${name}: CPU of ${NAMES[role]} an event`, perEvent(cpuSeconds[role], events), 'µs')),
  ];
}

const NAMES = { worker: 'the worker', temporal: 'Temporal', mongo: 'MongoDB', platform: 'the simulator' } as const;

const perEvent = (cpuSeconds: number, events: number): number => (cpuSeconds * 1e6) / Math.max(1, events);

function tellOf({ phase, messagesPerSecond, verdict }: PhaseFigures, { report }: PartOptions): void {
  const { p50Ms = Infinity, p99Ms = Infinity } = verdict.lag;
  report(
    `${phase.name}: ${Math.round(messagesPerSecond)} messages/s, p50 ${Math.round(p50Ms)} ms, p99 ${Math.round(p99Ms)} ms, ` +
      `lost ${verdict.reconciliation.lost}`,
  );
}

const delaysOf = (figures: PhaseFigures): Table => ({
  title: 'Loads; delays from sending to MongoDB’s acknowledgement',
  head: [
    'load',
    'messages/s',
    'events/s',
    'p50 ms',
    'p99 ms',
    'longest ms',
    'connected within s',
    'deepest spool',
    'drained after s',
    'lost',
    'shed',
  ],
  body: [
    [
      figures.phase.name,
      shown(figures.messagesPerSecond),
      shown(figures.events / figures.phase.seconds),
      ...(['p50Ms', 'p99Ms', 'maxMs'] as const).map((which) => shown(lagOf(figures, which))),
      shown(figures.connectSeconds),
      shown(figures.deepestSpool),
      shown(figures.drainedAfterSeconds),
      shown(figures.verdict.reconciliation.lost),
      shown(figures.verdict.reconciliation.shed),
    ],
  ],
});

async function delaysPicture(all: readonly PhaseFigures[]): Promise<Picture> {
  const bars = all.flatMap((figures) =>
    (['p50Ms', 'p99Ms', 'maxMs'] as const).map((which) => ({
      name: `${figures.phase.name}, ${DELAYS[which]}`,
      value: lagOf(figures, which),
    })),
  );
  const title = 'From sending to MongoDB’s acknowledgement';
  return { file: 'pipeline-delays.svg', svg: await barPlotSvg({ title, value: 'ms', bars, scale: 'log' }) };
}

const DELAYS = { p50Ms: 'half within', p99Ms: '99 of 100 within', maxMs: 'all within' } as const;

const costsOf = ({ phase, cpuSeconds, events, waitedShare, stolenShare }: PhaseFigures): Table => ({
  title:
    'CPU time, in microseconds an event, until everything was stored; for how much of the load the worker’s main thread was ready to run without a processor; and what the machine’s host took away of the processors',
  head: ['load', ...ROLES.map((role) => NAMES[role]), 'without a processor, %', 'taken away, %'],
  body: [
    [
      phase.name,
      ...ROLES.map((role) => shown(perEvent(cpuSeconds[role], events))),
      shown(waitedShare * 100),
      stolenShare === undefined ? '' : shown(stolenShare * 100),
    ],
  ],
});
