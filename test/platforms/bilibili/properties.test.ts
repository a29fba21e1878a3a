import { create, toBinary } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeFrame, type DecodedFrame } from '../../../src/platforms/bilibili/decode-frame.js';
import { CodecLimits } from '../../../src/platforms/bilibili/limits.js';
import { PacketSplitter } from '../../../src/platforms/bilibili/packet-splitter.js';
import { SendGiftV2Schema } from '../../../src/platforms/bilibili/proto/send_gift_v2_pb.js';
import { chatMessage, json, pack, packet } from './frames.js';
import { spooled } from './spooled.js';

const chatTexts = fc.array(fc.string({ unit: 'binary', maxLength: 40 }), { minLength: 1, maxLength: 8 });
const versions = fc.constantFrom<(0 | 2 | 3)[]>(0, 2, 3);
const packetsOf = (texts: readonly string[]) => texts.map((text, index) => json(chatMessage(text, `id-${index}`)));

/** Everything that holds of any result, whatever the bytes were. */
function checkInvariants(frame: DecodedFrame, limits = CodecLimits.parse({})): void {
  frame.events.forEach(spooled);
  const places = [...frame.events, ...frame.undecodable].map(({ place }) => place);
  expect(new Set(places).size).toBe(places.length);
  expect(frame.undecodable.length).toBeLessThanOrEqual(limits.maxUndecodable + 1);
  for (const letter of frame.undecodable) expect(letter.head.length).toBeLessThanOrEqual(6 * 1024);
}

describe('the codec', () => {
  it('gives back every text once and in order, however packets are grouped, packed and nested', () =>
    fc.assert(
      fc.property(fc.array(fc.tuple(chatTexts, versions, versions), { minLength: 1, maxLength: 4 }), (groups) => {
        const frame = decodeFrame(
          Buffer.concat(groups.map(([texts, outer, inner]) => pack(outer, pack(inner, ...packetsOf(texts))))),
        );
        expect(frame.events.map((event) => event.text)).toEqual(groups.flatMap(([texts]) => texts));
        expect(frame.undecodable).toEqual([]);
        checkInvariants(frame);
      }),
    ));

  it('finds the same packets in a TCP stream wherever it is cut', () =>
    fc.assert(
      fc.property(chatTexts, versions, fc.array(fc.nat({ max: 5000 }), { maxLength: 20 }), (texts, version, cuts) => {
        const packets = packetsOf(texts).map((bytes) => pack(version, bytes));
        const stream = Buffer.concat(packets);
        const places = [0, ...cuts.map((cut) => cut % (stream.length + 1)).sort((a, b) => a - b), stream.length];
        const splitter = new PacketSplitter(65_536);
        const found = places.flatMap(
          (place, index) => splitter.push(stream.subarray(places[index - 1] ?? 0, place)).packets,
        );
        expect(found).toEqual(packets);
      }),
    ));

  it('throws nothing, and keeps to its limits, on any bytes', () =>
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        checkInvariants(decodeFrame(bytes));
        new PacketSplitter(65_536).push(bytes);
      }),
      { numRuns: 300 },
    ));

  it('throws nothing on real packets with some bytes changed', () =>
    fc.assert(
      fc.property(
        chatTexts,
        versions,
        fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { maxLength: 6 }),
        (texts, version, changes) => {
          const bytes = pack(version, ...packetsOf(texts));
          for (const [place, value] of changes) bytes[place % bytes.length] = value;
          checkInvariants(decodeFrame(bytes));
        },
      ),
      { numRuns: 300 },
    ));

  it('yields only what our schema takes, whatever the fields of a command hold', () => {
    const commands = [
      ...[
        'DANMU_MSG',
        'SEND_GIFT',
        'SEND_GIFT_V2',
        'GUARD_BUY',
        'USER_TOAST_MSG',
        'USER_TOAST_MSG_V2',
        'SUPER_CHAT_MESSAGE',
      ],
      ...[
        'INTERACT_WORD',
        'INTERACT_WORD_V2',
        'ENTRY_EFFECT',
        'LIKE_INFO_V3_CLICK',
        'LIVE',
        'PREPARING',
        'ROOM_CHANGE',
      ],
      ...['ROOM_BLOCK_MSG', 'SUPER_CHAT_MESSAGE_DELETE', 'CUT_OFF', 'WARNING', 'ONLINE_RANK_COUNT', 'ANYTHING'],
    ];
    const names = [
      ...[
        'uid',
        'uname',
        'username',
        'price',
        'num',
        'giftId',
        'giftName',
        'total_coin',
        'coin_type',
        'tid',
        'rnd',
        'guard_level',
      ],
      ...[
        'timestamp',
        'start_time',
        'end_time',
        'ts',
        'time',
        'id',
        'ids',
        'message',
        'medal_info',
        'medal_name',
        'medal_level',
        'pb',
      ],
      ...[
        'msg_type',
        'fans_medal',
        'trigger_time',
        'copy_writing',
        'title',
        'area_id',
        'area_name',
        'blind_gift',
        'payflow_id',
      ],
      ...[
        'operator',
        'target_id',
        'user_info',
        'count',
        'original_gift_name',
        'original_gift_price',
        'sender_uinfo',
        'pay_info',
      ],
    ];
    const numbers = fc.constantFrom(
      0,
      -0,
      -1,
      1,
      1.5,
      3,
      1e21,
      1e308,
      2 ** 53,
      1_790_000_000,
      1_790_000_000_000,
      1.79e18,
    );
    const leaf = fc.oneof(
      numbers,
      fc.double(),
      fc.string({ unit: 'binary' }),
      fc.constant('\ud800'),
      fc.constant('9'.repeat(300)),
      fc.boolean(),
    );
    const value = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 3 },
        { weight: 6, arbitrary: leaf },
        { weight: 1, arbitrary: fc.array(tie('value'), { maxLength: 17 }) },
        { weight: 1, arbitrary: fc.dictionary(fc.constantFrom(...names), tie('value')) },
      ),
    })).value;
    const data = fc.oneof(
      { weight: 4, arbitrary: fc.dictionary(fc.constantFrom(...names), value, { minKeys: 6 }) },
      { weight: 1, arbitrary: value },
    );
    const top = fc.record(
      {
        data,
        info: fc.array(value, { minLength: 2, maxLength: 17 }),
        msg_id: value,
        send_time: value,
        live_key: value,
        live_time: value,
        msg: value,
      },
      { requiredKeys: ['data'] },
    );
    fc.assert(
      fc.property(fc.constantFrom(...commands), top, (cmd, message) => {
        checkInvariants(decodeFrame(json({ ...message, cmd })));
      }),
      { numRuns: 1500 },
    );
  });

  it('throws nothing on a `pb` of any bytes, or a real one with some changed', () => {
    const gift = { id: '31036', name: '小花花', num: 3n, price: 100n, totalCoin: 300n, coinType: 'gold', tid: '1' };
    const init = { uid: '42', uname: '某人', guardLevel: 3, medal: { level: 5, name: '泥' }, gifts: [gift, gift] };
    const real = toBinary(SendGiftV2Schema, create(SendGiftV2Schema, init));
    const mutated = fc
      .array(fc.tuple(fc.nat({ max: real.length - 1 }), fc.nat({ max: 255 })), { maxLength: 4 })
      .map((changes) => {
        const bytes = Buffer.from(real);
        for (const [place, value] of changes) bytes[place] = value;
        return bytes;
      });
    fc.assert(
      fc.property(
        fc.constantFrom('SEND_GIFT_V2', 'INTERACT_WORD_V2'),
        fc.oneof(mutated, fc.uint8Array()),
        (cmd, bytes) => {
          checkInvariants(decodeFrame(json({ cmd, data: { pb: Buffer.from(bytes).toString('base64') } })));
        },
      ),
      { numRuns: 500 },
    );
  });

  it('keeps to a lower limit that it was given', () => {
    const limits = CodecLimits.parse({ maxPackets: 64, maxUndecodable: 2 });
    const frame = decodeFrame(Buffer.concat(Array.from({ length: 100 }, () => packet({ body: '' }))), { limits });
    checkInvariants(frame, limits);
    expect(frame.undecodable.at(-1)?.reason).toContain('63 more packets');
  });
});
