import { linePlotSvg } from '../../plot/line-plot.js';
import { shownSpread, thousands } from '../figures.js';
import { atLeast, type Part, type PartOptions, type PartOutcome, type Row, told } from '../part.js';
import { inRounds, medianOf, ratioToBest, type Samples } from '../rounds.js';
import { bilibiliLiveWs, bliveMessageListener, tinyBilibiliWs } from './clients.js';
import { type BodyVersion, burstsOf, type Corpus, makeCorpus, makeTexts, type WireFrame } from './corpus.js';
import { barrage, type Decoder, floor } from './own.js';
import { Blivedm } from './blivedm.js';

const MESSAGES = 2_000;
const BURST_BYTES = 64 * 1024;
const BODIES: readonly BodyVersion[] = [3, 2, 0];
const NAMES: Readonly<Record<BodyVersion, string>> = { 0: 'plain', 2: 'zlib', 3: 'brotli' };
const SIZES = [1, 5, 20];
const ROUNDS = { rounds: 9, warmUps: 3, atLeastMs: 50 };

type Mode = 'frame by frame' | 'in bursts';

/** One shape of traffic, and what everybody made of it. */
interface Cell {
  corpus: Corpus;
  mode: Mode;
  samples: Samples;
  ofFloor: Row;
  rows: Row[];
}

export const decode: Part = {
  name: 'decode',
  about:
    'frames to validated events with their ids, on one thread and in order, against the published clients and the floor',
  run: async (options) => {
    const startsAt = Date.now();
    const texts = makeTexts(options.seed, MESSAGES, startsAt);
    const own = barrage(startsAt);
    const clients = [bilibiliLiveWs(), await tinyBilibiliWs(), await bliveMessageListener()];
    try {
      const corpora = BODIES.flatMap((body) => SIZES.map((size) => makeCorpus(texts, body, size)));
      const cells = await cellsOf(corpora, own, clients, options);
      return await outcomeOf(cells, clients, await blivedmRows(corpora, options));
    } finally {
      for (const client of clients) await client.close();
    }
  },
};

async function cellsOf(
  corpora: readonly Corpus[],
  own: Decoder,
  clients: readonly Decoder[],
  { report, signal }: PartOptions,
): Promise<Cell[]> {
  const cells: Cell[] = [];
  for (const mode of ['frame by frame', 'in bursts'] as const) {
    for (const corpus of corpora) {
      const given = mode === 'in bursts' ? burstsOf(corpus.frames, BURST_BYTES) : corpus.frames.map((frame) => [frame]);
      const contenders = [own, floor, ...clients].map((decoder) => ({
        name: decoder.name,
        run: () => decodeAll(decoder, given, corpus.messages),
      }));
      const samples = await inRounds(contenders, { ...ROUNDS, signal });
      const cell = cellOf(corpus, mode, samples, clients);
      cells.push(cell);
      report(`${cell.ofFloor.name}: ${cell.ofFloor.value.toFixed(2)}`);
    }
  }
  return cells;
}

/** Each is waited for before the next one is given, as by somebody who keeps the order. */
async function decodeAll(
  decoder: Decoder,
  given: readonly (readonly WireFrame[])[],
  messages: number,
): Promise<number> {
  for (const frames of given) {
    const done = decoder.decode(frames);
    if (done !== undefined) await done;
  }
  return messages;
}

function cellOf(corpus: Corpus, mode: Mode, samples: Samples, clients: readonly Decoder[]): Cell {
  const where = `${NAMES[corpus.body]}, ${corpus.messagesAFrame} a frame, ${mode}`;
  const names = clients.map(({ name }) => name);
  const ofFloor = atLeast(
    `${where}: of the floor`,
    ratioToBest(samples, 'barrage', ['floor'], 'perSecond'),
    'ratio',
    0.8,
  );
  const ofClients = ratioToBest(samples, 'barrage', names, 'perSecond');
  const cpuOfClients = ratioToBest(samples, 'barrage', names, 'perCpuSecond');
  const toFastest = `${where}: of the fastest client`;
  return {
    corpus,
    mode,
    samples,
    ofFloor,
    rows: [
      ...['barrage', 'floor', ...names].flatMap((name) => [
        told(`${where}: ${name}`, medianOf(samples, name, 'perSecond'), 'messages/s'),
        told(`${where}: ${name}, a CPU second`, medianOf(samples, name, 'perCpuSecond'), 'messages/s'),
      ]),
      ofFloor,
      mode === 'in bursts'
        ? told(toFastest, ofClients, 'ratio')
        : atLeast(toFastest, ofClients, 'ratio', corpus.body === 0 ? 1.1 : 1.5),
      atLeast(`${where}: of the best client, a CPU second`, cpuOfClients, 'ratio', 1),
    ],
  };
}

async function outcomeOf(
  cells: readonly Cell[],
  clients: readonly Decoder[],
  python: { rows: Row[]; note: string },
): Promise<PartOutcome> {
  const names = ['barrage', 'floor', ...clients.map(({ name }) => name)];
  const [first] = cells;
  const average = first ? Math.round(wholeBytes(cells) / first.corpus.messages) : 0;
  return {
    rows: [...cells.flatMap(({ rows }) => rows), ...python.rows],
    tables: (['frame by frame', 'in bursts'] as const).map((mode) => ({
      title: `Thousands of messages a second, ${mode}; ratios are medians of ${ROUNDS.rounds} rounds (least–most)`,
      head: ['body', 'a frame', ...names, 'of the floor', 'of the fastest client', 'of the best client, by CPU time'],
      body: cells.filter((cell) => cell.mode === mode).map((cell) => lineOf(cell, names)),
    })),
    pictures: await Promise.all(BODIES.map((body) => pictureOf(body, cells, names))),
    notes: [
      `Mixed messages of the simulator, ${average} bytes of JSON on average, half of them chat; ${MESSAGES} different ones. The floor inflates ` +
        'synchronously and parses JSON, nothing else. Clients run behind their sockets, as barrage does.',
      python.note,
    ],
  };
}

const wholeBytes = (cells: readonly Cell[]): number =>
  cells.find(({ corpus }) => corpus.body === 0 && corpus.messagesAFrame === 1)?.corpus.wireBytes ?? 0;

function lineOf({ corpus, samples, rows }: Cell, names: readonly string[]): string[] {
  const ratios = rows.filter(({ unit }) => unit === 'ratio');
  return [
    NAMES[corpus.body],
    String(corpus.messagesAFrame),
    ...names.map((name) => thousands(medianOf(samples, name, 'perSecond'))),
    ...ratios.map(({ value, spread }) =>
      shownSpread({ median: value, min: spread?.min ?? value, max: spread?.max ?? value }),
    ),
  ];
}

async function pictureOf(body: BodyVersion, cells: readonly Cell[], names: readonly string[]) {
  const own = cells.filter(({ corpus, mode }) => corpus.body === body && mode === 'frame by frame');
  const series = names.map((name) => ({
    name,
    points: own.map(({ corpus, samples }) => ({ x: corpus.messagesAFrame, y: medianOf(samples, name, 'perSecond') })),
  }));
  const svg = await linePlotSvg({
    title: `Decoding, ${NAMES[body]} bodies, frame by frame`,
    x: 'messages a frame',
    y: 'messages a second',
    series,
    xScale: 'log',
  });
  return { file: `decode-${NAMES[body]}.svg`, svg };
}

/** The Python client runs in a process of its own, so it is not part of the rounds. */
async function blivedmRows(
  corpora: readonly Corpus[],
  { signal }: PartOptions,
): Promise<{ rows: Row[]; note: string }> {
  const blivedm = await Blivedm.find();
  if (blivedm === undefined) return { rows: [], note: 'blivedm (Python) is not installed, so it was not measured.' };
  const rows: Row[] = [];
  for (const corpus of corpora) {
    const { perSecond, perCpuSecond } = await blivedm.measure(corpus.frames, signal);
    const where = `${NAMES[corpus.body]}, ${corpus.messagesAFrame} a frame, frame by frame: blivedm`;
    rows.push(told(where, perSecond, 'messages/s'), told(`${where}, a CPU second`, perCpuSecond, 'messages/s'));
  }
  return { rows, note: `blivedm ${blivedm.version} ran in a Python process of its own, after the rounds.` };
}
