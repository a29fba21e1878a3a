import { startSimulator, type Simulator } from '../../simulator/simulator.js';
import { barPlotSvg } from '../../plot/bar-plot.js';
import { shown, shownSpread } from '../figures.js';
import { atMost, type Part, type PartOptions, type PartOutcome, told } from '../part.js';
import { spreadOf, type Spread } from '../statistics.js';
import { extentFrom } from '../system/extent.js';
import { LoadedSystem } from '../system/loaded-system.js';
import { type Loadable, loadRounds, type LoadSample, microsecondsOf } from '../system/load-rounds.js';
import { ScriptProcess } from './script-process.js';

const ROOMS = 1_000;
const RATE = 2_700;
const SECONDS = 20;
const ROUNDS = 5;
const WARM_UPS = 2;
const MOST = 1.1;
const DATABASE = 'script';

/** `own`: what collects, which is the worker and Temporal, or the script. */
type Cost = 'worker' | 'temporal' | 'script' | 'mongo';
const COLLECTING: readonly Cost[] = ['worker', 'temporal', 'script'];

export const script: Part = {
  name: 'script',
  about: 'CPU time of a message against the script one would write instead, which promises nothing',
  async *run(options) {
    const extent = extentFrom(options.env);
    const rooms = extent.rooms(ROOMS);
    const system = await LoadedSystem.start({ rooms }, { ...options, report: () => undefined });
    let other: { simulator: Simulator; script?: ScriptProcess } | undefined;
    try {
      options.report(`${rooms} rooms connected within ${(await system.connect(rooms)).toFixed(1)} s`);
      other = { simulator: await startSimulator(platformLike(rooms, options)) };
      other.script = await ScriptProcess.start(
        other.simulator,
        roomIdsOf(other.simulator),
        mongoOf(system),
        options.signal,
      );
      options.report('the rooms of the script are connected');
      const all = [barrage(system), plain(other.simulator, other.script, system)];
      const plan = { rate: RATE, seconds: SECONDS, rounds: ROUNDS, warmUps: WARM_UPS, withIdle: false };
      const samples = await loadRounds(all, plan, options, extent);
      yield await outcomeOf(samples.get('barrage') ?? [], samples.get('script') ?? []);
    } finally {
      await other?.script?.stop();
      await other?.simulator.close();
      await system.stop();
    }
  },
};

/** Sends the same as barrage's own. These clients read an answer by the version in its header. */
const platformLike = (rooms: number, { seed }: PartOptions) => ({
  rooms,
  rate: 0,
  seed,
  replyVersion: 1 as const,
  connectionLimit: 10_000,
  apiPerSecond: 10_000,
  apiBurst: 100_000,
});

const roomIdsOf = ({ rooms }: Simulator): number[] =>
  rooms.filter(({ bar }) => bar === undefined).map(({ face }) => face.roomId);

const mongoOf = ({ system }: LoadedSystem) => ({ uri: system.mongoUri, database: DATABASE });

const barrage = (loaded: LoadedSystem): Loadable<Cost> => ({
  name: 'barrage',
  setRate: (perSecond) => (loaded.rate = perSecond),
  settled: () => loaded.settled(),
  cpuSeconds: async () => {
    const { worker, temporal, mongo } = await loaded.usage();
    const [own, engine, store] = [worker.cpuSeconds, temporal.cpuSeconds, mongo.cpuSeconds];
    return { worker: own, temporal: engine, script: 0, mongo: store };
  },
  messages: () => loaded.simulator.ledger.lastN,
});

/** The worker and Temporal hold their rooms all the while; what that costs is not the script's. */
const plain = (simulator: Simulator, process: ScriptProcess, loaded: LoadedSystem): Loadable<Cost> => ({
  name: 'script',
  setRate: (perSecond) => (simulator.traffic.rate = perSecond),
  settled: () => process.settled(simulator.ledger.connections.reduce((sum, { messages }) => sum + messages, 0)),
  cpuSeconds: async () => ({
    worker: 0,
    temporal: 0,
    script: await process.cpuSeconds(),
    mongo: (await loaded.usage()).mongo.cpuSeconds,
  }),
  messages: () => simulator.ledger.lastN,
});

type Samples = readonly LoadSample<Cost>[];

async function outcomeOf(ours: Samples, theirs: Samples): Promise<PartOutcome> {
  const of = (samples: Samples, roles: readonly Cost[]): Spread => spreadOf(microsecondsOf(samples, roles));
  const collecting = { ours: microsecondsOf(ours, COLLECTING), theirs: microsecondsOf(theirs, COLLECTING) };
  const ratio = spreadOf(collecting.ours.map((cost, round) => cost / (collecting.theirs[round] ?? Infinity)));
  const storing = { ours: of(ours, ['mongo']), theirs: of(theirs, ['mongo']) };
  const unit = 'µs a message';
  const [worker, temporal] = [of(ours, ['worker']), of(ours, ['temporal'])];
  const own = spreadOf(collecting.theirs);
  const bars = [
    { name: 'the script', value: own.median },
    { name: 'barrage’s worker', value: worker.median },
    { name: 'Temporal', value: temporal.median },
    { name: 'MongoDB, for the script', value: storing.theirs.median },
    { name: 'MongoDB, for barrage', value: storing.ours.median },
  ];
  const svg = await barPlotSvg({ title: 'CPU time of a message', value: 'µs', bars });
  return {
    pictures: [{ file: 'script-cpu.svg', svg }],
    rows: [
      atMost('worker and Temporal, of the script', ratio, 'ratio', MOST),
      told('CPU of the worker', worker, unit),
      told('CPU of Temporal', temporal, unit),
      told('CPU of the script', own, unit),
      told('CPU of MongoDB, for barrage', storing.ours, unit),
      told('CPU of MongoDB, for the script', storing.theirs, unit),
    ],
    tables: [
      {
        title: `CPU time, in microseconds a message, at ${shown(RATE)} messages a second; medians of ${ours.length} rounds (least–most)`,
        head: ['', 'worker or script', 'Temporal', 'MongoDB', 'of the script, without MongoDB'],
        body: [
          ['barrage', shownSpread(worker), shownSpread(temporal), shownSpread(storing.ours), shownSpread(ratio)],
          ['script', shownSpread(own), '', shownSpread(storing.theirs), ''],
        ],
      },
    ],
    notes: [
      'The script: `bilibili-live-ws`, a socket a room; seven fields of a chat or a gift, the JSON of other events, nothing of the audience’s figures; ' +
        '`insertMany` every second. The same seed, the same number of rooms, the same MongoDB; in turns, both connected all the time. It writes nothing to ' +
        'a disk of its own, checks nothing, gives no ids, connects never again, and loses what it holds when it ends.',
    ],
  };
}
