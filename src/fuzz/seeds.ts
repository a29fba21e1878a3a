/** What is mutated: the simulator's messages of every kind, frames of them, and frames of a folder. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { Ledger } from '../simulator/ledger.js';
import { MESSAGE_TYPES } from '../simulator/messages/types.js';
import { SimulatorOptions } from '../simulator/options.js';
import { encodeFrame, plainPackets } from '../simulator/packets.js';
import { between, drawFrom, pick, type Draw } from '../simulator/random.js';
import { makeRooms } from '../simulator/rooms.js';
import { seedMessage, type SeedMessage } from './mutate-message.js';

/** When all of it happens, in milliseconds since the epoch: fixed, so that a frame can be made again. */
export const NOW = 1_790_000_000_000;

/** A message that holds Protobuf, split around the base64 text. */
interface SeedProtobuf {
  before: string;
  bytes: Buffer;
  after: string;
}

export interface Seeds {
  messages: readonly SeedMessage[];
  protobufs: readonly SeedProtobuf[];
  frames: readonly Buffer[];
}

const PB = /^(.*"pb":")([A-Za-z0-9+/=]+)(".*)$/s;
const EACH_KIND = 6;
const FRAMES = 240;

/** The same numbers and files give the same seeds. @param folder of captures: `*.bin`, and `*.jsonl` whose lines have `b64` */
export function makeSeeds(folder?: string): Seeds {
  const texts = simulatedMessages();
  const draw = drawFrom(7);
  const protobufs = texts.flatMap((text) => {
    const [, before, pb, after] = PB.exec(text) ?? [];
    return before === undefined || pb === undefined || after === undefined
      ? []
      : [{ before, bytes: Buffer.from(pb, 'base64'), after }];
  });
  const frames = Array.from({ length: FRAMES }, () => frameOf(draw, texts));
  return {
    messages: texts.map(seedMessage),
    protobufs,
    frames: folder === undefined ? frames : [...frames, ...capturesIn(folder)],
  };
}

function simulatedMessages(): string[] {
  const rooms = makeRooms(SimulatorOptions.parse({ rooms: 8, seed: 5, maskedShare: 0.5 }), NOW).slice(0, 8);
  const ledger = new Ledger(
    5,
    rooms.map(({ face }) => face),
  );
  const texts: string[] = [];
  for (let round = 0; round < EACH_KIND; round++) {
    for (const [code, { cmd }] of MESSAGE_TYPES.entries()) {
      const room = rooms[round % rooms.length];
      if (!room || cmd.startsWith('(')) continue;
      texts.push(ledger.textOf(ledger.add(code, room.face, NOW - round * 1_000)));
    }
  }
  return texts;
}

function frameOf(draw: Draw, texts: readonly string[]): Buffer {
  const plain = plainPackets(Array.from({ length: between(draw, 1, 4) }, () => pick(draw, texts)));
  return encodeFrame(plain, pick(draw, [0, 0, 2, 3] as const), draw() < 0.2);
}

const Capture = z.looseObject({ b64: z.base64() });

function capturesIn(folder: string): Buffer[] {
  return readdirSync(folder)
    .sort()
    .flatMap((name) => {
      const path = join(folder, name);
      if (name.endsWith('.bin')) return [readFileSync(path)];
      if (!name.endsWith('.jsonl')) return [];
      return readFileSync(path, 'utf8')
        .trim()
        .split('\n')
        .flatMap((line) => {
          const capture = Capture.safeParse(JSON.parse(line));
          return capture.success ? [Buffer.from(capture.data.b64, 'base64')] : [];
        });
    });
}
