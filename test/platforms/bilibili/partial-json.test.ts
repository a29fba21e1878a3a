import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeFrame } from '../../../src/platforms/bilibili/decode-frame.js';
import { wantedParts } from '../../../src/platforms/bilibili/events.js';
import { endOfNested, endOfQuotedJson, endOfString } from '../../../src/platforms/bilibili/skip-json.js';
import { Ledger } from '../../../src/simulator/ledger.js';
import { typeCode } from '../../../src/simulator/messages/types.js';
import { SimulatorOptions } from '../../../src/simulator/options.js';
import { makeRooms } from '../../../src/simulator/rooms.js';
import { packet } from './frames.js';

const EACH = 30;
const COMMANDS = ['DANMU_MSG', 'DANMU_MSG_MIRROR', 'SEND_GIFT', 'ENTRY_EFFECT', 'LIKE_INFO_V3_CLICK'];

/** Messages of the commands that are read in parts, chats first. */
function messages(): Buffer[] {
  const rooms = makeRooms(SimulatorOptions.parse({ seed: 7 }), 1_790_000_000_000).map(({ face }) => face);
  const ledger = new Ledger(7, rooms);
  return COMMANDS.flatMap((cmd) =>
    Array.from({ length: EACH }, (_, n) => {
      const room = rooms[n % 50] ?? expect.unreachable();
      return Buffer.from(ledger.textOf(ledger.add(typeCode(cmd), room, 1_790_000_000_000 + n)));
    }),
  );
}

/** A space in its beginning makes the decoder read the whole text. */
const whole = (text: Buffer): Buffer => Buffer.concat([text.subarray(0, 1), Buffer.from(' '), text.subarray(1)]);

/** What was read, and whether it could be; where it could not, the bytes are kept and differ by the space. */
function read(text: Buffer) {
  const { events, undecodable, hints, audience } = decodeFrame(packet({ body: text }));
  const raw = events.map(({ raw, ...event }) => ({ ...event, hasRaw: raw !== undefined }));
  return { events: raw, undecodable: undecodable.map(({ reason }) => reason), hints, audience };
}

describe('a message of which the wanted parts are read', () => {
  const all = messages();

  it('is what nearly every one is', () => {
    const some = all.filter((bytes) => wantedParts(bytes, 0, bytes.length) !== undefined);
    expect(some.length).toBeGreaterThan(0.9 * all.length);
  });

  it('means the same as when all of it is read', () => {
    for (const message of all) expect(read(message)).toEqual(read(whole(message)));
  });

  it('has the same id, whatever stands in it', () => {
    const piece = fc.constantFrom('\\n', '\\\\', '{', '\\"', '"', '中', ' ', '\\u0041', '\\\\\\"', ',');
    const property = fc.property(fc.nat(EACH - 1), fc.nat(14), piece, (n, place, given) => {
      const text = all[n] ?? expect.unreachable();
      const at = text.indexOf('id_str') + 6 + place;
      const changed = Buffer.concat([text.subarray(0, at), Buffer.from(given), text.subarray(at)]);
      expect(read(changed)).toEqual(read(whole(changed)));
    });
    fc.assert(property, { numRuns: 1_000 });
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
        ',"uname":"\\\\",',
        ',"num":-0,',
        ',"price":12345678901234567,',
        '{"extra":"{}"}',
        ',\\"id_str\\":\\"x\\"',
        ',"cmd":"LIVE"',
        '"}"',
      ),
      fc.constantFrom(',"cmd":"DANMU_MSG_MIRROR"', ',"p_is_ack":true,"msg_id":"7"', ',"send_time":1790000000001'),
      fc.uint8Array({ minLength: 1, maxLength: 3 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
    );
    const change = fc.record({ at: fc.nat(3_000), cut: fc.nat(12), piece: fc.option(piece, { nil: '' }) });
    const property = fc.property(
      fc.nat(all.length - 1),
      fc.array(change, { minLength: 1, maxLength: 3 }),
      (n, changes) => {
        let text = all[n] ?? expect.unreachable();
        for (const { at, cut, piece } of changes) {
          const from = 1 + (at % (text.length - 1));
          text = Buffer.concat([text.subarray(0, from), Buffer.from(piece, 'latin1'), text.subarray(from + cut)]);
        }
        expect(read(text)).toEqual(read(whole(text)));
      },
    );
    fc.assert(property, { numRuns: 6_000 });
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

  it('finds the same end of a string that holds JSON, wherever it lies', () => {
    const piece = fc.oneof(
      fc.constantFrom('\\"', '\\"a\\":', '{', '}', ',', '\\\\', '\\n', '\\u0041', '"', '\n', '中', '\\'),
      fc.string({ maxLength: 6 }),
    );
    const property = fc.property(fc.array(piece, { maxLength: 60 }), fc.nat(7), fc.nat(9), (pieces, from, less) => {
      const bytes = Buffer.from(`${'x'.repeat(from)}${pieces.join('')}"`);
      const end = Math.max(from, bytes.length - less);
      expect(endOfQuotedJson(bytes, from, end)).toBe(endOfString(bytes, from, end));
    });
    fc.assert(property, { numRuns: 5_000 });
    const long = Buffer.from(`${'\\"a'.repeat(3_000)}"`);
    expect(endOfQuotedJson(long, 0, long.length)).toBe(long.length);
  });

  it('goes eight levels deep, and never beyond the end that it is given', () => {
    const nested = (levels: number): Buffer => Buffer.from('['.repeat(levels) + ']'.repeat(levels));
    expect(endOfNested(nested(8), 0, 16)).toBe(16);
    expect(endOfNested(nested(9), 0, 18)).toBe(-1);
    expect(endOfNested(nested(8), 0, 15)).toBe(-1);
    expect(endOfString(Buffer.from('abc"'), 0, 3)).toBe(-1);
  });
});
