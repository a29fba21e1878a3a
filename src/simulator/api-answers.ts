/** The bodies of the platform's interfaces; shapes as captured in 2026-09. */
import { AREAS, GIFTS } from './catalogue.js';
import type { Ledger } from './ledger.js';
import { historyLine } from './messages/chat.js';
import { superChatData } from './messages/paid.js';
import { popularityOf, type SimulatedRoom } from './rooms.js';
import type { WbiKeys } from './wbi-check.js';

const IMAGES = 'https://i0.hdslb.com/bfs/live';
const short = (count: number): string => (count >= 10_000 ? `${Math.floor(count / 1000) / 10}万` : String(count));
const watched = (num: number) => ({
  switch: true,
  num,
  text_small: short(num),
  text_large: `${short(num)}人看过`,
  icon: '',
  icon_location: 0,
  icon_web: '',
});

export const nav = ({ img, sub }: WbiKeys) => ({
  isLogin: false,
  wbi_img: { img_url: `https://i0.hdslb.com/bfs/wbi/${img}.png`, sub_url: `https://i0.hdslb.com/bfs/wbi/${sub}.png` },
  ip_region: 'CN',
});

/** `2026-09-30 21:04:05`, in the platform's own time zone (UTC+8). */
const localTime = (ms: number): string =>
  ms === 0 ? '0000-00-00 00:00:00' : new Date(ms + 8 * 3_600_000).toISOString().slice(0, 19).replace('T', ' ');

export const roomGetInfo = (room: SimulatedRoom) => ({
  uid: room.face.uid,
  room_id: room.face.roomId,
  short_id: room.face.shortId,
  attention: Math.ceil(room.face.share * 1e6),
  online: popularityOf(room),
  is_portrait: false,
  description: '',
  live_status: room.liveStatus,
  area_id: room.area.id,
  parent_area_id: room.area.parentId,
  parent_area_name: room.area.parentName,
  old_area_id: 1,
  background: '',
  title: room.title,
  user_cover: `${IMAGES}/user_cover/${room.face.roomId}.jpg`,
  keyframe: '',
  is_strict_room: false,
  live_time: localTime(room.liveSince),
  tags: '',
  is_anchor: 0,
  room_silent_type: '',
  room_silent_level: 0,
  room_silent_second: 0,
  area_name: room.area.name,
  pendants: '',
  area_pendants: '',
  hot_words: ['2333333', '666666'],
  hot_words_status: 0,
  verify: '',
  up_session: room.liveKey,
  pk_status: 0,
  pk_id: 0,
  battle_id: 0,
  allow_change_area_time: 0,
  allow_upload_cover_time: 0,
});

export const roomInit = (room: SimulatedRoom) => ({
  room_id: room.face.roomId,
  short_id: room.face.shortId,
  uid: room.face.uid,
  need_p2p: 0,
  is_hidden: room.bar === 'hidden',
  is_locked: room.bar === 'locked',
  is_portrait: false,
  live_status: room.liveStatus,
  hidden_till: 0,
  lock_till: room.bar === 'locked' ? Math.floor(Date.now() / 1000) + 86_400 : 0,
  encrypted: room.bar === 'encrypted',
  pwd_verified: room.bar !== 'encrypted',
  live_time: room.liveSince === 0 ? -62_170_012_800 : Math.floor(room.liveSince / 1000),
  room_shield: 0,
  is_sp: 0,
  special_type: 0,
});

const roomInfo = (room: SimulatedRoom) => ({
  uid: room.face.uid,
  room_id: room.face.roomId,
  short_id: room.face.shortId,
  title: room.title,
  cover: `${IMAGES}/user_cover/${room.face.roomId}.jpg`,
  tags: '',
  background: '',
  description: '',
  live_status: room.liveStatus,
  live_start_time: Math.floor(room.liveSince / 1000),
  live_screen_type: 0,
  lock_status: room.bar === 'locked' ? 1 : 0,
  lock_time: room.bar === 'locked' ? Math.floor(Date.now() / 1000) + 86_400 : 0,
  hidden_status: room.bar === 'hidden' ? 1 : 0,
  hidden_time: 0,
  area_id: room.area.id,
  area_name: room.area.name,
  parent_area_id: room.area.parentId,
  parent_area_name: room.area.parentName,
  keyframe: '',
  special_type: room.bar === 'encrypted' ? 1 : 0,
  up_session: room.liveKey || '0',
  pk_status: 0,
  is_studio: false,
  pendants: { frame: { name: '', value: '', desc: '' } },
  on_voice_join: 0,
  online: popularityOf(room),
  room_type: { '3-21': 0 },
  sub_session_key: room.liveKey ? `${room.liveKey}sub_time:${Math.floor(room.liveSince / 1000)}` : '',
  live_id: 0,
  live_id_str: room.liveKey || '0',
  official_room_id: 0,
  official_room_info: null,
  voice_background: '',
  live_model: 0,
  live_platform: room.liveStatus === 1 ? 'pc' : '',
  radio_background_type: 0,
});

export const superChats = (room: SimulatedRoom, ledger: Ledger) =>
  room.recentSuperChats
    .map((n) => superChatData(ledger.cast(n), false))
    .filter(({ end_time: end }) => typeof end === 'number' && end * 1000 > Date.now())
    .map((shown) => ({ ...shown, font_color: '', status: 2 }));

export const infoByRoom = (room: SimulatedRoom, ledger: Ledger) => ({
  room_info: roomInfo(room),
  anchor_info: {
    base_info: {
      uname: room.face.name,
      face: `${IMAGES}/face.jpg`,
      gender: '保密',
      official_info: { role: 0, title: '', desc: '', is_nft: 0, nft_dmark: '' },
    },
    live_info: { level: 40, level_color: 0, score: 0, upgrade_score: 0, current: null, next: null, rank: '' },
    relation_info: { attention: Math.ceil(room.face.share * 1e6) },
    medal_info: { medal_name: room.face.medal, medal_id: 497, fansclub: 100 },
    gift_info: { price: 0, price_update_time: 0 },
  },
  news_info: { uid: room.face.uid, ctime: '2026-02-23 21:10:52', content: '' },
  silent_room_info: { type: '', level: 0, second: 0, expire_time: 0 },
  switch_info: { close_guard: false, close_gift: false, close_online: false, close_danmaku: false },
  super_chat_info: { status: 1, ranked_mark: 0, message_list: superChats(room, ledger), sc_manager: false },
  watched_show: watched(Math.max(1, Math.ceil(popularityOf(room) / 6))),
  block_info: {
    block: room.bar === 'region',
    desc: room.bar === 'region' ? '您所在的地区无法观看本直播' : '',
    business: 0,
  },
});

export const danmuInfo = (
  token: string,
  hosts: readonly { host: string; port: number; wss_port: number; ws_port: number }[],
) => ({
  group: 'live',
  business_id: 0,
  refresh_row_factor: 0.125,
  refresh_rate: 100,
  max_delay: 5000,
  token,
  host_list: hosts,
});

/** One line of the newer lists. */
export const listed = (room: SimulatedRoom) => ({
  roomid: room.face.roomId,
  uid: room.face.uid,
  title: room.title,
  uname: room.face.name,
  online: popularityOf(room),
  user_cover: `${IMAGES}/new_room_cover/${room.face.roomId}.jpg`,
  user_cover_flag: 1,
  system_cover: `${IMAGES}-key-frame/keyframe${room.face.roomId}.jpg`,
  cover: `${IMAGES}/new_room_cover/${room.face.roomId}.jpg`,
  show_cover: '',
  link: `/${room.face.shortId || room.face.roomId}`,
  face: `${IMAGES}/face.jpg`,
  parent_id: room.area.parentId,
  parent_name: room.area.parentName,
  area_id: room.area.id,
  area_name: room.area.name,
  area_v2_parent_id: room.area.parentId,
  area_v2_parent_name: room.area.parentName,
  area_v2_id: room.area.id,
  area_v2_name: room.area.name,
  web_pendent: '',
  pk_id: 0,
  session_id: '1C46F62A-51C9-DC99-C599-11FFD2C26B4C',
  group_id: 0,
});

/** One line of `getListByAreaID`. */
export const listedByArea = (room: SimulatedRoom) => ({
  uid: room.face.uid,
  roomid: room.face.roomId,
  title: room.title,
  cover: `${IMAGES}/new_room_cover/${room.face.roomId}.jpg`,
  user_cover: `${IMAGES}/new_room_cover/${room.face.roomId}.jpg`,
  pic: `${IMAGES}/new_room_cover/${room.face.roomId}.jpg`,
  system_cover: `${IMAGES}-key-frame/keyframe${room.face.roomId}.jpg`,
  stream_id: 0,
  uname: room.face.name,
  face: `${IMAGES}/face.jpg`,
  online: popularityOf(room),
  areaName: room.area.parentName,
  area: 12,
  area_v2_id: room.area.id,
  area_v2_name: room.area.name,
  area_v2_parent_id: room.area.parentId,
  area_v2_parent_name: room.area.parentName,
  short_id: room.face.shortId,
  link: `/${room.face.shortId || room.face.roomId}`,
  is_tv: 0,
  is_bn: '',
  flag: 0,
  watched_show: watched(popularityOf(room)),
});

export const statusByUid = (room: SimulatedRoom) => ({
  title: room.title,
  room_id: room.face.roomId,
  uid: room.face.uid,
  online: popularityOf(room),
  live_time: Math.floor(room.liveSince / 1000),
  live_status: room.liveStatus,
  short_id: room.face.shortId,
  area: 12,
  area_name: room.area.name,
  area_v2_id: room.area.id,
  area_v2_name: room.area.name,
  area_v2_parent_name: room.area.parentName,
  area_v2_parent_id: room.area.parentId,
  uname: room.face.name,
  face: `${IMAGES}/face.jpg`,
  tag_name: '',
  tags: '',
  cover_from_user: `${IMAGES}/new_room_cover/${room.face.roomId}.jpg`,
  keyframe: '',
  lock_till: '0000-00-00 00:00:00',
  hidden_till: '0000-00-00 00:00:00',
  broadcast_type: 0,
});

export const areas = (needEntrance: boolean) =>
  AREAS.map(({ id, name, list }) => ({
    id,
    name,
    list: [...(needEntrance ? [{ id: 0, name: `全部${name}` }] : []), ...list].map((area) => ({
      id: String(area.id),
      parent_id: String(id),
      old_area_id: '1',
      name: area.name,
      act_id: '0',
      pk_status: '0',
      hot_status: 0,
      lock_status: '0',
      pic: `${IMAGES}/area.png`,
      complex_area_name: '',
      parent_name: name,
      area_type: 0,
    })),
  }));

export const giftConfig = () => ({
  list: GIFTS.map(({ id, name, price, coin }) => ({
    id,
    name,
    price,
    type: coin === 'silver' ? 5 : 0,
    coin_type: coin,
    bag_gift: 0,
    effect: 0,
    img_basic: `https://s1.hdslb.com/bfs/live/${id}.png`,
    bind_ruid: 0,
    bind_roomid: 0,
    gift_type: 0,
    max_send_limit: 5000,
  })),
});

export const chatHistory = (room: SimulatedRoom, ledger: Ledger) => ({
  admin: [],
  room: room.recentChats.map((n) => historyLine(ledger.cast(n))),
});
