import { describe, expect, it } from 'vitest';
import { decodeFrame } from '../../../src/platforms/bilibili/decode-frame.js';
import { chatMessage, json, pack, packet } from './frames.js';

const chat = (text: string) => json(chatMessage(text, `id-${text}`));
const textsOf = (bytes: Uint8Array) => decodeFrame(bytes).events.map((event) => event.text);
const authenticated = (body: string) => packet({ body, operation: 8 });

describe('decodeFrame', () => {
  it.each([0, 2, 3] as const)('keeps the order of many packets in one message of version %i', (version) => {
    const frame = decodeFrame(pack(version, chat('a'), chat('b'), chat('c')));
    expect(frame.events.map((event) => event.text)).toEqual(['a', 'b', 'c']);
    expect(frame.undecodable).toEqual([]);
    expect(new Set(frame.events.map((event) => event.place)).size).toBe(3);
  });

  it('takes one nesting more, and refuses a third', () => {
    expect(textsOf(pack(3, pack(2, chat('inner'))))).toEqual(['inner']);
    const frame = decodeFrame(Buffer.concat([pack(3, pack(2, pack(3, chat('deep')))), chat('beside')]));
    expect(frame.events.map((event) => event.text)).toEqual(['beside']);
    expect(frame.undecodable).toHaveLength(1);
    expect(frame.undecodable[0]?.reason).toContain('maxNesting');
  });

  it('finds the body by the header’s own length', () => {
    const body = JSON.stringify(chatMessage('behind a longer header'));
    expect(textsOf(packet({ body, headerBytes: 24 }))).toEqual(['behind a longer header']);
  });

  it('reads a view into a larger buffer, and leaves its neighbours alone', () => {
    const bytes = chat('view');
    const around = new Uint8Array(bytes.length + 20).fill(0xff);
    around.set(bytes, 7);
    expect(textsOf(around.subarray(7, 7 + bytes.length))).toEqual(['view']);
  });

  it('compares a command up to its colon', () => {
    const [event] = decodeFrame(json({ ...chatMessage('suffix'), cmd: 'DANMU_MSG:4:0:2:2:2:0' })).events;
    expect(event).toMatchObject({ kind: 'chat', text: 'suffix' });
    expect(event).not.toHaveProperty('type');
  });

  it('keeps good neighbours of a broken packet, and the broken one as a dead letter', () => {
    const broken = packet({ body: 'no zlib', version: 2 });
    const frame = decodeFrame(Buffer.concat([chat('before'), broken, chat('after')]));
    expect(frame.events.map((event) => event.text)).toEqual(['before', 'after']);
    expect(frame.undecodable).toEqual([
      { place: '2', reason: expect.stringContaining('inflate'), bytes: broken.length, head: new Uint8Array(broken) },
    ]);
    expect(frame.framingLost).toBe(false);
  });

  it('keeps what came before lost framing, tells the rest, and says so', () => {
    const frame = decodeFrame(Buffer.concat([chat('before'), packet({ body: '', totalBytes: 0 }), chat('lost')]));
    expect(frame.events.map((event) => event.text)).toEqual(['before']);
    expect(frame.framingLost).toBe(true);
    expect(frame.undecodable.map((letter) => letter.bytes)).toEqual([16 + chat('lost').length]);
  });

  it('does not take lost framing within a compressed body for lost framing of the message', () => {
    const frame = decodeFrame(Buffer.concat([pack(2, chat('before'), Buffer.of(1, 2, 3)), chat('after')]));
    expect(frame.events.map((event) => event.text)).toEqual(['before', 'after']);
    expect(frame).toMatchObject({ framingLost: false, undecodable: [{ bytes: 3 }] });
  });

  it('counts the site-wide list of ended rooms as a hint, and stores nothing of it', () => {
    const frame = decodeFrame(json({ cmd: 'STOP_LIVE_ROOM_LIST', data: { room_id_list: [1, 2] } }));
    expect(frame).toMatchObject({ hints: 1, events: [], undecodable: [], audienceMessages: 0 });
  });
});

describe('the answer to a heartbeat', () => {
  const answer = (popularity: number, version = 1) => {
    const body = Buffer.alloc(4);
    body.writeUInt32BE(popularity);
    return packet({ body, operation: 3, version });
  };

  it.each([0, 1])('is known by its operation, whatever its version (%i)', (version) => {
    expect(decodeFrame(answer(12_345, version))).toMatchObject({
      heartbeatReply: { popularity: 12_345 },
      audience: { popularity: 12_345 },
      audienceMessages: 1,
    });
  });

  it('tells no audience by the number 1', () => {
    expect(decodeFrame(answer(1))).toMatchObject({
      heartbeatReply: { popularity: 1 },
      audience: {},
      audienceMessages: 0,
    });
  });

  it.each(['{}', '[object Object]', '{"a heartbeat":"whose body was longer than a header"}'])(
    'is not followed by a packet where it echoes %s',
    (echo) => {
      const frame = decodeFrame(Buffer.concat([answer(7), Buffer.from(echo)]));
      expect(frame).toMatchObject({
        heartbeatReply: { popularity: 7 },
        undecodable: [],
        framingLost: false,
        events: [],
      });
    },
  );

  it('may be followed by real packets', () => {
    expect(textsOf(Buffer.concat([answer(7), chat('behind it')]))).toEqual(['behind it']);
  });

  it('proves life also without a number', () => {
    expect(decodeFrame(packet({ body: Buffer.alloc(3), operation: 3 }))).toMatchObject({
      heartbeatReply: {},
      audience: {},
    });
  });
});

describe('the answer to the authentication', () => {
  it.each([
    ['{"code":0}', { accepted: true, code: 0 }],
    ['{"code":"0"}', { accepted: true, code: 0 }],
    ['', { accepted: true, code: 0 }],
    ['   ', { accepted: true, code: 0 }],
    ['{"code":-101}', { accepted: false, code: -101 }],
    ['{"msg":"ok"}', { accepted: false }],
    ['[0]', { accepted: false }],
  ])('%j is read as told by public clients', (body, authentication) => {
    expect(decodeFrame(authenticated(body))).toMatchObject({ authentication, undecodable: [] });
  });

  it('is neither yes nor no when it is not JSON, but a dead letter', () => {
    const frame = decodeFrame(authenticated('not json'));
    expect(frame).not.toHaveProperty('authentication');
    expect(frame.undecodable).toHaveLength(1);
  });
});

describe('audience', () => {
  it('has every number of the table, the last of each, and none of it as events', () => {
    const frame = decodeFrame(
      pack(
        2,
        json({ cmd: 'WATCHED_CHANGE', data: { num: 5 } }),
        json({ cmd: 'WATCHED_CHANGE', data: { num: 62_143 } }),
        json({ cmd: 'ONLINE_RANK_COUNT', data: { count: 9300, online_count: 9301 } }),
        json({ cmd: 'LIKE_INFO_V3_UPDATE', data: { click_count: 75_757 } }),
        json({ cmd: 'ROOM_REAL_TIME_MESSAGE_UPDATE', data: { fans: 3_174_443, fans_club: 12_114, red_notice: -1 } }),
      ),
    );
    const audience = { watched: 62_143, rank: 9300, online: 9301, likes: 75_757, fans: 3_174_443, fanClub: 12_114 };
    expect(frame).toMatchObject({ audience, audienceMessages: 5, events: [], undecodable: [] });
  });

  it('is a dead letter where the number is missing', () => {
    const frame = decodeFrame(json({ cmd: 'WATCHED_CHANGE', data: { num: -1 } }));
    expect(frame).toMatchObject({
      audience: {},
      audienceMessages: 0,
      undecodable: [{ reason: expect.stringContaining('WATCHED') }],
    });
  });
});
