import fc from 'fast-check';
import { PassThrough } from 'node:stream';
import type { WriteStream } from 'node:tty';
import { describe, expect, it } from 'vitest';
import { openLog } from '../../src/cli/log.js';
import { Output } from '../../src/cli/output.js';
import { loadSettings } from '../../src/cli/settings.js';
import { printable } from '../../src/cli/text-width.js';
import { runBarrage } from '../cli/run-barrage.js';
import { hostileText } from './hostile-text.js';

/** What a terminal, or a person who reads a file, would take for something else than text. */
const ACTS = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;
/** The same where lines end. */
const ACTS_WITHIN_LINES = /[^\P{Cc}\n]|[\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;

/** What a command that says `text` in every way there is writes to a terminal with colours. */
function said(text: string, isJson = false): string {
  let written = '';
  const stream = (): WriteStream => {
    const through = new PassThrough();
    through.on('data', (chunk: Buffer) => (written += chunk.toString()));
    return Object.assign(through, { isTTY: true, columns: 80 }) as unknown as WriteStream;
  };
  const out = new Output({ stdout: stream(), stderr: stream() }, { isJson, mayColor: true });
  out.say(text);
  out.say(out.table([[text, text], ['x']]));
  out.progress(text);
  out.json({ [text]: [text] });
  return written;
}

describe('whatever anybody wrote, a command that forgets to clean it', () => {
  it('moves no cursor, sets no title, copies nothing, hides nothing and turns no direction on a terminal', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        expect(said(text)).not.toMatch(ACTS_WITHIN_LINES);
        expect(said(text, true)).not.toMatch(ACTS_WITHIN_LINES);
      }),
      { numRuns: 300 },
    );
    for (const text of ['\u001b[8mhidden', '\u001b[31;8mhidden', '\u001b]52;c;ZXZpbA==\u0007', '\u009b2J', '\r', '\t'])
      expect(said(text).replaceAll('\n', '')).not.toMatch(/[^\P{Cc}\t]/u);
  });

  it('gives the very value to a program that reads its JSON', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const lines = said(text, true).trimEnd().split('\n');
        expect(JSON.parse(lines.at(-1) ?? '')).toEqual({ [text]: [text] });
      }),
    );
  });

  it('keeps the colours of its own', () => {
    expect(said('\u001b[31mred\u001b[39m')).toContain('\u001b[31mred\u001b[39m');
  });
});

describe('a refusal', () => {
  it.each([[[]], [['--json']], [['--verbose']]])(
    'of a room whose name is hostile acts on no terminal: %j',
    async (flags) => {
      const room = 'a\u009b2Jb\u001b]0;title\u0007\u202egnp\u2028x';
      const { stdout, stderr, code } = await runBarrage(['room', 'show', room, ...flags]);
      expect(code).toBe(2);
      expect(stdout + stderr).not.toMatch(ACTS_WITHIN_LINES);
    },
  );
});

describe('a line of the log', () => {
  it('is one line of JSON that acts on nothing, whatever is in it, and means what was logged', async () => {
    const settings = await loadSettings({ env: { TEMPORAL_CONFIG_FILE: '/no-such-file' }, cwd: '/' });
    let written = '';
    const { log } = openLog(settings, true, { write: (line) => void (written += line) });
    fc.assert(
      fc.property(hostileText, (text) => {
        written = '';
        log.warn({ text, list: [text] }, text);
        expect(written.endsWith('\n')).toBe(true);
        expect(written.slice(0, -1)).not.toMatch(ACTS);
        expect(JSON.parse(written)).toMatchObject({ level: 'warn' });
      }),
      { numRuns: 300 },
    );
    written = '';
    log.info({ urls: ['http://a.example', 'me@b.example'] }, 'an address beside a name with an at sign');
    expect(JSON.parse(written)).toMatchObject({ urls: ['http://a.example', 'me@b.example'] });
  });
});

describe('printable', () => {
  it('keeps marks from piling up over the lines around it, and letters without width from hiding a text', () => {
    const pile = printable(`a${'\u0301'.repeat(500)}b`, 20);
    expect(pile.length).toBeLessThan(20);
    expect(pile.startsWith('a')).toBe(true);
    expect(printable(`a${'\u200b'.repeat(5_000)}b`, 20).length).toBeLessThan(20);
    expect(printable(`x${'\u{e0041}'.repeat(100)}y`)).toBe('xy');
    expect(printable('👩‍👩‍👧 ก็ หนึ่ง é')).toBe('👩‍👩‍👧 ก็ หนึ่ง é');
  });
});
