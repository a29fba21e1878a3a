import { abortable } from '../../model/abortable.js';
import { DeadlineError, withDeadline } from '../../platforms/deadline.js';
import { linePlotSvg } from '../../plot/line-plot.js';
import { shown, shownSpread, thousands } from '../figures.js';
import { atLeast, type Part, type PartOptions, type PartOutcome, type Row, told } from '../part.js';
import { inRounds, medianOf, ratioToBest, type Samples } from '../rounds.js';
import { bilibiliLiveWs, bliveMessageListener, tinyBilibiliWs } from './clients.js';
import { NOON } from '../sample-events.js';
import { checkDecoded } from './check.js';
import { type BodyVersion, burstsOf, type Corpus, makeCorpus, makeMessages, type WireFrame } from './corpus.js';
import { barrage, type Decoder, floor } from './own.js';
import { Blivedm } from './blivedm.js';

const MESSAGES = 2_000;
const DECODED_WITHIN_MS = 30_000;
const BURST_BYTES = 64 * 1024;
const BODIES: readonly BodyVersion[] = [3, 2, 0];
const NAMES: Readonly<Record<BodyVersion, string>> = { 0: 'plain', 2: 'zlib', 3: 'brotli' };
const SIZES = [1, 5, 20];
const ROUNDS = { rounds: 9, warmUps: 3, atLeastMs: 50 };

type Mode = 'frame by frame' | 'in bursts';

/** One shape of traffic, and what everybody made of it. */
interface Cell {
  corpus: Corpus;
  samples: Samples;
  ofFloor: Row;
  rows: Row[];
}

export const decode: Part = {
  name: 'decode',
  about:
    'frames to validated events with their ids, on one thread and in order, against the published clients and the floor',
  async *run(options) {
    const { texts, ledger } = makeMessages(options.seed, MESSAGES, NOON);
    const corpora = BODIES.flatMap((body) => SIZES.map((size) => makeCorpus(texts, body, size)));
    for (const corpus of corpora) checkDecoded(corpus, ledger);
    const clients = [bilibiliLiveWs(), await tinyBilibiliWs(), await bliveMessageListener()];
    try {
      for (const mode of ['frame by frame', 'in bursts'] as const) {
        const cells = await cellsOf(mode, corpora, [barrage(NOON), floor, ...clients], options);
        yield { ...(await outcomeOf(mode, cells)), notes: [noteOf(texts)] };
      }
    } finally {
      for (const client of clients) await client.close();
    }
    yield await blivedmRows(corpora, options);
  },
};

async function cellsOf(
  mode: Mode,
  corpora: readonly Corpus[],
  decoders: readonly Decoder[],
  { report, signal }: PartOptions,
): Promise<Cell[]> {
  const cells: Cell[] = [];
  for (const corpus of corpora) {
    const given = mode === 'in bursts' ? burstsOf(corpus.frames, BURST_BYTES) : corpus.frames.map((frame) => [frame]);
    const contenders = decoders.map((decoder) => ({
      name: decoder.name,
      run: () => decodeInTime(decoder, given, corpus.messages, signal),
    }));
    const cell = cellOf(corpus, mode, await inRounds(contenders, { ...ROUNDS, signal }));
    cells.push(cell);
    report(`${cell.ofFloor.name}: ${cell.ofFloor.value.toFixed(2)}`);
  }
  return cells;
}

/** Each is waited for before the next one is given, as by somebody who keeps the order. */
async function decodeAll(decoder: Decoder, given: readonly (readonly WireFrame[])[]): Promise<void> {
  for (const frames of given) {
    const done = decoder.decode(frames);
    if (done !== undefined) await done;
  }
}

/** As `decodeAll`; throws where a client that swallowed an error would be waited for in vain. Gives the number of messages. */
async function decodeInTime(
  decoder: Decoder,
  given: readonly (readonly WireFrame[])[],
  messages: number,
  signal: AbortSignal,
): Promise<number> {
  try {
    await withDeadline(DECODED_WITHIN_MS, signal, (within) => abortable(decodeAll(decoder, given), within));
  } catch (error) {
    throw error instanceof DeadlineError ? new Error(`${decoder.name} did not tell of every message`) : error;
  }
  return messages;
}

function cellOf(corpus: Corpus, mode: Mode, samples: Samples): Cell {
  const where = `${NAMES[corpus.body]}, ${corpus.messagesAFrame} a frame, ${mode}`;
  const names = [...samples.keys()].filter((name) => name !== 'barrage' && name !== 'floor');
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

async function outcomeOf(mode: Mode, cells: readonly Cell[]): Promise<PartOutcome> {
  const names = [...(cells[0]?.samples.keys() ?? [])];
  return {
    rows: cells.flatMap(({ rows }) => rows),
    tables: [
      {
        title: `Thousands of messages a second, ${mode}; ratios are medians of ${ROUNDS.rounds} rounds (least–most)`,
        head: ['body', 'a frame', ...names, 'of the floor', 'of the fastest client', 'of the best client, by CPU time'],
        body: cells.map((cell) => lineOf(cell, names)),
      },
    ],
    pictures: await Promise.all(BODIES.map((body) => pictureOf(mode, body, cells, names))),
  };
}

function noteOf(texts: readonly string[]): string {
  const average = (some: readonly string[]): string =>
    shown(some.reduce((sum, text) => sum + Buffer.byteLength(text), 0) / Math.max(1, some.length));
  const of = (cmd: string): string => average(texts.filter((text) => text.includes(`"cmd":"${cmd}"`)));
  return (
    `Mixed messages of the simulator, ${MESSAGES} different ones, ${average(texts)} bytes of JSON on average, with the sizes of captures: a chat ${of('DANMU_MSG')}, ` +
    `a gift ${of('SEND_GIFT')} (in protobuf ${of('SEND_GIFT_V2')}), a super chat ${of('SUPER_CHAT_MESSAGE')}. What barrage makes of each corpus was ` +
    'compared with what was sent, in order, before anything was timed. The floor inflates synchronously and parses JSON, nothing else. Clients run behind ' +
    'their sockets, as barrage does.'
  );
}

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

async function pictureOf(mode: Mode, body: BodyVersion, cells: readonly Cell[], names: readonly string[]) {
  const own = cells.filter(({ corpus }) => corpus.body === body);
  const series = names.map((name) => ({
    name,
    points: own.map(({ corpus, samples }) => ({ x: corpus.messagesAFrame, y: medianOf(samples, name, 'perSecond') })),
  }));
  const svg = await linePlotSvg({
    title: `Decoding, ${NAMES[body]} bodies, ${mode}`,
    x: 'messages a frame',
    y: 'messages a second',
    series,
    xScale: 'log',
  });
  return { file: `decode-${NAMES[body]}-${mode.replaceAll(' ', '-')}.svg`, svg };
}

/** The Python client runs in a process of its own, so it is not part of the rounds. */
async function blivedmRows(corpora: readonly Corpus[], { signal }: PartOptions): Promise<PartOutcome> {
  const blivedm = await Blivedm.find();
  if (blivedm === undefined) return { rows: [], notes: ['blivedm (Python) is not installed, so it was not measured.'] };
  const rows: Row[] = [];
  for (const corpus of corpora) {
    const { perSecond, perCpuSecond } = await blivedm.measure(corpus.frames, signal);
    const where = `${NAMES[corpus.body]}, ${corpus.messagesAFrame} a frame, frame by frame: blivedm`;
    rows.push(told(where, perSecond, 'messages/s'), told(`${where}, a CPU second`, perCpuSecond, 'messages/s'));
  }
  return { rows, notes: [`blivedm ${blivedm.version} ran in a Python process of its own, after the rounds.`] };
}
