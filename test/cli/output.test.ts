import { PassThrough } from 'node:stream';
import type { WriteStream } from 'node:tty';
import { describe, expect, it } from 'vitest';
import { nearest } from '../../src/cli/nearest.js';
import { Output } from '../../src/cli/output.js';
import { printable, textWidth } from '../../src/cli/text-width.js';

/** What a command wrote, to a terminal or not. */
function captured(options: { isTerminal?: boolean; isJson?: boolean; mayColor?: boolean }) {
  const texts = { stdout: '', stderr: '' };
  const stream = (name: 'stdout' | 'stderr'): WriteStream => {
    const through = new PassThrough();
    through.on('data', (chunk: Buffer) => (texts[name] += chunk.toString()));
    const facts = { isTTY: options.isTerminal ?? false, columns: 80 };
    return Object.assign(through, facts) as unknown as WriteStream;
  };
  const streams = { stdout: stream('stdout'), stderr: stream('stderr') };
  return { texts, out: new Output(streams, { isJson: options.isJson ?? false, mayColor: options.mayColor ?? true }) };
}

describe('what a command says', () => {
  it('is one JSON value a line on stdout with --json, and nothing for people there', () => {
    const { out, texts } = captured({ isJson: true, isTerminal: true });
    out.say('hello');
    out.raw('table');
    out.result({ a: 1 }, () => 'one');
    out.json({ b: out.paint('red', 'x') });
    out.progress('meanwhile');
    expect(texts).toEqual({ stdout: '{"a":1}\n{"b":"x"}\n', stderr: 'meanwhile\n' });
  });

  it.each([
    [{ isTerminal: true }, true],
    [{ isTerminal: false }, false],
    [{ isTerminal: true, mayColor: false }, false],
  ])('has colours on a terminal only, and not where they are unwanted: %o', (options, hasColors) => {
    const { out } = captured(options);
    expect(out.paint(['bold', 'red'], 'x') !== 'x').toBe(hasColors);
  });

  it('has columns that fit Chinese names, emoji and colours', () => {
    const { out } = captured({ isTerminal: true });
    const lines = out.table([
      ['直播间', 'a'],
      [out.paint('red', 'room'), 'b'],
      ['🎉', 'c'],
    ]);
    expect(lines.split('\n').map((line) => textWidth(line))).toEqual([9, 9, 9]);
  });
});

describe('text of somebody else', () => {
  it('cannot move the cursor, break the line or be longer than its column', () => {
    expect(printable('a\u001b[2J\nb\u0007')).toBe('a [2J b');
    expect(printable('直播间的标题', 7)).toBe('直播间…');
    expect(textWidth(printable('直播间的标题', 7))).toBe(7);
  });
});

describe('the nearest word', () => {
  it.each([
    ['conections', ['connections', 'connects'], 'connections'],
    ['read-deadline-ms', ['readDeadlineMs'], 'readDeadlineMs'],
    ['WORKER', ['up', 'worker'], 'worker'],
    ['zebra', ['up', 'worker'], undefined],
  ])('to %s among %o is %s', (wrong, candidates, right) => {
    expect(nearest(wrong, candidates)).toBe(right);
  });
});
