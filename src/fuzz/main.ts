import { statSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { parseOptions, runProgram, say, tell } from '../program/program.js';
import { runFuzz, type FuzzResult } from './run-fuzz.js';

const USAGE = `Usage: npm run fuzz -- [options]

Feeds the decoder of Bilibili's chat with mutated frames and checks what comes out: nothing is thrown, nothing that came is left
out or counted twice, good messages survive beside bad ones, every event is as the schema has it and fits into spool and MongoDB,
time and memory are bounded. One frame in 16 is also decoded again, cut into pieces, packet by packet, and taken through JSON and
BSON. A frame is made of the seed and its number alone.

  --frames N        how many (default 200,000; the long run is 10,000,000)
  --seed S          default: the time; printed
  --from N          the number of the first one (default 0); with --frames 1 it repeats a finding
  --frame-ms N      what decoding one may take (default 1000); the best of four tries counts
  --heap-mb N       what decoding and checking may hold in memory (default 128)
  --captures DIR    *.bin, and *.jsonl whose lines have "b64": mutated, too
  --findings DIR    where frames go of which something does not hold (default .barrage/fuzz); move them to test/corpus
  --json            the last line on standard output is one JSON object
  --help

Exit code: 0 where all held, 1 where something did not or the run was interrupted, 2 for a wrong command line.`;

const whole = (min: number, max: number, usual: number) => z.coerce.number().int().min(min).max(max).default(usual);
const Options = z.object({
  frames: whole(1, 1_000_000_000, 200_000),
  seed: z.coerce.number().int().min(0).max(4_294_967_295).optional(),
  from: whole(0, 4_000_000_000, 0),
  'frame-ms': whole(1, 600_000, 1_000),
  'heap-mb': whole(48, 16_384, 128),
  captures: z
    .string()
    .refine((folder) => statSync(folder, { throwIfNoEntry: false })?.isDirectory(), 'a folder with captures is wanted.')
    .optional(),
  findings: z.string().default('.barrage/fuzz'),
  json: z.boolean().default(false),
  help: z.boolean().default(false),
});
type Options = z.output<typeof Options>;

function commandLine(): { options: Options } {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const { values } = parseArgs({
    options: {
      frames: text,
      seed: text,
      from: text,
      'frame-ms': text,
      'heap-mb': text,
      captures: text,
      findings: text,
      json: flag,
      help: flag,
    },
  });
  return { options: parseOptions(Options, values) };
}

function sum(result: FuzzResult): string {
  const {
    frames,
    events,
    undecodable,
    again,
    seconds,
    framesPerSecond,
    slowestMs,
    slowestFrame,
    peakHeapMb,
    peakBuffersMb,
  } = result;
  return [
    `${frames} frames in ${seconds} s (${framesPerSecond}/s): ${events} events, ${undecodable} undecodable; ${again} decoded in every way`,
    `slowest ${slowestMs} ms (frame ${slowestFrame}); at most ${peakHeapMb} MiB of heap and ${peakBuffersMb} MiB of buffers`,
    ...result.findings.map(({ frame, origin, what, file }) => `FINDING frame ${frame} (${origin}): ${what}\n  ${file}`),
  ].join('\n');
}

async function fuzz({ options }: { options: Options }, signal: AbortSignal): Promise<number> {
  const {
    seed = Date.now() % 1_000_000,
    from,
    frames,
    findings,
    captures: folder,
    'frame-ms': frameMs,
    'heap-mb': heapMb,
  } = options;
  tell(`Seed ${seed}, frames ${from} to ${from + frames - 1}.`);
  const result = await runFuzz({
    seed,
    from,
    frames,
    frameMs,
    heapMb,
    folder,
    findings,
    report: tell,
    signal,
  });
  say(sum(result));
  say(result.ok ? `All held (seed ${seed}).` : `NOT all held (seed ${seed}).`);
  if (options.json) say(JSON.stringify(result));
  return result.ok ? 0 : 1;
}

process.exitCode = await runProgram(USAGE, commandLine, fuzz);
