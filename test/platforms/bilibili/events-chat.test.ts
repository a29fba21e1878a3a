import { describe, expect, it } from 'vitest';
import { decodeFrame } from '../../../src/platforms/bilibili/decode-frame.js';
import { chatMessage, json } from './frames.js';
import { spooled } from './spooled.js';

/** The `info` of a chat with everything that one can have. */
function fullInfo(extra: Record<string, unknown>): unknown[] {
  const head: unknown[] = [
    0,
    1,
    25,
    0x00d1f1,
    1_790_519_893_202,
    -1_942_957_414,
    0,
    '8a3c13f0',
    0,
    0,
    0,
    '',
    0,
    '{}',
    '{}',
  ];
  head.push({ extra: JSON.stringify(extra), user: { uid: 0 } });
  const medal = [27, '大母鹅', 'EdmundDZhang', 5050, 398_668, '', 0, 0, 0, 0, 3, 1, 433_351];
  return [head, '你好', [1234, '观众', 1, 0, 0, 10_000, 1, ''], medal, [20, 0, 6_406_234, '>50000', 0], ['', ''], 0, 3];
}

const decode = (message: unknown, ownerId?: string) =>
  decodeFrame(json(message), ownerId === undefined ? {} : { ownerId }).events[0];
const decodeInfo = (info: unknown) => decode({ cmd: 'DANMU_MSG', info });

describe('a chat', () => {
  it('has text, time, colour, sender, badge, tier and its own id', () => {
    const event = decodeInfo(fullInfo({ content: '你好', id_str: '757c46e2cd8f', reply_mid: 0, reply_uname: '' }));
    expect(event).toEqual({
      kind: 'chat',
      place: '1',
      key: 'chat:757c46e2cd8f',
      messageId: '757c46e2cd8f',
      at: 1_790_519_893_202,
      text: '你好',
      color: 0x00d1f1,
      user: {
        id: '1234',
        name: '观众',
        level: 20,
        role: 'moderator',
        tier: 3,
        badge: { name: '大母鹅', level: 27, roomId: '5050', anchorName: 'EdmundDZhang' },
      },
    });
    if (event) spooled(event);
  });

  it('is the streamer’s where the sender owns the room', () => {
    expect(decode({ cmd: 'DANMU_MSG', info: fullInfo({}) }, '1234')?.user?.role).toBe('anchor');
  });

  it('names whom it answers', () => {
    const event = decodeInfo(fullInfo({ id_str: 'a1', reply_mid: 42, reply_uname: '某人' }));
    expect(event).toMatchObject({ key: 'chat:a1', replyTo: { id: '42', name: '某人' } });
  });

  it('finds its id wherever it stands, and takes none from what people write', () => {
    const content = '","id_str":"forged","x":"';
    const quick = decodeInfo(fullInfo({ content, a: '\\', id_str: 'true-1', reply_mid: 0, reply_uname: '' }));
    const first = decodeInfo(fullInfo({ id_str: 'true-2', content, reply_mid: 0, reply_uname: '' }));
    const last = decodeInfo(fullInfo({ reply_mid: 0, content, reply_uname: ',"reply_mid":0,', id_str: 'true-3' }));
    expect([quick, first, last].map((event) => event?.messageId)).toEqual(['true-1', 'true-2', 'true-3']);
  });

  it('without an id is known by time, random number and sender, and without one of these by its place alone', () => {
    const info = fullInfo({ content: 'no id' });
    expect(decodeInfo(info)).toMatchObject({ key: 'chat:1790519893202:-1942957414:8a3c13f0' });
    expect(decodeInfo(info.with(0, [0, 1, 25, 0xffffff, 1_790_519_893_202]))).not.toHaveProperty('key');
  });

  it('takes the time from `ts` where the head has none, and no time that cannot be', () => {
    const info = fullInfo({}).with(0, []);
    info[9] = { ts: 1_790_519_893 };
    expect(decodeInfo(info)).toMatchObject({ at: 1_790_519_893_000 });
    info[9] = { ts: 1e300 };
    expect(decodeInfo(info)).not.toHaveProperty('at');
  });

  it('is masked, and has no id, where the platform hides the sender', () => {
    expect(decode(chatMessage('hi'))?.user).toEqual({ name: '观***', masked: true, level: 20 });
  });

  it('has its sticker', () => {
    const info = fullInfo({ id_str: 's1', reply_mid: 0, reply_uname: '' });
    const head = Array.isArray(info[0]) ? [...info[0]] : [];
    head[12] = 1;
    head[13] = { emoticon_unique: 'room_5050_1', url: 'http://i0.hdslb.com/a.png', width: 162 };
    expect(decodeInfo(info.with(0, head))?.sticker).toEqual({ id: 'room_5050_1', url: 'http://i0.hdslb.com/a.png' });
    head[13] = '{}';
    expect(decodeInfo(info.with(0, head))).not.toHaveProperty('sticker');
  });

  it('of a room shown together with this one says so', () => {
    expect(decode({ ...chatMessage('mirrored', 'm1'), cmd: 'DANMU_MSG_MIRROR' })).toMatchObject({
      kind: 'chat',
      key: 'chat:m1',
      type: 'DANMU_MSG_MIRROR',
    });
  });

  it('survives every place of its list missing but the text', () => {
    for (let length = 2; length < 10; length += 1) {
      expect(decodeInfo(fullInfo({}).slice(0, length))).toMatchObject({ kind: 'chat', text: '你好' });
    }
    expect(decodeInfo([null, '你好'])).toEqual({ kind: 'chat', place: '1', text: '你好' });
  });

  it.each([[undefined], [null], [{}], [[]], [[[], 5]]])('with info %j is a dead letter', (info) => {
    const frame = decodeFrame(json({ cmd: 'DANMU_MSG', info }));
    expect(frame).toMatchObject({ events: [], undecodable: [{ reason: expect.stringContaining('DANMU_MSG') }] });
  });

  it('is cut to what a document takes, never through a surrogate pair, and holds no lone one', () => {
    const text = `${'x'.repeat(4095)}😀`;
    expect(decode(chatMessage(text))?.text).toBe('x'.repeat(4095));
    expect(decode({ cmd: 'DANMU_MSG', info: [[], 'a\ud83d', [0, '\udc00b']] })).toMatchObject({
      text: 'a\ufffd',
      user: { name: '\ufffdb' },
    });
  });
});
