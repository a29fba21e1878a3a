import { describe, expect, it } from 'vitest';
import { parseOptions } from '../../src/cli/context.js';
import { DemoOptions } from '../../src/cli/demo/options.js';
import { shownDuration } from '../../src/cli/duration.js';
import { queryOf } from '../../src/cli/room/list.js';
import { namedRoom } from '../../src/cli/room/room-argument.js';
import { StartOptions } from '../../src/cli/room/start.js';
import { UpOptions } from '../../src/cli/up.js';

const demo = (given: object) =>
  parseOptions(DemoOptions, { for: '60s', rooms: '50', rate: '500', seed: '1', ...given });

describe('options', () => {
  it.each([
    ['60s', 60_000],
    ['2m', 120_000],
    ['1.5h', 5_400_000],
    ['1500ms', 1_500],
    ['90', 90_000],
  ])('read the duration %s', (text, ms) => {
    expect(demo({ for: text }).for).toBe(ms);
  });

  it.each([
    [{ for: 'soon' }, '--for: a duration from 1s to 1d is wanted, such as 60s or 2m.'],
    [{ for: '10ms' }, '--for: a duration from 1s to 1d is wanted'],
    [{ rooms: '0' }, '--rooms: a whole number from 1 to 2000 is wanted.'],
    [{ rooms: '1.5' }, '--rooms: a whole number'],
    [{ rate: '' }, '--rate: a number from 1 to 20000 is wanted.'],
    [{ seed: 'x' }, '--seed: a whole number'],
  ])('refuse %j in one sentence', (given, sentence) => {
    expect(() => demo(given)).toThrow(sentence);
  });

  it.each([
    [{ rate: '' }, '--rate: a number from 0 to 200000 is wanted.'],
    [{ rooms: ' ' }, '--rooms: a whole number from 1 to 100000 is wanted.'],
    [{ workers: '0x' }, '--workers: a whole number from 1 to 16 is wanted.'],
  ])('of `up` refuse %j in one sentence', (given, sentence) => {
    expect(() => parseOptions(UpOptions, { simulate: true, workers: '1', ...given })).toThrow(sentence);
  });

  it('name kinds of events that exist', () => {
    expect(parseOptions(StartOptions, { exclude: 'enter, like' }).exclude).toEqual(['enter', 'like']);
    expect(() => parseOptions(StartOptions, { exclude: 'enter,lik' })).toThrow('--exclude: kinds of events are wanted');
  });
});

describe('a room as an argument', () => {
  it.each(['22603245', 'bilibili:22603245', 'https://live.bilibili.com/22603245?spm=1', 'live.bilibili.com/22603245'])(
    'may be %s',
    (text) => {
      expect(namedRoom(text)).toMatchObject({ key: 'bilibili:22603245', workflowId: 'room:bilibili:22603245' });
    },
  );

  it.each([undefined, '', 'somebody', "1' OR '1'='1"])('is refused where it is %j', (text) => {
    expect(() => namedRoom(text)).toThrow(expect.objectContaining({ code: 'BAD_INPUT' }));
  });
});

describe('the query for rooms', () => {
  it('looks among those that ended only for states that end a room', () => {
    expect(queryOf({})).toBe("WorkflowType = 'room' AND ExecutionStatus = 'Running'");
    expect(queryOf({ state: 'suspended' })).toContain("ExecutionStatus = 'Running' AND RoomState = 'suspended'");
    expect(queryOf({ state: 'failed' })).toBe("WorkflowType = 'room' AND RoomState = 'failed'");
  });
});

describe('a duration for people', () => {
  it.each([
    [350, '350 ms'],
    [4_000, '4s'],
    [245_000, '4m 5s'],
    [3_605_000, '1h'],
    [90_000_000, '1d 1h'],
  ])('%i ms is %s', (ms, text) => {
    expect(shownDuration(ms)).toBe(text);
  });
});
