import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeFrame } from '../../../src/platforms/bilibili/decode-frame.js';
import { shortChat } from '../../../src/platforms/bilibili/short-chat.js';
import { endOfNested, endOfString } from '../../../src/platforms/bilibili/skip-json.js';
import { Ledger } from '../../../src/simulator/ledger.js';
import { typeCode } from '../../../src/simulator/messages/types.js';
import { SimulatorOptions } from '../../../src/simulator/options.js';
import { makeRooms } from '../../../src/simulator/rooms.js';
import { packet } from './frames.js';

const CHATS = 60;

function chats(): Buffer[] {
  const rooms = makeRooms(SimulatorOptions.parse({ seed: 7 }), 1_790_000_000_000).map(({ face }) => face);
  const ledger = new Ledger(7, rooms);
  return Array.from({ length: CHATS }, (_, n) => {
    const room = rooms[n % 50] ?? expect.unreachable();
    return Buffer.from(ledger.textOf(ledger.add(typeCode('DANMU_MSG'), room, 1_790_000_000_000 + n)));
  });
}

/** A space in its beginning makes the decoder read the whole text. */
const whole = (text: Buffer): Buffer => Buffer.concat([text.subarray(0, 1), Buffer.from(' '), text.subarray(1)]);

/** What was read, and whether it could be; where it could not, the bytes are kept and differ by the space. */
function read(text: Buffer) {
  const { events, undecodable, hints, audience } = decodeFrame(packet({ body: text }));
  const raw = events.map(({ raw, ...event }) => ({ ...event, hasRaw: raw !== undefined }));
  return { events: raw, undecodable: undecodable.map(({ reason }) => reason), hints, audience };
}

describe('a chat whose unread parts are skipped', () => {
  const all = chats();

  it('is what nearly every chat is, and is a third as long', () => {
    const short = all.map((bytes) => shortChat(bytes, 0, bytes.length)?.text).filter((text) => text !== undefined);
    expect(short.length).toBeGreaterThan(0.9 * CHATS);
    for (const text of short) expect(text.length).toBeLessThan(1_000);
  });

  it('means the same as when all of it is read', () => {
    for (const chat of all) expect(read(chat)).toEqual(read(whole(chat)));
  });

  it('means the same, or is refused for the same reason, however its bytes are changed', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        '"',
        '\\',
        '\\"',
        '{',
        '}',
        '[',
        ']',
        ',',
        ':',
        '0',
        '-',
        '\\u0041',
        '\n',
        ' ',
        '\u0000',
        'e',
        '.',
      ),
      fc.constantFrom(
        ',"user":{"a":[1,{"b":null}]}',
        '{"extra":"{}"}',
        ',\\"id_str\\":\\"x\\"',
        ',"cmd":"LIVE"',
        '"}"',
      ),
      fc.constantFrom(',"cmd":"DANMU_MSG_MIRROR"', ',"p_is_ack":true,"msg_id":"7"', ',"send_time":1790000000001'),
      fc.uint8Array({ minLength: 1, maxLength: 3 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
    );
    const change = fc.record({ at: fc.nat(3_000), cut: fc.nat(12), piece: fc.option(piece, { nil: '' }) });
    const property = fc.property(fc.nat(CHATS - 1), fc.array(change, { minLength: 1, maxLength: 3 }), (n, changes) => {
      let text = all[n] ?? expect.unreachable();
      for (const { at, cut, piece } of changes) {
        const from = 1 + (at % (text.length - 1));
        text = Buffer.concat([text.subarray(0, from), Buffer.from(piece, 'latin1'), text.subarray(from + cut)]);
      }
      expect(read(text)).toEqual(read(whole(text)));
    });
    fc.assert(property, { numRuns: 3_000 });
  });
});

describe('skipping JSON', () => {
  it('passes over values without white space, fractions and escapes of four digits, and over nothing else', () => {
    const noFraction = fc.jsonValue({ maxDepth: 5 }).filter((value) => !/\\u|[.e]/.test(JSON.stringify(value)));
    const property = fc.property(fc.array(noFraction), (list) => {
      const bytes = Buffer.from(`${JSON.stringify(list)},"more"]`);
      expect(endOfNested(bytes, 0, bytes.length)).toBe(bytes.length - 8);
    });
    fc.assert(property, { numRuns: 300 });
  });

  it('finds an end only of what is JSON', () => {
    const signs = fc.constantFrom(...'{}[],:"\\0-1.eE nulltruefalse\n'.split(''), '"a":', '{"a"', '[1', '\\"', '""');
    const property = fc.property(fc.array(signs, { maxLength: 14 }), (parts) => {
      const bytes = Buffer.from(`[${parts.join('')}`);
      const end = endOfNested(bytes, 0, bytes.length);
      if (end >= 0) expect(() => void JSON.parse(bytes.toString('utf8', 0, end))).not.toThrow();
    });
    fc.assert(property, { numRuns: 5_000 });
  });

  it('goes eight levels deep, and never beyond the end that it is given', () => {
    const nested = (levels: number): Buffer => Buffer.from('['.repeat(levels) + ']'.repeat(levels));
    expect(endOfNested(nested(8), 0, 16)).toBe(16);
    expect(endOfNested(nested(9), 0, 18)).toBe(-1);
    expect(endOfNested(nested(8), 0, 15)).toBe(-1);
    expect(endOfString(Buffer.from('abc"'), 0, 3)).toBe(-1);
  });
});
