/** Who comes, follows, shares and likes. Without an id of their own, most of them: each one sent is one stored. */
import { BinaryWriter } from '@bufbuild/protobuf/wire';
import { between } from '../random.js';
import { maskedOnceName, messageId, onceUserId } from './identity.js';
import { quote, secondsOf, type Cast, type ExpectedEvent, type MessageType } from './message.js';
import { faceUrl, nameOf } from './people.js';

const KINDS = ['enter', 'enter', 'follow', 'share', 'follow', 'follow'] as const;

/** In the middle of its millisecond: such a number does not survive a double to the last digit. */
const nanosecondsOf = ({ n, at }: Cast): string => `${at}${100_000 + ((n * 7_919) % 800_000)}`;

function visitOf(cast: Cast) {
  const { draw } = cast;
  const kindDraw = draw();
  const type = kindDraw < 0.9 ? 1 : kindDraw < 0.96 ? 2 : kindDraw < 0.98 ? 3 : kindDraw < 0.99 ? 4 : 5;
  const name = nameOf(draw);
  return {
    type,
    kind: KINDS[type] ?? 'enter',
    uid: cast.masked ? 0 : onceUserId(cast.n),
    name: cast.masked ? maskedOnceName(cast.n) : name,
    face: faceUrl(draw),
    score: between(draw, 0, 100_000),
  };
}

function expectVisit(cast: Cast): ExpectedEvent[] {
  const { kind, uid, name } = visitOf(cast);
  const user = { id: uid === 0 ? null : String(uid), name, ...(uid === 0 ? { masked: true } : {}) };
  return [{ kind, at: cast.at, atPrecision: 'second', fields: { user, gift: null } }];
}

function interactWord(cast: Cast): string {
  const { type, uid, name, score } = visitOf(cast);
  return (
    `{"cmd":"INTERACT_WORD","data":{"contribution":{"grade":0},"dmscore":2,"fans_medal":{"anchor_roomid":0,"guard_level":0,"icon_id":0,"is_lighted":0,` +
    `"medal_color":0,"medal_color_border":12632256,"medal_color_end":12632256,"medal_color_start":12632256,"medal_level":0,"medal_name":"","score":0,` +
    `"special":"","target_id":0},"identities":[1],"is_spread":0,"msg_type":${type},"privilege_type":0,"roomid":${cast.room.roomId},"score":${score},` +
    `"spread_desc":"","spread_info":"","tail_icon":0,"timestamp":${secondsOf(cast.at)},"trigger_time":${nanosecondsOf(cast)},"uid":${uid},` +
    `"uname":${quote(name)},"uname_color":""},"msg_id":"${messageId(cast.n)}","send_time":${cast.at}}`
  );
}

function interactWordV2(cast: Cast): string {
  const { type, uid, name, face, score } = visitOf(cast);
  const writer = new BinaryWriter();
  if (uid !== 0) writer.uint32(8).int64(uid);
  writer.uint32(18).string(name);
  writer.uint32(40).int64(type).uint32(48).int64(cast.room.roomId).uint32(56).int64(secondsOf(cast.at));
  writer.uint32(64).int64(score);
  writer.uint32(178).fork().uint32(18).fork().uint32(10).string(name).uint32(18).string(face).join().join();
  return `{"cmd":"INTERACT_WORD_V2","data":{"dmscore":4,"pb":"${Buffer.from(writer.finish()).toString('base64')}"}}`;
}

function guestOf(cast: Cast) {
  const { draw } = cast;
  return { uid: onceUserId(cast.n), name: nameOf(draw), face: faceUrl(draw), tier: between(draw, 1, 3) };
}

const expectGuest =
  (kind: 'enter' | 'like', at: boolean) =>
  (cast: Cast): ExpectedEvent[] => {
    const { uid, name } = guestOf(cast);
    const when = at ? { at: cast.at, atPrecision: 'second' as const } : {};
    return [{ kind, ...when, fields: { user: { id: String(uid), name } } }];
  };

function entryEffect(cast: Cast): string {
  const { uid, name, face, tier } = guestOf(cast);
  const words = quote(`欢迎舰长 <%${name}%> 进入直播间`);
  return (
    `{"cmd":"ENTRY_EFFECT","data":{"basemap_url":"https://i0.hdslb.com/bfs/live/mlive/11a6e8eb061c3e715d0a6a2ac0ddea2faa15c15e.png","business":1,` +
    `"copy_color":"#ffffff","copy_writing":${words},"copy_writing_v2":${words},"effect_silent_time":0,"effective_time":2,"effective_time_new":0,` +
    `"face":"${face}","full_cartoon_id":0,"highlight_color":"#E6FF00","icon_list":[],"id":4,"identities":6,"is_mystery":false,"max_delay_time":7,` +
    `"mobile_dynamic_url_webp":"","mock_effect":0,"priority":1,"privilege_type":${tier},"show_avatar":1,"target_id":${cast.room.uid},` +
    `"trigger_time":${nanosecondsOf(cast)},"uid":${uid},"uinfo":{"uid":${uid},"base":{"name":${quote(name)},"face":"${face}","name_color":0,"is_mystery":false,` +
    `"name_color_str":"#00D1F1"},"medal":null,"wealth":{"level":20,"dm_icon_key":""},"title":null,"guard":{"level":${tier},"expired_str":""}},` +
    `"wealth_style_info":{"url":""},"wealthy_info":null,"web_basemap_url":"","web_close_time":0,"web_dynamic_url_apng":"","web_dynamic_url_webp":"",` +
    `"web_effect_close":0,"web_effective_time":2}}`
  );
}

function likeClick(cast: Cast): string {
  const { uid, name, face } = guestOf(cast);
  return (
    `{"cmd":"LIKE_INFO_V3_CLICK","data":{"show_area":1,"msg_type":6,"like_icon":"https://i0.hdslb.com/bfs/live/23678e3d90402bea6a65251b3e728044c21b1f0f.png",` +
    `"uid":${uid},"like_text":"为主播点赞了","uname":${quote(name)},"uname_color":"","identities":[1],"fans_medal":{"anchor_roomid":0,"guard_level":0,` +
    `"icon_id":0,"is_lighted":0,"medal_color":0,"medal_color_border":12632256,"medal_color_end":12632256,"medal_color_start":12632256,"medal_level":0,` +
    `"medal_name":"","score":0,"special":"","target_id":0},"contribution_info":{"grade":0},"dmscore":20,"group_medal":null,"is_mystery":false,` +
    `"uinfo":{"uid":${uid},"base":{"name":${quote(name)},"face":"${face}","name_color":0,"is_mystery":false,"name_color_str":""},"medal":null,"wealth":null,` +
    `"title":null,"guard":{"level":0,"expired_str":""}}}}`
  );
}

export const VISIT_TYPES: readonly MessageType[] = [
  { cmd: 'INTERACT_WORD', fate: 'event', hasId: true, weight: 10, wire: interactWord, expect: expectVisit },
  { cmd: 'INTERACT_WORD_V2', fate: 'event', hasId: false, weight: 200, wire: interactWordV2, expect: expectVisit },
  {
    cmd: 'ENTRY_EFFECT',
    fate: 'event',
    hasId: false,
    weight: 40,
    wire: entryEffect,
    expect: expectGuest('enter', true),
  },
  {
    cmd: 'LIKE_INFO_V3_CLICK',
    fate: 'event',
    hasId: false,
    weight: 60,
    wire: likeClick,
    expect: expectGuest('like', false),
  },
];
