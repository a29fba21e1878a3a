import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readInteractWordV2 } from '../../../src/platforms/bilibili/proto/interact-word-v2.js';
import { InteractWordV2Schema } from '../../../src/platforms/bilibili/proto/interact_word_v2_pb.js';
import { readSendGiftV2 } from '../../../src/platforms/bilibili/proto/send-gift-v2.js';
import { SendGiftV2Schema } from '../../../src/platforms/bilibili/proto/send_gift_v2_pb.js';

/** What the library makes of the same bytes, by the descriptors. */
function byDescriptor<T>(bytes: Uint8Array, read: (bytes: Uint8Array) => T): T | undefined {
  try {
    return read(bytes);
  } catch {
    return undefined;
  }
}

const interaction = (bytes: Uint8Array) => {
  const { uid, uname, msgType, timestamp } = fromBinary(InteractWordV2Schema, bytes);
  return { uid, uname, msgType, timestamp: Number(timestamp) };
};

const gifts = (bytes: Uint8Array) => {
  const { uid, uname, guardLevel, medal, blind, gifts, sender } = fromBinary(SendGiftV2Schema, bytes);
  return {
    uid,
    uname,
    guardLevel,
    medal: medal && { anchorRoomId: medal.anchorRoomId, level: medal.level, name: medal.name },
    blind: blind && { originalName: blind.originalName, originalPrice: Number(blind.originalPrice) },
    gifts: gifts.map(({ num, price, totalCoin, timestamp, id, name, coinType, tid, batchComboId }) => ({
      id,
      name,
      coinType,
      tid,
      batchComboId,
      num: Number(num),
      price: Number(price),
      totalCoin: Number(totalCoin),
      timestamp: Number(timestamp),
    })),
    // An empty text counts as none in either place.
    sender: {
      uname: sender?.base?.uname ?? '',
      medal: sender?.medal && { name: sender.medal.name, level: sender.medal.level },
    },
  };
};

const ownGifts = (pb: string) => {
  const own = readSendGiftV2(pb);
  return own && { ...own, sender: { uname: own.sender?.uname ?? '', medal: own.sender?.medal } };
};

const visit = Buffer.from(
  toBinary(
    InteractWordV2Schema,
    create(InteractWordV2Schema, { uid: '77', uname: '某人', msgType: 2, timestamp: 1_790_000_000n }),
  ),
);
const presents = Buffer.from(
  toBinary(
    SendGiftV2Schema,
    create(SendGiftV2Schema, {
      uid: '9',
      uname: 'a',
      guardLevel: 3,
      medal: { targetId: '5', anchorRoomId: '6', level: 7, name: '勋章' },
      blind: { originalName: '盲盒', originalPrice: 15_000n },
      gifts: [
        {
          id: '31036',
          name: '小花花',
          num: 2n,
          price: 100n,
          totalCoin: 200n,
          coinType: 'gold',
          tid: '1234567890123456789',
          timestamp: 1_790_000_000n,
        },
        { id: '25', name: 'x', num: 1n, batchComboId: 'batch:1' },
      ],
      sender: { base: { uname: 'b' }, medal: { name: 'm', level: 1 } },
    }),
  ),
);

/** Bytes with some of them changed, cut out, or put in, a field twice among it. */
const changed = (bytes: Buffer) =>
  fc
    .array(
      fc.record({
        at: fc.nat(bytes.length),
        cut: fc.nat(3),
        put: fc.oneof(fc.uint8Array({ maxLength: 3 }), fc.constant(new Uint8Array(bytes))),
      }),
      { maxLength: 3 },
    )
    .map((changes) => {
      let result = bytes;
      for (const { at, cut, put } of changes)
        result = Buffer.concat([result.subarray(0, at), put, result.subarray(at + cut)]);
      return result;
    });

describe('Protobuf in messages is read by hand as the library reads it', () => {
  it('INTERACT_WORD_V2, whatever its bytes', () => {
    expect(readInteractWordV2(visit.toString('base64'))).toEqual(interaction(visit));
    const property = fc.property(changed(visit), (bytes) => {
      fc.pre(bytes.length > 0); // nothing is no message
      expect(readInteractWordV2(bytes.toString('base64'))).toEqual(byDescriptor(bytes, interaction));
    });
    fc.assert(property, { numRuns: 3_000 });
  });

  it('SEND_GIFT_V2, whatever its bytes', () => {
    expect(ownGifts(presents.toString('base64'))).toEqual(gifts(presents));
    const property = fc.property(changed(presents), (bytes) => {
      fc.pre(bytes.length > 0);
      expect(ownGifts(bytes.toString('base64'))).toEqual(byDescriptor(bytes, gifts));
    });
    fc.assert(property, { numRuns: 3_000 });
  });
});
