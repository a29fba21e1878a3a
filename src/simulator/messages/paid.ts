/** Memberships (told two or three times) and super chats (told twice to some). */
import { GUARDS, SUPERCHAT_PRICES } from '../catalogue.js';
import { hex, pick } from '../random.js';
import { messageId, nonce, onceUserId, superChatId } from './identity.js';
import { secondsOf, type Cast, type ExpectedEvent, type MessageType } from './message.js';
import { faceUrl, nameOf, textOf, viewerOf, type Viewer } from './people.js';

const MONTH_SECONDS = 2_592_000;

function purchaseOf({ draw, primary, at }: Cast) {
  const guard = pick(draw, draw() < 0.9 ? GUARDS.slice(0, 1) : GUARDS);
  const count = draw() < 0.9 ? 1 : 3;
  const start = secondsOf(at);
  return { uid: onceUserId(primary), name: nameOf(draw), guard, count, start, end: start + count * MONTH_SECONDS };
}

function guardBuy(cast: Cast): string {
  const { uid, name, guard, count, start } = purchaseOf(cast);
  return JSON.stringify({
    cmd: 'GUARD_BUY',
    data: {
      uid,
      username: name,
      guard_level: guard.tier,
      num: count,
      price: guard.price,
      gift_id: guard.gift,
      gift_name: guard.name,
      start_time: start,
      end_time: start,
    },
  });
}

function toast(cast: Cast): string {
  const { uid, name, guard, count, start } = purchaseOf(cast);
  return JSON.stringify({
    cmd: 'USER_TOAST_MSG',
    data: {
      anchor_show: true,
      color: '#00D1F1',
      dmscore: 204,
      effect_id: 397,
      end_time: start,
      face_effect_id: 44,
      gift_id: guard.gift,
      guard_level: guard.tier,
      is_show: 0,
      num: count,
      op_type: 1,
      payflow_id: `2611${nonce(cast.primary)}`,
      price: guard.price,
      role_name: guard.name,
      start_time: start,
      svga_block: 0,
      target_guard_count: 52,
      toast_msg: `<%${name}%> 在主播${cast.room.name}的直播间开通了${guard.name}`,
      uid,
      unit: '月',
      user_show: true,
      username: name,
    },
    msg_id: messageId(cast.n),
    send_time: cast.at,
  });
}

function toastV2(cast: Cast): string {
  const { uid, name, guard, count, start } = purchaseOf(cast);
  return JSON.stringify({
    cmd: 'USER_TOAST_MSG_V2',
    data: {
      sender_uinfo: { uid, base: { name, face: faceUrl(cast.draw) } },
      receiver_uinfo: { uid: cast.room.uid, base: { name: cast.room.name } },
      guard_info: {
        guard_level: guard.tier,
        role_name: guard.name,
        room_guard_count: 52,
        op_type: 1,
        start_time: start,
        end_time: start,
      },
      group_guard_info: null,
      gift_info: { gift_id: guard.gift },
      effect_info: { effect_id: 397, room_effect_id: 590, face_effect_id: 44 },
      toast_msg: `<%${name}%> 在主播${cast.room.name}的直播间开通了${guard.name}`,
      option: {
        anchor_show: true,
        user_show: true,
        is_show: 0,
        is_group: 0,
        svga_block: 0,
        source: 0,
        color: '#00D1F1',
      },
      pay_info: { payflow_id: `2611${nonce(cast.primary)}`, price: guard.price, num: count, unit: '月' },
    },
    msg_id: messageId(cast.n),
    send_time: cast.at,
  });
}

/** The fields that all three tellings agree in: which of them is stored is the collector's choice. */
function expectPurchase(cast: Cast): ExpectedEvent[] {
  const { uid, name, guard, count, start } = purchaseOf(cast);
  return [
    {
      kind: 'membership',
      at: cast.at,
      atPrecision: 'second',
      fields: {
        user: { id: String(uid), name },
        membership: {
          tier: guard.tier,
          count,
          price: guard.price,
          currency: 'bilibili:gold',
          startsAt: start * 1000,
        },
        gift: null,
      },
    },
  ];
}

function superChatOf(cast: Cast) {
  const viewer = viewerOf({ ...cast, masked: false });
  const { draw } = cast;
  const cost = pick(draw, SUPERCHAT_PRICES);
  const text = textOf(draw);
  const translated = draw() < 0.1 ? `${text}（翻訳）` : '';
  return { viewer, cost, text, translated, face: faceUrl(draw), token: hex(draw, 8).toUpperCase() };
}

const superChatMedal = ({ medal, tier }: Viewer) =>
  medal
    ? {
        anchor_roomid: medal.roomId,
        anchor_uname: medal.anchor,
        guard_level: tier,
        icon_id: 0,
        is_lighted: 1,
        medal_color: '#2d0855',
        medal_level: medal.level,
        medal_name: medal.name,
        special: '',
        target_id: medal.anchorUid,
      }
    : null;

const LOOKS = {
  background_bottom_color: '#2A60B2',
  background_color: '#EDF5FF',
  background_color_end: '#405D85',
  background_color_start: '#3171D2',
  background_icon: '',
  background_image: '',
  background_price_color: '#7497CD',
  color_point: 0.7,
  dmscore: 714,
  is_mystery: false,
  is_ranked: 0,
  is_send_audit: 0,
  message_font_color: '#A3F6FF',
  rate: 1000,
  trans_mark: 0,
};
const PLAIN_USER = {
  face_frame: '',
  is_main_vip: 0,
  is_svip: 0,
  is_vip: 0,
  level_color: '#61c05a',
  manager: 0,
  title: '',
};

const PLAIN_BASE = {
  is_mystery: false,
  name_color: 0,
  name_color_str: '',
  official_info: null,
  origin_info: null,
  risk_ctrl_info: null,
};
const PLAIN_UINFO = {
  anon: null,
  bubble_box: null,
  dm_config: null,
  guard_leader: null,
  medal: null,
  name_color: null,
  title: null,
  uhead_frame: null,
  wealth: null,
};

/** Also one element of the interfaces' lists of super chats on show. */
export function superChatData(cast: Cast, isJapanese: boolean): Record<string, unknown> {
  const { viewer, cost, text, translated, face, token } = superChatOf(cast);
  const start = secondsOf(cast.at);
  const { uid, name, tier, level } = viewer;
  return {
    ...LOOKS,
    end_time: start + cost.seconds,
    gift: { gift_id: 12000, gift_name: '醒目留言', num: 1 },
    id: isJapanese ? String(superChatId(cast.primary)) : superChatId(cast.primary),
    medal_info: superChatMedal(viewer),
    message: text,
    ...(isJapanese ? { message_jpn: translated } : {}),
    message_trans: translated,
    price: cost.yuan,
    start_time: start,
    time: cost.seconds,
    token,
    ts: start,
    uid,
    uinfo: { ...PLAIN_UINFO, uid, base: { ...PLAIN_BASE, name, face }, guard: { expired_str: '', level: tier } },
    user_info: { ...PLAIN_USER, face, guard_level: tier, name_color: '#00D1F1', uname: name, user_level: level },
  };
}

const superChatWire = (cmd: string, cast: Cast): string =>
  JSON.stringify({
    cmd,
    data: superChatData(cast, cmd.endsWith('JPN')),
    is_report: true,
    msg_id: messageId(cast.n),
    p_is_ack: true,
    p_msg_type: 1,
    send_time: cast.at,
  });

function expectSuperChat(cast: Cast): ExpectedEvent[] {
  const { viewer, cost, text } = superChatOf(cast);
  return [
    {
      kind: 'superchat',
      at: cast.at,
      atPrecision: 'second',
      fields: {
        messageId: String(superChatId(cast.primary)),
        user: { id: String(viewer.uid), name: viewer.name, level: viewer.level },
        text,
        superchat: { price: cost.yuan * 100, currency: 'CNY', durationSeconds: cost.seconds },
        gift: null,
      },
    },
  ];
}

export const PAID_TYPES: readonly MessageType[] = [
  { cmd: 'GUARD_BUY', fate: 'event', hasId: true, weight: 3, wire: guardBuy, expect: expectPurchase },
  { cmd: 'USER_TOAST_MSG', fate: 'event', hasId: true, weight: 0, isCopy: true, wire: toast, expect: expectPurchase },
  {
    cmd: 'USER_TOAST_MSG_V2',
    fate: 'event',
    hasId: true,
    weight: 0,
    isCopy: true,
    wire: toastV2,
    expect: expectPurchase,
  },
  {
    cmd: 'SUPER_CHAT_MESSAGE',
    fate: 'event',
    hasId: true,
    weight: 4,
    wire: (cast) => superChatWire('SUPER_CHAT_MESSAGE', cast),
    expect: expectSuperChat,
  },
  {
    cmd: 'SUPER_CHAT_MESSAGE_JPN',
    fate: 'event',
    hasId: true,
    weight: 0,
    isCopy: true,
    wire: (cast) => superChatWire('SUPER_CHAT_MESSAGE_JPN', cast),
    expect: expectSuperChat,
  },
  {
    cmd: 'SUPER_CHAT_MESSAGE_DELETE',
    fate: 'event',
    hasId: true,
    weight: 0,
    wire: ({ n, primary, room, at }) =>
      `{"cmd":"SUPER_CHAT_MESSAGE_DELETE","data":{"ids":[${superChatId(primary)}]},"roomid":${room.roomId},"msg_id":"${messageId(n)}","send_time":${at}}`,
    expect: ({ primary, at }) => [
      { kind: 'moderation', at, fields: { moderation: { targets: [String(superChatId(primary))] } } },
    ],
  },
];
