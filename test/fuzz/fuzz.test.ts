import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { complaintAbout } from '../../src/fuzz/check-frame.js';
import { emptyTally, fuzzFrames, type Finding } from '../../src/fuzz/fuzz-frames.js';
import { makeFrame } from '../../src/fuzz/make-frame.js';
import { makeSeeds } from '../../src/fuzz/seeds.js';
import { decodeFrame } from '../../src/platforms/bilibili/decode-frame.js';

const MAIN = join(import.meta.dirname, '../../dist/fuzz/main.js'); // `npm test` builds first
const seeds = makeSeeds();

describe('the decoder under mutated frames', () => {
  it('keeps every promise, 10,000 times (npm run fuzz asks more often)', () => {
    const tally = emptyTally();
    const findings: Finding[] = [];
    fuzzFrames({
      seeds,
      seed: 20_260_901,
      from: 0,
      to: 10_000,
      frameMs: 2_000,
      tally,
      found: (finding) => findings.push(finding),
    });
    expect(findings).toEqual([]);
    expect(tally).toMatchObject({ frames: 10_000, again: 625 });
    // Frames that all come to nothing would show nothing.
    expect(tally.events).toBeGreaterThan(5_000);
    expect(tally.undecodable).toBeGreaterThan(2_000);
  });
});

describe('the fuzzer', () => {
  it('makes the same frame of the same seed and number', () => {
    const others = makeSeeds();
    for (let n = 0; n < 300; n++) expect(makeFrame(others, 5, n)).toEqual(makeFrame(seeds, 5, n));
    expect(makeFrame(seeds, 6, 1).bytes).not.toEqual(makeFrame(seeds, 5, 1).bytes);
  });

  it('finds what is wrong with a result', () => {
    const chat = decodeFrame(makeFrame(seeds, 1, firstWith(3)).bytes);
    const frame = { origin: '', bytes: Buffer.alloc(0), messages: 3, keys: ['chat:before', 'chat:after'] };
    const [first] = chat.events;
    if (!first) throw new Error('no event');
    expect(complaintAbout(frame, chat)).toBeUndefined();
    expect(complaintAbout({ ...frame, messages: 4 }, chat)).toBe('3 of 4 messages are counted');
    expect(complaintAbout({ ...frame, keys: ['chat:x'] }, chat)).toContain('chat:x beside it is lost');
    const wrong = (change: object) => complaintAbout({ origin: '', bytes: frame.bytes }, { ...chat, ...change });
    expect(wrong({ events: [first, first] })).toBe('two things at one place');
    expect(wrong({ events: [{ ...first, text: 5 }] })).toContain('not as our schema has it');
    expect(wrong({ events: [{ ...first, color: Number.NaN }] })).toContain('not as our schema has it');
    expect(wrong({ events: [{ ...first, text: 'x\ud83d' }] })).toBe('half a surrogate pair');
    expect(wrong({ events: [{ ...first, text: '\\ud83d\\\\ud83d😀' }] })).toBeUndefined();
    expect(wrong({ audience: { likes: Number.POSITIVE_INFINITY } })).toContain('numbers that are none');
  });

  it('says as one JSON object, last, what it did', () => {
    const output = execFileSync(process.execPath, [MAIN, '--frames', '600', '--seed', '1', '--json'], {
      encoding: 'utf8',
    });
    const last: unknown = JSON.parse(output.trim().split('\n').at(-1) ?? '');
    expect(last).toMatchObject({ ok: true, seed: 1, frames: 600, findings: [], again: 38 });
  });

  it('is not ok when a frame may take no time, and leaves each such frame in a file', () => {
    const folder = mkdtempSync(join(tmpdir(), 'barrage-fuzz-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const heavy = [
      '--from',
      '39999',
      '--frames',
      '1',
      '--frame-ms',
      '1',
      '--seed',
      '6',
      '--findings',
      folder,
      '--json',
    ];
    const run = () => execFileSync(process.execPath, [MAIN, ...heavy], { encoding: 'utf8', stdio: 'pipe' });
    expect(run).toThrow(expect.objectContaining({ status: 1, stdout: expect.stringContaining('frame-39999.bin') }));
  });

  it('says at once that a folder with captures is not there', () => {
    const run = () =>
      execFileSync(process.execPath, [MAIN, '--captures', '/nowhere'], { encoding: 'utf8', stdio: 'pipe' });
    const stderr = expect.stringContaining('--captures: a folder with captures is wanted.');
    expect(run).toThrow(expect.objectContaining({ status: 2, stderr }));
  });

  it('ends when it is interrupted, and says that it is not through', async () => {
    const child = spawn(process.execPath, [MAIN, '--frames', '100000000', '--json'], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.once('data', () => child.kill('SIGINT')); // now it listens
    const [code] = await once(child, 'close');
    expect(code).toBe(1);
    expect(JSON.parse(output.trim().split('\n').at(-1) ?? '')).toMatchObject({ ok: false, findings: [] });
  });
});

/** The number of the first frame that holds so many messages, and is not packed. */
function firstWith(messages: number): number {
  for (let n = 0; ; n++) if (makeFrame(seeds, 1, n).messages === messages) return n;
}
