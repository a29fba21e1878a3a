/** Numbers of the audience, the broadcast's own news, moderation, and everything else that is passed on as it is. */
import type { EventKind } from '../../model/event-kind.js';
import { AREAS, TITLES } from '../catalogue.js';
import { between, hex, pick } from '../random.js';
import { messageId, nonce, onceUserId } from './identity.js';
import { quote, secondsOf, type Cast, type Expectation, type MessageType } from './message.js';
import { nameOf } from './people.js';

const short = (count: number): string => (count >= 10_000 ? `${Math.floor(count / 1000) / 10}万` : String(count));
const crowd = ({ draw, room }: Cast): number => Math.floor(1 + room.share * 1e6 * (0.9 + 0.2 * draw()));
const tail = ({ n, at }: Cast): string => `"msg_id":"${messageId(n)}","send_time":${at}`;

const audience = (cmd: string, weight: number, data: (cast: Cast) => string): MessageType => ({
  cmd,
  fate: 'audience',
  hasId: false,
  weight,
  wire: (cast) => `{"cmd":"${cmd}","data":${data(cast)}}`,
  expect: () => [],
});

export const AUDIENCE_TYPES: readonly MessageType[] = [
  audience('WATCHED_CHANGE', 50, (cast) => {
    const num = crowd(cast);
    return `{"num":${num},"text_small":"${short(num)}","text_large":"${short(num)}人看过"}`;
  }),
  audience('ONLINE_RANK_COUNT', 40, (cast) => {
    const count = Math.ceil(crowd(cast) / 5);
    return `{"count":${count},"count_text":"${count}","online_count":${count},"online_count_text":"${count}"}`;
  }),
  audience('LIKE_INFO_V3_UPDATE', 40, (cast) => `{"click_count":${crowd(cast)}}`),
  audience('ROOM_REAL_TIME_MESSAGE_UPDATE', 6, (cast) => {
    const fans = crowd(cast) * 7;
    return `{"roomid":${cast.room.roomId},"fans":${fans},"red_notice":-1,"fans_club":${Math.ceil(fans / 90)}}`;
  }),
];

export function changeOf({ draw }: Cast) {
  const parent = pick(draw, AREAS);
  return { title: pick(draw, TITLES), parent, area: pick(draw, parent.list) };
}

const event = (
  cmd: string,
  kind: EventKind,
  weight: number,
  wire: (cast: Cast) => string,
  fields: (cast: Cast) => Expectation = () => ({}),
  more: Partial<MessageType> = {},
): MessageType => ({
  cmd,
  fate: 'event',
  hasId: true,
  weight,
  wire: (cast) => `{"cmd":"${cmd}",${wire(cast)}}`,
  expect: (cast) => [{ kind, fields: fields(cast) }],
  ...more,
});

const liveKey = (cast: Cast) =>
  `"live_key":"${nonce(cast.primary)}","sub_session_key":"${nonce(cast.primary)}sub_time:${secondsOf(cast.at)}"`;
const liveWire = (cast: Cast, more: string): string =>
  `${liveKey(cast)},"voice_background":"","live_platform":"pc_link","live_model":0,"roomid":${cast.room.roomId}${more}`;

export const BROADCAST_TYPES: readonly MessageType[] = [
  event(
    'LIVE',
    'live_start',
    0,
    (cast) => liveWire(cast, `,"live_time":${secondsOf(cast.at)}`),
    (cast) => ({ live: { key: nonce(cast.primary) } }),
  ),
  {
    ...event(
      'LIVE',
      'live_start',
      0,
      (cast) => liveWire(cast, ''),
      (cast) => ({ live: { key: nonce(cast.primary) } }),
    ),
    isCopy: true,
  },
  event('PREPARING', 'live_end', 0, (cast) => `"roomid":"${cast.room.roomId}",${tail(cast)}`),
  event(
    'ROOM_CHANGE',
    'room_change',
    1,
    (cast) => {
      const { title, parent, area } = changeOf(cast);
      return (
        `"data":{"title":${quote(title)},"area_id":${area.id},"parent_area_id":${parent.id},"area_name":"${area.name}","parent_area_name":"${parent.name}",` +
        `"live_key":"${nonce(cast.n)}","sub_session_key":"${nonce(cast.n)}sub_time:${secondsOf(cast.at)}"},${tail(cast)}`
      );
    },
    (cast) => {
      const { title, parent, area } = changeOf(cast);
      const areas = {
        areaId: String(area.id),
        areaName: area.name,
        parentAreaId: String(parent.id),
        parentAreaName: parent.name,
      };
      return { room: { title, ...areas } };
    },
  ),
];

const culprit = (cast: Cast) => ({ uid: onceUserId(cast.n), name: nameOf(cast.draw) });

export const MODERATION_TYPES: readonly MessageType[] = [
  event(
    'WARNING',
    'moderation',
    0.3,
    (cast) => `"msg":"违反直播规范，请立即调整","roomid":${cast.room.roomId},${tail(cast)}`,
  ),
  event(
    'CUT_OFF',
    'moderation',
    0,
    (cast) => `"msg":"违反直播规范，直播已被切断","roomid":${cast.room.roomId},${tail(cast)}`,
    () => ({}),
    {
      mayAlsoBe: ['live_end'],
    },
  ),
  event('ROOM_BLOCK_MSG', 'moderation', 1, (cast) => {
    const { uid, name } = culprit(cast);
    return `"data":{"dmscore":30,"operator":1,"uid":${uid},"uname":${quote(name)}},"uid":"${uid}","uname":${quote(name)},${tail(cast)}`;
  }),
  event(
    'ROOM_SILENT_ON',
    'moderation',
    0.3,
    (cast) =>
      `"data":{"type":"level","level":5,"second":${secondsOf(cast.at) + 600}},"roomid":${cast.room.roomId},${tail(cast)}`,
  ),
  event(
    'ROOM_SILENT_OFF',
    'moderation',
    0.3,
    (cast) => `"data":{"type":"","level":0,"second":0},"roomid":${cast.room.roomId},${tail(cast)}`,
  ),
  event(
    'RECALL_DANMU_MSG',
    'moderation',
    0.5,
    (cast) => `"data":{"recall_type":1,"target_id":${onceUserId(cast.n)}},${tail(cast)}`,
  ),
];

const notice = (
  cmd: string,
  weight: number,
  wire: (cast: Cast) => string,
  more: Partial<MessageType> = {},
): MessageType => event(cmd, 'notice', weight, wire, () => ({ type: cmd, gift: null }), { hasId: false, ...more });

const rankList = (cast: Cast): string =>
  Array.from(
    { length: 7 },
    (_, rank) =>
      `{"uid":${onceUserId(cast.n)},"face":"https://i0.hdslb.com/bfs/face/member/noface.jpg","score":"${between(cast.draw, 1, 9999)}","uname":${quote(nameOf(cast.draw))},"rank":${rank + 1},"guard_level":0}`,
  ).join(',');

export const NOTICE_TYPES: readonly MessageType[] = [
  notice('ONLINE_RANK_V2', 12, (cast) => `"data":{"online_list":[${rankList(cast)}],"rank_type":"gold-rank"}`),
  notice('ONLINE_RANK_V3', 12, (cast) => `"data":{"pb":"CgtvbmxpbmVfcmFuaxIA${hex(cast.draw, 8)}"},${tail(cast)}`, {
    hasId: true,
  }),
  notice(
    'DM_INTERACTION',
    10,
    (cast) =>
      `"data":{"data":"{\\"fade_duration\\":10000,\\"cnt\\":${between(cast.draw, 1, 99)},\\"card_appear_interval\\":0,\\"suffix_text\\":\\"人正在点赞\\",\\"reset_cnt\\":0,\\"display_flag\\":1}","dmscore":36,"id":191204079723008,"status":4,"type":106},${tail(cast)}`,
    { hasId: true },
  ),
  notice(
    'POPULARITY_RED_POCKET_START',
    1,
    (cast) =>
      `"data":{"lot_id":${cast.n},"sender_name":${quote(nameOf(cast.draw))},"total_price":16000,"join_requirement":1,"danmu":"老板大气！点点红包抽礼物"},${tail(cast)}`,
    { hasId: true },
  ),
  notice(
    'SOMETHING_OF_NEXT_YEAR',
    2,
    (cast) => `"data":{"what":"nobody knows yet","deep":[[{"a":[1,2,{"b":null}]}]],"字段":"值"},${tail(cast)}`,
    { hasId: true },
  ),
  notice(
    'NOTICE_MSG',
    0,
    (cast) =>
      `"id":1720,"name":"礼物广播样式","full":{"background":"#3f3480","color":"#FFFFFFFF","highlight":"#ffe57c","time":20},"half":{"background":"#3f3480","time":15},"side":null,"roomid":1991388461,"real_roomid":1991388461,"msg_common":"<%${nameOf(cast.draw)}%>投喂<%${nameOf(cast.draw)}%>1个黑洞核心，点击前往TA的房间吧！","link_url":"https://live.bilibili.com/1991388461","msg_type":2,"shield_uid":-1,"business_id":"${nonce(cast.n)}","notice_type":0`,
    { siteWide: true },
  ),
  notice(
    'LOG_IN_NOTICE',
    0,
    (cast) =>
      `"data":{"notice_msg":"为保护用户隐私，未登录无法查看他人昵称","image_web":"http://i0.hdslb.com/bfs/dm/${nonce(cast.n)}.png","image_app":"http://i0.hdslb.com/bfs/dm/b632f7dcd3acf47deffb5f9c.png"}`,
    { siteWide: true },
  ),
];

export const HINT_TYPES: readonly MessageType[] = [
  {
    cmd: 'STOP_LIVE_ROOM_LIST',
    fate: 'hint',
    hasId: false,
    weight: 0,
    siteWide: true,
    wire: ({ draw }) =>
      `{"cmd":"STOP_LIVE_ROOM_LIST","data":{"room_id_list":[${Array.from({ length: 150 }, () => between(draw, 10_000, 1_990_000_000)).join(',')}]}}`,
    expect: () => [],
  },
];
