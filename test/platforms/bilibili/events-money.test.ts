import { create, toBinary } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { decodeFrame } from '../../../src/platforms/bilibili/decode-frame.js';
import { SendGiftV2Schema } from '../../../src/platforms/bilibili/proto/send_gift_v2_pb.js';
import { json } from './frames.js';
import { spooled } from './spooled.js';

const decodeAll = (cmd: string, data: unknown) => {
  const { events } = decodeFrame(json({ cmd, data, send_time: 1_790_000_000_123 }));
  events.forEach(spooled);
  return events;
};
const decode = (cmd: string, data: unknown) => decodeAll(cmd, data)[0];
const refusal = (cmd: string, data: unknown) => decodeFrame(json({ cmd, data })).undecodable[0]?.reason;

const GIFT = {
  giftId: 31_036,
  giftName: '小花花',
  num: 3,
  price: 100,
  total_coin: 300,
  coin_type: 'gold',
  uid: 42,
  uname: '某人',
  guard_level: 3,
  timestamp: 1_790_000_000,
  tid: '1589641574132400004',
  rnd: '7',
  batch_combo_id: 'batch:gift:combo_id:42',
  medal_info: { medal_name: '泥', medal_level: 5, anchor_roomid: 5050, anchor_uname: 'A' },
};

describe('SEND_GIFT', () => {
  it('has everything that was given, by whom, and for how much', () => {
    expect(decode('SEND_GIFT', GIFT)).toEqual({
      kind: 'gift',
      place: '1',
      key: 'gift:1589641574132400004',
      messageId: '1589641574132400004',
      at: 1_790_000_000_000,
      user: { id: '42', name: '某人', tier: 3, badge: { name: '泥', level: 5, roomId: '5050', anchorName: 'A' } },
      gift: {
        id: '31036',
        name: '小花花',
        count: 3,
        price: 100,
        total: 300,
        currency: 'bilibili:gold',
        comboId: 'batch:gift:combo_id:42',
      },
    });
  });

  it('is known by `tid` and `rnd` where its `tid` is of the short kind, and by its place where it has none', () => {
    expect(decode('SEND_GIFT', { ...GIFT, tid: '15896415741324' })).toMatchObject({ key: 'gift:15896415741324:7' });
    expect(decode('SEND_GIFT', { ...GIFT, tid: '158964', rnd: undefined })).toMatchObject({ key: 'gift:158964' });
    expect(decode('SEND_GIFT', { ...GIFT, tid: undefined })).not.toHaveProperty('key');
  });

  it('keeps what was bought where a blind box was opened', () => {
    const blind_gift = { original_gift_name: '心动盲盒', original_gift_price: 15_000 };
    expect(decode('SEND_GIFT', { ...GIFT, blind_gift })?.gift?.original).toEqual({ name: '心动盲盒', price: 15_000 });
  });

  it('counts silver apart from gold, and a coin without a name as gold', () => {
    expect(decode('SEND_GIFT', { ...GIFT, coin_type: 'silver' })?.gift?.currency).toBe('bilibili:silver');
    expect(decode('SEND_GIFT', { ...GIFT, coin_type: '' })?.gift?.currency).toBe('bilibili:gold');
  });

  it('multiplies where the total is missing, and takes no absurd number for money', () => {
    expect(decode('SEND_GIFT', { ...GIFT, total_coin: undefined })?.gift?.total).toBe(300);
    expect(decode('SEND_GIFT', { ...GIFT, total_coin: -5, price: 1e300 })?.gift).toMatchObject({ price: 0, total: 0 });
  });

  it.each([{ num: 0 }, { num: -1 }, { num: 1.5 }, { giftId: null }, { giftName: 7 }])(
    'with %j is a dead letter',
    (wrong) => {
      expect(refusal('SEND_GIFT', { ...GIFT, ...wrong })).toContain('gift without');
    },
  );
});

describe('SEND_GIFT_V2', () => {
  const given = {
    id: '31036',
    name: '小花花',
    num: 1n,
    price: 100n,
    totalCoin: 100n,
    coinType: 'gold',
    timestamp: 1_790_000_000n,
  };
  const message = (init: object) => {
    const bytes = toBinary(SendGiftV2Schema, create(SendGiftV2Schema, init));
    return { pb: Buffer.from(bytes).toString('base64') };
  };

  it('holds several gifts, each an event with a place and an id of its own', () => {
    const gifts = ['4816854475186832896', '4816854475186832897'].map((tid) => ({ ...given, tid }));
    const medal = { targetId: '9', anchorRoomId: '5050', level: 5, name: '泥' };
    const events = decodeAll('SEND_GIFT_V2', message({ uname: '某***', guardLevel: 3, medal, gifts }));
    expect(events.map(({ place, key }) => [place, key])).toEqual([
      ['1.0', 'gift:4816854475186832896'],
      ['1.1', 'gift:4816854475186832897'],
    ]);
    const badge = { name: '泥', level: 5, roomId: '5050' };
    expect(events[1]).toMatchObject({ at: 1_790_000_000_000, user: { name: '某***', masked: true, tier: 3, badge } });
  });

  it('agrees with SEND_GIFT of the same gift about its identity', () => {
    const [v2] = decodeAll('SEND_GIFT_V2', message({ gifts: [{ ...given, tid: GIFT.tid }] }));
    expect(v2?.key).toBe(decode('SEND_GIFT', GIFT)?.key);
  });

  it('takes the badge from the second place it may be at, and the blind box', () => {
    const sender = { base: { uname: '某人' }, medal: { name: '泥', level: 7 } };
    const blind = { originalName: '盲盒', originalPrice: 15_000n };
    const [event] = decodeAll('SEND_GIFT_V2', message({ uid: '42', sender, blind, gifts: [{ ...given, tid: '1' }] }));
    expect(event).toMatchObject({
      user: { id: '42', name: '某人', badge: { name: '泥', level: 7 } },
      gift: { original: { name: '盲盒', price: 15_000 } },
    });
  });

  it.each([
    ['no "pb"', {}],
    ['an empty "pb"', { pb: '' }],
    ['a "pb" that is no Protobuf', { pb: '////' }],
    ['no gift', message({ uid: '42' })],
    ['a gift without a count', message({ gifts: [{ ...given, num: 0n }] })],
  ])('with %s is a dead letter', (_, data) => {
    expect(refusal('SEND_GIFT_V2', data)).toContain('SEND_GIFT_V2');
  });
});

it('keeps COMBO_SEND as a notice, as it sums up gifts that were counted already', () => {
  const data = { combo_num: 2, combo_total_coin: 200 };
  expect(decode('COMBO_SEND', data)).toMatchObject({
    kind: 'notice',
    type: 'COMBO_SEND',
    raw: expect.stringContaining('200'),
  });
});

describe('a super chat', () => {
  const SUPER_CHAT = {
    id: 19_367_477,
    price: 30,
    message: '假期最后一天',
    message_trans: '休暇最終日',
    time: 60,
    ts: 1_790_781_481,
    start_time: 1_790_781_480,
    end_time: 1_790_781_541,
    uid: 696_940_236,
    user_info: { uname: '森水', guard_level: 3, user_level: 14, manager: 1 },
    medal_info: { medal_name: '小路泥', medal_level: 29, anchor_roomid: 1_700_301_235, anchor_uname: '四时' },
  };

  it('has its price in fen, how long it is shown, and who paid', () => {
    expect(decode('SUPER_CHAT_MESSAGE', SUPER_CHAT)).toEqual({
      kind: 'superchat',
      place: '1',
      key: 'superchat:19367477',
      messageId: '19367477',
      at: 1_790_781_481_000,
      text: '假期最后一天',
      superchat: { price: 3000, currency: 'CNY', durationSeconds: 60, translation: '休暇最終日' },
      user: {
        id: '696940236',
        name: '森水',
        level: 14,
        tier: 3,
        role: 'moderator',
        badge: { name: '小路泥', level: 29, roomId: '1700301235', anchorName: '四时' },
      },
    });
  });

  it('is one with its Japanese twin', () => {
    expect(decode('SUPER_CHAT_MESSAGE_JPN', SUPER_CHAT)?.key).toBe(decode('SUPER_CHAT_MESSAGE', SUPER_CHAT)?.key);
  });

  it('rounds a fraction of a fen, and falls back to its times for how long it is shown', () => {
    const event = decode('SUPER_CHAT_MESSAGE', { ...SUPER_CHAT, price: 29.999, time: undefined });
    expect(event?.superchat).toMatchObject({ price: 3000, durationSeconds: 61 });
  });

  it.each([undefined, -1, '30', 1e300])('with the price %j is a dead letter', (price) => {
    expect(refusal('SUPER_CHAT_MESSAGE', { ...SUPER_CHAT, price })).toContain('price');
  });
});

describe('a membership', () => {
  const BOUGHT = { uid: 42, username: '某人', guard_level: 3, num: 1, price: 138_000 };
  const TIMES = { start_time: 1_790_000_000, end_time: 1_792_592_000 };
  const KEY = 'membership:42:3:1790000000';

  it('is one purchase, whichever of its three messages tells it', () => {
    const toast = { ...BOUGHT, ...TIMES, unit: '月', payflow_id: 'pay-1', role_name: '舰长' };
    const nested = {
      sender_uinfo: { uid: 42, base: { name: '某人' } },
      guard_info: { guard_level: 3, role_name: '舰长', ...TIMES },
      pay_info: { num: 1, price: 138_000, unit: '月', payflow_id: 'pay-1' },
    };
    const membership = {
      tier: 3,
      name: '舰长',
      count: 1,
      price: 138_000,
      currency: 'bilibili:gold',
      startsAt: 1_790_000_000_000,
      endsAt: 1_792_592_000_000,
    };
    const common = {
      kind: 'membership',
      place: '1',
      key: KEY,
      at: 1_790_000_000_000,
      user: { id: '42', name: '某人', tier: 3 },
    };
    expect(decode('GUARD_BUY', { ...BOUGHT, ...TIMES, gift_name: '舰长' })).toEqual({ ...common, membership });
    const told = { ...common, messageId: 'pay-1', membership: { ...membership, unit: '月' } };
    expect(decode('USER_TOAST_MSG', toast)).toEqual(told);
    expect(decode('USER_TOAST_MSG_V2', nested)).toEqual(told);
  });

  it('of a hidden buyer is known by its payment, and by its place where it names none', () => {
    const hidden = { ...BOUGHT, ...TIMES, uid: 0, username: '某***' };
    expect(decode('USER_TOAST_MSG', { ...hidden, payflow_id: 'pay-2' })).toMatchObject({ key: 'membership:pay:pay-2' });
    expect(decode('GUARD_BUY', hidden)).not.toHaveProperty('key');
  });

  it('without a tier is a dead letter', () => {
    expect(refusal('GUARD_BUY', { ...BOUGHT, guard_level: 0 })).toContain('tier');
  });
});
