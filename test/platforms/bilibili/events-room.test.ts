import { create, toBinary } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { decodeFrame } from '../../../src/platforms/bilibili/decode-frame.js';
import { InteractWordV2Schema } from '../../../src/platforms/bilibili/proto/interact_word_v2_pb.js';
import { json } from './frames.js';
import { spooled } from './spooled.js';

const decodeAll = (message: unknown) => {
  const { events } = decodeFrame(json(message));
  events.forEach(spooled);
  return events;
};
const decode = (message: unknown) => decodeAll(message)[0];

describe('INTERACT_WORD', () => {
  const data = {
    uid: 42,
    uname: '某人',
    msg_type: 1,
    timestamp: 1_790_000_000,
    trigger_time: 1_790_000_000_123_456_800,
  };

  it.each([
    [1, 'enter'],
    [2, 'follow'],
    [3, 'share'],
    [4, 'follow'],
    [5, 'follow'],
  ])('of type %i is %s', (msg_type, kind) => {
    const user = { id: '42', name: '某人' };
    expect(decode({ cmd: 'INTERACT_WORD', data: { ...data, msg_type } })).toMatchObject({
      kind,
      at: 1_790_000_000_123,
      user,
    });
  });

  it.each([
    [1, 'enter'],
    [2, 'follow'],
    [3, 'share'],
    [4, 'follow'],
    [5, 'follow'],
  ])('as Protobuf of type %i is %s', (msgType, kind) => {
    const message = create(InteractWordV2Schema, { uid: '42', uname: '某人', msgType, timestamp: 1_790_000_000n });
    const pb = Buffer.from(toBinary(InteractWordV2Schema, message)).toString('base64');
    const user = { id: '42', name: '某人' };
    expect(decode({ cmd: 'INTERACT_WORD_V2', data: { pb } })).toMatchObject({ kind, at: 1_790_000_000_000, user });
  });

  it('has no id where the platform gives none: an equal message is another one', () => {
    expect(decode({ cmd: 'INTERACT_WORD', data })).not.toHaveProperty('key');
    expect(decode({ cmd: 'INTERACT_WORD', data, msg_id: 'm1' })).toMatchObject({ key: 'enter:m1', messageId: 'm1' });
  });

  it('of a type we do not know, or with a body that cannot be read, is a notice', () => {
    expect(decode({ cmd: 'INTERACT_WORD', data: { ...data, msg_type: 6 } })).toMatchObject({
      kind: 'notice',
      type: 'INTERACT_WORD',
    });
    expect(decode({ cmd: 'INTERACT_WORD_V2', data: { pb: '////' } })).toMatchObject({
      kind: 'notice',
      type: 'INTERACT_WORD_V2',
    });
  });

  it.each([{ cmd: 'INTERACT_WORD_V2', data: { dmscore: 4, pb: '' } }, { cmd: 'INTERACT_WORD_V2' }])(
    'emptied (%j) is an entry of nobody',
    (message) => {
      expect(decode(message)).toEqual({ kind: 'enter', place: '1', type: 'INTERACT_WORD_V2' });
    },
  );
});

it('ENTRY_EFFECT is the entry of a member, named by the greeting where by nothing else', () => {
  const data = {
    uid: 42,
    copy_writing: '欢迎舰长 <%某人%> 进入直播间',
    privilege_type: 3,
    trigger_time: 1_790_000_000_123_456_800,
  };
  const event = {
    kind: 'enter',
    type: 'ENTRY_EFFECT',
    at: 1_790_000_000_123,
    user: { id: '42', name: '某人', tier: 3 },
  };
  expect(decode({ cmd: 'ENTRY_EFFECT', data })).toMatchObject(event);
  const uinfo = { base: { name: '某某人' } };
  expect(decode({ cmd: 'ENTRY_EFFECT', data: { ...data, uinfo } })).toMatchObject({ user: { name: '某某人' } });
});

it('LIKE_INFO_V3_CLICK is a like', () => {
  const fans_medal = { medal_name: '超邪恶', medal_level: 1, anchor_roomid: 0 };
  const data = { uid: 59_225_578, uname: '观众32', like_text: '为主播点赞了', fans_medal };
  expect(decode({ cmd: 'LIKE_INFO_V3_CLICK', data })).toEqual({
    kind: 'like',
    place: '1',
    text: '为主播点赞了',
    user: { id: '59225578', name: '观众32', badge: { name: '超邪恶', level: 1 } },
  });
});

describe('a broadcast', () => {
  it('begins once, though it is told twice', () => {
    const message = { cmd: 'LIVE', live_key: '5290', roomid: 5050, msg_id: 'm1' };
    const [first, second] = [decode({ ...message, live_time: 1_790_000_000 }), decode({ ...message, msg_id: 'm2' })];
    expect(first).toMatchObject({
      kind: 'live_start',
      at: 1_790_000_000_000,
      live: { key: '5290', startedAt: 1_790_000_000_000 },
    });
    expect(first?.key).toBe('live_start:5290');
    expect(second?.key).toBe('live_start:5290');
  });

  it('ends, and says where it is repeated from then on', () => {
    const message = { cmd: 'PREPARING', roomid: '5050', msg_id: 'm3', send_time: 1_790_000_000_456 };
    expect(decode(message)).toEqual({
      kind: 'live_end',
      place: '1',
      key: 'live_end:m3',
      messageId: 'm3',
      at: 1_790_000_000_456,
    });
    expect(decode({ ...message, round: 1 })).toMatchObject({ live: { rebroadcast: true } });
  });

  it('changes title and area', () => {
    const data = {
      title: '新标题',
      area_id: 21,
      area_name: '视频唱见',
      parent_area_id: 1,
      parent_area_name: '娱乐',
      live_key: '52',
    };
    expect(decode({ cmd: 'ROOM_CHANGE', data })).toMatchObject({
      kind: 'room_change',
      room: { title: '新标题', areaId: '21', areaName: '视频唱见', parentAreaId: '1', parentAreaName: '娱乐' },
      live: { key: '52' },
    });
  });
});

describe('moderation', () => {
  it.each([
    [
      { cmd: 'SUPER_CHAT_MESSAGE_DELETE', data: { ids: [1, 2] } },
      { action: 'superchat_delete', targets: ['1', '2'] },
    ],
    [
      { cmd: 'RECALL_DANMU_MSG', data: { recall_type: 1, target_id: 99 } },
      { action: 'recall', targets: ['99'] },
    ],
    [{ cmd: 'ROOM_SILENT_ON', data: { type: 'level', level: 3 } }, { action: 'silence' }],
    [{ cmd: 'ROOM_SILENT_OFF', data: {} }, { action: 'unsilence' }],
    [
      { cmd: 'ROOM_ADMINS', uids: [1], data: { uids: [7, 8] } },
      { action: 'moderators', targets: ['7', '8'] },
    ],
    [{ cmd: 'WARNING', msg: '违规', roomid: 5050 }, { action: 'warning' }],
  ])('%j', (message, moderation) => {
    expect(decodeAll(message)).toEqual([
      expect.objectContaining({ kind: 'moderation', type: message.cmd, moderation }),
    ]);
  });

  it('names who was blocked, and by what authority', () => {
    expect(decode({ cmd: 'ROOM_BLOCK_MSG', data: { uid: 42, uname: '某人', operator: 1 } })).toMatchObject({
      moderation: { action: 'block', targets: ['42'], operator: '1' },
      user: { id: '42', name: '某人' },
    });
  });

  it.each(['CUT_OFF', 'CUT_OFF_V2', 'ROOM_LOCK'])('by %s ends the broadcast, too', (cmd) => {
    const events = decodeAll({ cmd, msg: '违反规定', roomid: 5050, msg_id: 'm9' });
    expect(events.map(({ kind, place, key }) => [kind, place, key])).toEqual([
      ['moderation', '1.0', 'moderation:m9'],
      ['live_end', '1.1', 'live_end:m9.1'],
    ]);
    expect(events[0]?.text).toBe('违反规定');
  });
});

describe('a notice', () => {
  it('keeps the name and the text of what we do not know', () => {
    const message = { cmd: 'PK_BATTLE_START', data: { pk_id: 1 }, msg_id: 'n1', send_time: 1_790_000_000_456 };
    expect(decode(message)).toEqual({
      kind: 'notice',
      place: '1',
      type: 'PK_BATTLE_START',
      raw: JSON.stringify(message),
      key: 'notice:n1',
      messageId: 'n1',
      at: 1_790_000_000_456,
    });
  });

  it('is cut where it is longer than a document should be', () => {
    const raw = decode({ cmd: 'WIDGET_BANNER', data: '😀'.repeat(20_000) })?.raw;
    expect(raw?.length).toBeGreaterThanOrEqual(32_767);
    expect(raw?.length).toBeLessThanOrEqual(32_768);
    expect(raw?.isWellFormed()).toBe(true);
  });

  it.each(['constructor', '__proto__', 'toString', 'hasOwnProperty'])('is also what %s is as a command', (cmd) => {
    expect(decode({ cmd, data: {} })).toMatchObject({ kind: 'notice', type: cmd });
  });
});
