/** Gifts in the old and the Protobuf form, and the sums of combos. */
import { BinaryWriter } from '@bufbuild/protobuf/wire';
import { BLIND_BOX, GIFTS } from '../catalogue.js';
import { between, hex, pick } from '../random.js';
import { giftTid, messageId, nonce } from './identity.js';
import { quote, secondsOf, type Cast, type ExpectedEvent, type MessageType } from './message.js';
import { expectedUser, faceUrl, viewerOf, type Viewer } from './people.js';

interface Gift {
  tid: string;
  id: number;
  name: string;
  price: number;
  coin: 'gold' | 'silver';
  count: number;
  total: number;
  comboId: string;
  blind: boolean;
}

interface Giving {
  viewer: Viewer;
  face: string;
  gifts: Gift[];
}

function givingOf(cast: Cast, mayBeSeveral: boolean): Giving {
  const { draw } = cast;
  const viewer = viewerOf(cast);
  const face = faceUrl(draw);
  const several = mayBeSeveral && draw() < 0.08 ? between(draw, 2, 4) : 1;
  const blind = draw() < 0.1;
  const gifts = Array.from({ length: several }, (_, place): Gift => {
    const gift = pick(draw, blind ? GIFTS.slice(0, 6) : GIFTS);
    const count = draw() < 0.6 ? 1 : between(draw, 2, 100);
    return {
      tid: giftTid(draw, cast.n, place),
      id: gift.id,
      name: gift.name,
      price: gift.price,
      coin: gift.coin,
      count,
      total: (blind ? BLIND_BOX.price : gift.price) * count,
      comboId: `batch:gift:combo_id:${hex(draw, 32)}:${cast.room.uid}:${gift.id}:${secondsOf(cast.at)}.0${between(draw, 100, 999)}`,
      blind,
    };
  });
  return { viewer, face, gifts };
}

function expectOf(cast: Cast, mayBeSeveral: boolean): ExpectedEvent[] {
  const { viewer, gifts } = givingOf(cast, mayBeSeveral);
  const { medal } = viewer;
  return gifts.map((gift) => ({
    kind: 'gift',
    at: cast.at,
    atPrecision: 'second',
    fields: {
      user: expectedUser(viewer, {
        badge: medal ? { name: medal.name, level: medal.level } : null,
        tier: viewer.tier === 0 ? null : viewer.tier,
      }),
      text: null,
      gift: {
        id: String(gift.id),
        name: gift.name,
        count: gift.count,
        price: gift.price,
        total: gift.total,
        currency: `bilibili:${gift.coin}`,
        comboId: gift.comboId,
        original: gift.blind ? { name: BLIND_BOX.name, price: BLIND_BOX.price } : null,
      },
    },
  }));
}

const oldBlind = ({ blind, price }: Gift) =>
  blind
    ? {
        blind_gift_config_id: 51,
        from: 0,
        gift_action: '爆出',
        gift_tip_price: price,
        original_gift_id: 32_251,
        original_gift_name: BLIND_BOX.name,
        original_gift_price: BLIND_BOX.price,
      }
    : null;

const oldMedal = ({ medal, tier }: Viewer) =>
  medal
    ? {
        anchor_roomid: medal.roomId,
        anchor_uname: medal.anchor,
        guard_level: tier,
        icon_id: 0,
        is_lighted: 1,
        medal_color: 1_725_515,
        medal_level: medal.level,
        medal_name: medal.name,
        special: '',
        target_id: medal.anchorUid,
      }
    : null;

const OLD_CONSTANTS = {
  action: '投喂',
  bag_gift: null,
  batch_combo_send: null,
  beatId: '',
  biz_source: 'live',
  broadcast_id: 0,
  combo_resources_id: 1,
  combo_send: null,
  combo_stay_time: 5,
  crit_prob: 0,
  demarcation: 1,
  dmscore: 112,
  draw: 0,
  effect: 0,
  effect_block: 1,
  float_sc_resource_id: 0,
  giftType: 0,
  gold: 0,
  is_first: true,
  is_special_batch: 0,
  magnification: 1,
  name_color: '',
  original_gift_name: '',
  rcost: 1_000,
  remain: 0,
  silver: 0,
  super: 0,
  super_batch_gift_num: 1,
  svga_block: 0,
};

/** `SEND_GIFT`, as logged-in clients get it. */
function sendGift(cast: Cast): string {
  const { viewer, face, gifts } = givingOf(cast, false);
  const gift = gifts[0];
  if (!gift) return '{}';
  const data = {
    ...OLD_CONSTANTS,
    batch_combo_id: gift.comboId,
    blind_gift: oldBlind(gift),
    coin_type: gift.coin,
    combo_total_coin: gift.total,
    discount_price: gift.price,
    face,
    giftId: gift.id,
    giftName: gift.name,
    gift_info: { img_basic: `https://s1.hdslb.com/bfs/live/${gift.id}.png`, webp: '' },
    guard_level: viewer.tier,
    medal_info: oldMedal(viewer),
    num: gift.count,
    price: gift.price,
    receive_user_info: { uid: cast.room.uid, uname: cast.room.name },
    rnd: gift.tid,
    super_gift_num: gift.count,
    tid: gift.tid,
    timestamp: secondsOf(cast.at),
    total_coin: gift.total,
    uid: viewer.uid,
    uname: viewer.name,
    wealth_level: viewer.wealth,
  };
  return JSON.stringify({ cmd: 'SEND_GIFT', danmu: { area: 1 }, data, msg_id: messageId(cast.n), send_time: cast.at });
}

const writeGift = (writer: BinaryWriter, gift: Gift, cast: Cast): BinaryWriter =>
  writer
    .uint32(8)
    .int64(gift.id)
    .uint32(18)
    .string(gift.name)
    .uint32(24)
    .int64(gift.count)
    .uint32(32)
    .int64(gift.coin === 'gold' ? 1 : 5)
    .uint32(40)
    .int64(gift.price)
    .uint32(48)
    .int64(gift.price)
    .uint32(56)
    .int64(gift.total)
    .uint32(66)
    .string(gift.coin)
    .uint32(74)
    .string(gift.tid)
    .uint32(80)
    .int64(secondsOf(cast.at))
    .uint32(98)
    .string(gift.comboId)
    .uint32(112)
    .int64(gift.total)
    .uint32(146)
    .string('投喂')
    .uint32(234)
    .fork()
    .uint32(10)
    .string(cast.room.name)
    .uint32(16)
    .int64(cast.room.uid)
    .join()
    .uint32(282)
    .fork()
    .uint32(10)
    .string(`https://s1.hdslb.com/bfs/live/${gift.id}.png`)
    .join();

/** `SEND_GIFT_V2`: the whole in Protobuf, in base64, in JSON. */
function sendGiftV2(cast: Cast): string {
  const { viewer, face, gifts } = givingOf(cast, true);
  const { medal } = viewer;
  const writer = new BinaryWriter();
  if (viewer.uid !== 0) writer.uint32(8).int64(viewer.uid);
  writer.uint32(18).string(viewer.name).uint32(26).string(face);
  if (viewer.tier !== 0) writer.uint32(40).int64(viewer.tier);
  if (medal) {
    writer.uint32(66).fork().uint32(8).int64(medal.anchorUid).uint32(32).int64(medal.roomId);
    writer.uint32(40).int64(medal.level).uint32(50).string(medal.name).join();
  }
  if (gifts[0]?.blind)
    writer.uint32(74).fork().uint32(26).string(BLIND_BOX.name).uint32(48).int64(BLIND_BOX.price).join();
  for (const gift of gifts) writeGift(writer.uint32(82).fork(), gift, cast).join();
  writer.uint32(122).fork().uint32(18).fork().uint32(10).string(viewer.name).uint32(18).string(face).join();
  if (medal) writer.uint32(26).fork().uint32(10).string(medal.name).uint32(16).int64(medal.level).join();
  writer.join();
  const pb = Buffer.from(writer.finish()).toString('base64');
  return `{"cmd":"SEND_GIFT_V2","danmu":{"area":1},"data":{"dmscore":714,"pb":"${pb}"}}`;
}

/** The sum of gifts that were already told one by one. */
function comboSend(cast: Cast): string {
  const { viewer, gifts } = givingOf(cast, false);
  const gift = gifts[0];
  if (!gift) return '{}';
  return (
    `{"cmd":"COMBO_SEND","data":{"action":"投喂","batch_combo_id":"batch:gift:combo_id:00000000000000${nonce(cast.n)}:${cast.room.uid}:${gift.id}",` +
    `"batch_combo_num":${gift.count},"coin_type":"${gift.coin}","combo_id":"gift:combo_id:00000000000000${nonce(cast.n)}:${cast.room.uid}:${gift.id}",` +
    `"combo_num":${gift.count},"combo_total_coin":${gift.total},"dmscore":56,"gift_id":${gift.id},"gift_name":${quote(gift.name)},"gift_num":0,` +
    `"is_join_receiver":false,"is_naming":false,"is_show":1,"name_color":"","r_uname":${quote(cast.room.name)},` +
    `"receive_user_info":{"uid":${cast.room.uid},"uname":${quote(cast.room.name)}},"ruid":${cast.room.uid},"send_master":null,` +
    `"total_num":${gift.count},"uid":${viewer.uid},"uname":${quote(viewer.name)},"wealth_level":${viewer.wealth}}}`
  );
}

export const GIFT_TYPES: readonly MessageType[] = [
  { cmd: 'SEND_GIFT', fate: 'event', hasId: true, weight: 12, wire: sendGift, expect: (cast) => expectOf(cast, false) },
  {
    cmd: 'SEND_GIFT_V2',
    fate: 'event',
    hasId: true,
    weight: 60,
    wire: sendGiftV2,
    expect: (cast) => expectOf(cast, true),
  },
  {
    cmd: 'COMBO_SEND',
    fate: 'event',
    hasId: false,
    weight: 5,
    wire: comboSend,
    expect: () => [{ kind: 'notice', fields: { type: 'COMBO_SEND', gift: null } }],
  },
];
