import { brotliCompressSync, constants, deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { decodeFrame, type DecodedFrame } from '../../../src/platforms/bilibili/decode-frame.js';
import { DEFAULT_LIMITS } from '../../../src/platforms/bilibili/limits.js';
import { chatMessage, json, pack, packet } from './frames.js';

const MiB = 1024 * 1024;
const good = (text: string) => json(chatMessage(text, text));
const text = (body: string) => packet({ body });

/** Puts a hostile packet between two good ones, which have to survive it. */
function beside(hostile: Buffer): DecodedFrame {
  const frame = decodeFrame(Buffer.concat([good('before'), hostile, good('after')]));
  expect(frame.events.map((event) => event.text)).toEqual(['before', 'after']);
  expect(frame.framingLost).toBe(false);
  return frame;
}

function zeros(bytes: number, version: 2 | 3): Buffer {
  const content = Buffer.alloc(bytes);
  return packet({
    version,
    body:
      version === 2
        ? deflateSync(content)
        : brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 3 } }),
  });
}

/** What a call adds to the memory of this process at its end, garbage included. */
function grownBy(action: () => void): number {
  const usage = () => process.memoryUsage().rss;
  const before = usage();
  action();
  return usage() - before;
}

describe('a packet made to break the reader is a dead letter, and its neighbours live', () => {
  const nested = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
  it.each([
    ['no JSON', text('{"cmd":')],
    ['JSON null', text('null')],
    ['a JSON number', text('1e999')],
    ['a JSON list', text('[{"cmd":"DANMU_MSG"}]')],
    ['no cmd', text('{}')],
    ['a cmd that is a number', text('{"cmd":5}')],
    ['an empty cmd', text('{"cmd":""}')],
    ['a cmd that is an object', text('{"cmd":{"toString":null}}')],
    ['an empty body', packet({ body: '' })],
    ['bytes that are no UTF-8', packet({ body: Buffer.of(0xff, 0xfe, 0xc0, 0x80) })],
    ['JSON nested 100,000 deep', text(`{"cmd":"X","data":${nested}}`)],
    ['JSON nested one deeper than allowed', text(`{"cmd":"X","data":${'['.repeat(64)}${']'.repeat(64)}}`)],
    ['truncated zlib', packet({ version: 2, body: deflateSync(good('x')).subarray(0, 40) })],
    ['truncated brotli', packet({ version: 3, body: brotliCompressSync(good('x')).subarray(0, 40) })],
    ['random bytes for brotli', packet({ version: 3, body: Buffer.from('no brotli at all') })],
    ['zlib where brotli is said', packet({ version: 3, body: deflateSync(good('x')) })],
    ['a third nesting', pack(2, pack(2, pack(2, good('deep'))))],
    ['a message larger than maxMessageBytes', text(JSON.stringify({ cmd: 'X', data: 'x'.repeat(MiB) }))],
    ['an operation that no server sends', packet({ body: '{}', operation: 7 })],
  ])('%s', (_, hostile) => {
    expect(beside(hostile).undecodable).toEqual([expect.objectContaining({ reason: expect.any(String) })]);
  });

  it('also where its own data is of another type than ever before', () => {
    const commands = [
      'SEND_GIFT',
      'SEND_GIFT_V2',
      'SUPER_CHAT_MESSAGE',
      'GUARD_BUY',
      'USER_TOAST_MSG_V2',
      'ROOM_CHANGE',
      'WATCHED_CHANGE',
    ];
    for (const cmd of commands) {
      for (const data of [undefined, null, 5, 'text', []]) {
        const { undecodable, events } = decodeFrame(json({ cmd, data }));
        expect([cmd, data, events.length, undecodable.length]).toEqual([cmd, data, 0, 1]);
      }
    }
  });
});

describe('what is deep or odd but allowed', () => {
  it('is taken: 64 objects and lists in each other, brackets within texts not counted', () => {
    const deep = `{"cmd":"X","a":"${'[{\\"'.repeat(500)}","data":${'['.repeat(63)}${']'.repeat(63)}}`;
    expect(decodeFrame(text(deep))).toMatchObject({ events: [{ kind: 'notice' }], undecodable: [] });
  });

  it('keeps no number that is none: infinite, negative, or beyond what a double holds', () => {
    const body =
      '{"cmd":"DANMU_MSG","info":[[0,1,25,-1,1e999,1e999,0,1e999],"hi",[1e999,"n"],[1e999,"b",0,1e999],[1e999]],"send_time":-1e999}';
    expect(decodeFrame(text(body)).events).toEqual([
      { kind: 'chat', place: '1', text: 'hi', user: { name: 'n', masked: true } },
    ]);
  });

  it('leaves no trace on other objects: __proto__ is a name like any other', () => {
    const body = '{"cmd":"DANMU_MSG","__proto__":{"send_time":1790000000000,"msg_id":"x"},"info":[[],"hi"]}';
    expect(decodeFrame(text(body))).toMatchObject({ events: [{ kind: 'chat', place: '1', text: 'hi' }] });
    expect({}).not.toHaveProperty('msg_id');
  });

  it('keeps no half of a surrogate pair, not even in the name of a message', () => {
    const { events } = decodeFrame(text('{"cmd":"\\ud83dX:\\ude00","data":{}}'));
    expect(events).toMatchObject([{ kind: 'notice', type: '\ufffdX' }]);
  });

  it('keeps the whole text of what only begins like a chat', () => {
    const extra = String.raw`{\"a\":0,\"id_str\":\"x\",\"reply_mid\":0,\"content\":\"left out of a chat\"}`;
    const info = `[[0,1,25,1,1,1,0,"a",0,0,0,"",0,"","",{"extra":"${extra}","mode":0,"user":{"uid":5}}],"hi",[7,"n"]]`;
    expect(decodeFrame(text(`{"cmd":"DANMU_MSG","info":${info}}`)).events).toMatchObject([
      { text: 'hi', key: 'chat:x' },
    ]);
    for (const body of [`{"cmd":"DANMU_MSG_X","info":${info}}`, `{"cmd":"DANMU_MSG","info":${info},"cmd":"X"}`]) {
      expect(decodeFrame(text(body)).events).toMatchObject([{ kind: 'notice', raw: body }]);
    }
  });

  it('cuts names, texts and labels, and refuses ids that would have to be cut', () => {
    const long = 'x'.repeat(100_000);
    const info = [[0, 0, 0, 1, -5, 0, 0, long], long, [long, long], [5, long, long, long]];
    const [event] = decodeFrame(json({ cmd: 'DANMU_MSG', info, msg_id: long })).events;
    expect(event).toMatchObject({ text: long.slice(0, 4096), user: { name: long.slice(0, 256), masked: true } });
    expect(event).not.toHaveProperty('key');
    expect(event?.user).not.toHaveProperty('id');
  });
});

describe('what is small and makes itself large', () => {
  it.each([2, 3] as const)('costs the limit and not its size: 256 MiB of nothing in version %i', (version) => {
    const bomb = zeros(256 * MiB, version);
    expect(bomb.length).toBeLessThan(MiB);
    const grown = grownBy(() => {
      expect(beside(bomb).undecodable).toEqual([
        expect.objectContaining({ reason: expect.stringContaining('more than') }),
      ]);
    });
    expect(grown).toBeLessThan(64 * MiB);
  });

  it('costs the limit of the message however many there are, and says of each that it was not read', () => {
    const bomb = zeros(8 * MiB, 3);
    const frame = decodeFrame(Buffer.concat(Array.from({ length: 2000 }, () => bomb)));
    expect(frame.undecodable).toHaveLength(DEFAULT_LIMITS.maxUndecodable + 1);
    expect(frame.undecodable.at(-1)?.reason).toContain(`${2000 - DEFAULT_LIMITS.maxUndecodable} more packets`);
    expect(frame.undecodable[5]?.reason).toContain('maxInflatedBytes');
  });

  it('leaves room for the good packets beside it', () => {
    const frame = decodeFrame(Buffer.concat([zeros(8 * MiB, 3), pack(3, good('compressed'))]));
    expect(frame.events.map((event) => event.text)).toEqual(['compressed']);
  });

  it('stops at maxPackets: a hundred thousand empty packets in one compressed body', () => {
    const empty = packet({ body: '' });
    const many = packet({
      version: 3,
      body: brotliCompressSync(Buffer.concat(Array.from({ length: 100_000 }, () => empty))),
    });
    const frame = decodeFrame(many);
    expect(frame.undecodable.length).toBeLessThanOrEqual(DEFAULT_LIMITS.maxUndecodable + 1);
    expect(frame.undecodable.reduce((sum, letter) => sum + letter.bytes, 0)).toBe(100_000 * 16);
  });

  const manyGifts = (count: number, gift: string, messages: number) => {
    const pb = Buffer.from(gift.repeat(count), 'hex').toString('base64');
    const message = json({ cmd: 'SEND_GIFT_V2', data: { pb } });
    return pack(3, Buffer.concat(Array.from({ length: messages }, () => message)));
  };

  it('makes about maxPackets events and no more: 400 messages of 1,000 gifts each, in a few hundred bytes', () => {
    const half = manyGifts(1_000, '520408011801', 200);
    const bomb = Buffer.concat([half, half]);
    expect(bomb.length).toBeLessThan(1_000);
    const { events, undecodable } = decodeFrame(bomb);
    expect(events).toHaveLength(DEFAULT_LIMITS.maxPackets);
    expect(undecodable).toHaveLength(DEFAULT_LIMITS.maxUndecodable + 1);
    expect(undecodable[0]?.reason).toBe('more events in one message than maxPackets');
  });

  it('does not build what it refuses: 390,000 empty gifts in one message', () => {
    const { events, undecodable } = decodeFrame(manyGifts(390_000, '5200', 1));
    expect(events).toEqual([]);
    expect(undecodable).toMatchObject([{ reason: 'SEND_GIFT_V2: it holds more than 1000 gifts' }]);
  });

  it('refuses a socket message larger than maxFrameBytes, and keeps 6 KiB of it', () => {
    const frame = decodeFrame(Buffer.alloc(DEFAULT_LIMITS.maxFrameBytes + 1));
    expect(frame.undecodable).toMatchObject([{ bytes: DEFAULT_LIMITS.maxFrameBytes + 1 }]);
    expect(frame.undecodable[0]?.head).toHaveLength(6 * 1024);
    expect(frame.undecodable[0]?.head.buffer.byteLength).toBe(6 * 1024);
  });
});
