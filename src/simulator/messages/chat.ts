/** Chat: `DANMU_MSG`, and what a shared room mirrors. Shapes as captured in 2026-09. */
import { between, hex, pick } from '../random.js';
import { chatId } from './identity.js';
import { quote, quoteTwice, secondsOf, type Cast, type ExpectedEvent, type MessageType } from './message.js';
import { expectedUser, faceUrl, nameOf, textOf, viewerOf, type Viewer } from './people.js';

const COLOURS = [16_777_215, 16_777_215, 16_777_215, 5_816_798, 14_893_055, 9_920_249, 65_532, 0];
const STICKERS = [
  { id: 'official_147', text: '赞' },
  { id: 'upower_[UPOWER_12345_好家伙]', text: '好家伙' },
  { id: 'room_5050_2812', text: '打call' },
];
const SUFFIX = ':4:0:2:2:2:0';

interface Chat {
  id: string;
  viewer: Viewer;
  text: string;
  colour: number;
  sticker: { id: string; url: string } | undefined;
  reply: { uid: number; name: string } | undefined;
  face: string;
  crc: string;
  random: number;
  suffixed: boolean;
}

function chatOf(cast: Cast): Chat {
  const { draw } = cast;
  const viewer = viewerOf(cast);
  const isSticker = draw() < 0.06;
  const chosen = pick(draw, STICKERS);
  const text = isSticker ? chosen.text : textOf(draw);
  const replies = !isSticker && draw() < 0.03;
  return {
    id: chatId(draw, cast.n),
    viewer,
    text,
    colour: pick(draw, COLOURS),
    sticker: isSticker ? { id: chosen.id, url: `http://i0.hdslb.com/bfs/live/${hex(draw, 40)}.png` } : undefined,
    reply: replies ? { uid: between(draw, 1_000, 700_000_000), name: nameOf(draw) } : undefined,
    face: faceUrl(draw),
    crc: hex(draw, 8),
    random: between(draw, -2_147_483_648, 2_147_483_647),
    suffixed: draw() < 0.02,
  };
}

const medalObject = ({ medal, tier }: Viewer): string =>
  medal
    ? `{"color":1725515,"color_border":1725515,"color_end":5414290,"color_start":1725515,"guard_icon":"","guard_level":${tier},` +
      `"honor_icon":"","id":9668775,"is_light":1,"level":${medal.level},"name":${quote(medal.name)},"ruid":${medal.anchorUid},` +
      `"score":${medal.level * 300},"typ":0,"user_receive_count":0,"v2_medal_color_border":"#3FB4F699","v2_medal_color_end":"#3FB4F699",` +
      `"v2_medal_color_level":"#3FB4F6E6","v2_medal_color_start":"#3FB4F699","v2_medal_color_text":"#FFFFFF"}`
    : 'null';

const medalArray = ({ medal, tier }: Viewer): string =>
  medal
    ? `[${medal.level},${quote(medal.name)},${quote(medal.anchor)},${medal.roomId},1725515,"",0,1725515,1725515,5414290,${tier},1,${medal.anchorUid}]`
    : '[]';

const extraText = (chat: Chat, isMirror: boolean): string =>
  `{\\"send_from_me\\":false,\\"master_player_hidden\\":false,\\"mode\\":0,\\"color\\":${chat.colour},\\"dm_type\\":${chat.sticker ? 1 : 0},` +
  `\\"font_size\\":25,\\"player_mode\\":1,\\"show_player_type\\":0,\\"content\\":${quoteTwice(chat.text)},\\"user_hash\\":\\"${Number.parseInt(chat.crc, 16)}\\",` +
  `\\"emoticon_unique\\":${quoteTwice(chat.sticker?.id ?? '')},\\"bulge_display\\":0,\\"recommend_score\\":2,\\"dm_score\\":0,` +
  `\\"chronos_force_display\\":0,\\"main_state_dm_color\\":\\"\\",\\"objective_state_dm_color\\":\\"\\",\\"direction\\":0,\\"pk_direction\\":0,` +
  `\\"quartet_direction\\":0,\\"anniversary_crowd\\":0,\\"yeah_space_type\\":\\"\\",\\"yeah_space_url\\":\\"\\",\\"jump_to_url\\":\\"\\",` +
  `\\"space_type\\":\\"\\",\\"space_url\\":\\"\\",\\"animation\\":{},\\"emots\\":null,\\"is_audited\\":false,\\"id_str\\":\\"${chat.id}\\",` +
  `\\"icon\\":null,\\"show_reply\\":true,\\"reply_mid\\":${chat.reply?.uid ?? 0},\\"reply_uname\\":${quoteTwice(chat.reply?.name ?? '')},` +
  `\\"reply_uname_color\\":\\"\\",\\"reply_is_mystery\\":false,\\"reply_type_enum\\":${chat.reply ? 1 : 0},\\"hit_combo\\":0,\\"esports_jump_url\\":\\"\\",` +
  `\\"is_mirror\\":${isMirror},\\"is_collaboration_member\\":false,\\"card\\":{\\"card_type\\":0,\\"oid_str\\":\\"\\",\\"oid_str_1\\":\\"\\",` +
  `\\"origin_oid_str\\":\\"\\",\\"share_id\\":\\"\\",\\"share_origin\\":\\"\\",\\"from\\":\\"\\",\\"card_content\\":null},\\"voice\\":null,\\"background_type\\":0}`;

function userObject({ viewer, face }: Chat): string {
  const name = quote(viewer.name);
  return (
    `{"anon":null,"base":{"face":"${face}","is_mystery":false,"name":${name},"name_color":0,"name_color_str":"",` +
    `"official_info":{"desc":"","role":0,"title":"","type":-1},"origin_info":{"face":"${face}","name":${name}},"risk_ctrl_info":null},` +
    `"bubble_box":null,"dm_config":{"color":16777215,"length":40,"mode":1},"guard":null,"guard_leader":null,"medal":${medalObject(viewer)},` +
    `"name_color":null,"title":{"old_title_css_id":"","title_css_id":""},"uhead_frame":null,"uid":${viewer.uid},` +
    `"wealth":{"dm_icon_key":"","level":${viewer.wealth}}}`
  );
}

const stickerText = ({ sticker }: Chat): string =>
  sticker
    ? `{"bulge_display":0,"emoticon_unique":${quote(sticker.id)},"height":60,"in_player_area":1,"is_dynamic":0,"url":"${sticker.url}","width":200}`
    : '"{}"';

function wireOf(cmd: string, cast: Cast): string {
  const chat = chatOf(cast);
  const { viewer } = chat;
  const mirror = cmd.endsWith('MIRROR');
  return (
    `{"cmd":"${chat.suffixed ? cmd + SUFFIX : cmd}","dm_v2":"","info":[[0,1,25,${chat.colour},${cast.at},${chat.random},0,"${chat.crc}",0,0,0,"",` +
    `${chat.sticker ? 1 : 0},${stickerText(chat)},"{}",{"extra":"${extraText(chat, mirror)}","mode":0,"show_player_type":0,"user":${userObject(chat)}},` +
    `{"activity_identity":"","activity_source":0,"not_show":0},0],${quote(chat.text)},` +
    `[${viewer.uid},${quote(viewer.name)},${viewer.moderator ? 1 : 0},0,0,10000,1,""],${medalArray(viewer)},` +
    `[${viewer.level},0,6406234,">50000",0],["",""],0,${viewer.tier},null,{"ct":"${chat.crc.toUpperCase()}","ts":${secondsOf(cast.at)}},` +
    `0,0,null,null,0,260,[${viewer.wealth}],null]}`
  );
}

function expectOf(cast: Cast): ExpectedEvent[] {
  const chat = chatOf(cast);
  const { viewer } = chat;
  const { medal } = viewer;
  const user = expectedUser(viewer, {
    level: viewer.level,
    badge: medal
      ? { name: medal.name, level: medal.level, roomId: String(medal.roomId), anchorName: medal.anchor }
      : null,
    role: viewer.moderator ? 'moderator' : null,
    tier: viewer.tier === 0 ? null : viewer.tier,
  });
  return [
    {
      kind: 'chat',
      at: cast.at,
      fields: {
        messageId: chat.id,
        user,
        text: chat.text,
        color: chat.colour,
        sticker: chat.sticker ?? null,
        replyTo: chat.reply ? { id: String(chat.reply.uid), name: chat.reply.name } : null,
        gift: null,
        superchat: null,
      },
    },
  ];
}

const chatType = (cmd: string, weight: number): MessageType => ({
  cmd,
  fate: 'event',
  hasId: true,
  weight,
  wire: (cast) => wireOf(cmd, cast),
  expect: expectOf,
});

export const CHAT_TYPES: readonly MessageType[] = [chatType('DANMU_MSG', 450), chatType('DANMU_MSG_MIRROR', 4)];

/** One line of the interface that tells the last chats of a room. */
export function historyLine(cast: Cast): object {
  const chat = chatOf(cast);
  const local = new Date(cast.at + 8 * 3_600_000).toISOString();
  return {
    text: chat.text,
    dm_type: chat.sticker ? 1 : 0,
    uid: chat.viewer.uid,
    nickname: chat.viewer.name,
    uname_color: '',
    timeline: local.slice(0, 19).replace('T', ' '),
    isadmin: chat.viewer.moderator ? 1 : 0,
    vip: 0,
    svip: 0,
    medal: asJson(medalArray(chat.viewer)),
    title: [''],
    user_level: [chat.viewer.level, 0, 6406234, '>50000'],
    rank: 10_000,
    teamid: 0,
    rnd: String(chat.random),
    user_title: '',
    guard_level: chat.viewer.tier,
    bubble: 0,
    check_info: { ts: secondsOf(cast.at), ct: chat.crc.toUpperCase() },
    lpl: 0,
    id_str: chat.id,
  };
}

const asJson = (text: string): unknown => JSON.parse(text);
