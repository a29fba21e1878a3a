import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { decodeFrame, type DecodedFrame } from '../../../src/platforms/bilibili/decode-frame.js';
import {
  encodeAuthentication,
  encodeHeartbeat,
  encodePacket,
  OPERATION,
} from '../../../src/platforms/bilibili/packet.js';
import type { PlacedDraft } from '../../../src/platforms/platform.js';
import { spooled } from './spooled.js';

// Captured from live rooms in September and October 2026; a `SOURCE.md` beside them says where each is from and what it must yield.
const folder = join(import.meta.dirname, '../../../../shared/fixtures/bilibili');

interface Line {
  dir: 'in' | 'out';
  b64: string;
  vector?: string;
}
interface Expected {
  file: string;
  line: number;
  chats?: string[];
  error?: boolean;
  popularity?: number;
  ready?: boolean;
  refused?: boolean;
  watched?: number;
}

function linesOf<T>(file: string): T[] {
  const lines = readFileSync(join(folder, file), 'utf8').trim().split('\n');
  return lines.map((line): T => JSON.parse(line));
}
const bytesOf = (line: Line) => Buffer.from(line.b64, 'base64');
const capture = (file: string) => {
  const lines = linesOf<Line>(file);
  const frames = lines.filter(({ dir }) => dir === 'in').map((line) => decodeFrame(bytesOf(line)));
  const sent = lines.filter(({ dir }) => dir === 'out').map(bytesOf);
  return { frames, sent, events: frames.flatMap((frame) => frame.events) };
};

function kindsOf(events: readonly PlacedDraft[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { kind } of events) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}
const noticesOf = (events: readonly PlacedDraft[]) =>
  events.filter(({ kind }) => kind === 'notice').map(({ type }) => type);
const sum = (frames: readonly DecodedFrame[], of: (frame: DecodedFrame) => number) =>
  frames.reduce((total, frame) => total + of(frame), 0);
const lastNumbers = (frames: readonly DecodedFrame[]): unknown =>
  Object.assign({}, ...frames.map(({ audience }) => audience));
const accepted = (frames: readonly DecodedFrame[]) => frames.filter(({ authentication }) => authentication?.accepted);

/** What holds of every capture: nothing is unreadable, every id names one event, every event fits our schema. */
function expectWhole(frames: readonly DecodedFrame[]): void {
  expect(frames.flatMap((frame) => frame.undecodable)).toEqual([]);
  const events = frames.flatMap((frame) => frame.events);
  const keys = events.map(({ key }) => key).filter((key) => key !== undefined);
  expect(new Set(keys).size).toBe(keys.length);
  events.forEach(spooled);
  for (const chat of events.filter(({ kind }) => kind === 'chat')) {
    expect(chat.key).toMatch(/^chat:[0-9a-f]{36}$/);
    expect(chat.user).toMatchObject({ masked: true, name: expect.stringMatching(/\*\*\*$/) });
    expect(chat.at).toBeGreaterThan(Date.UTC(2026, 8, 1));
  }
}

describe.skipIf(!existsSync(folder))('captured frames', () => {
  it('of protocol 3 yield every message once', () => {
    const { frames, events } = capture('protover3.jsonl');
    expectWhole(frames);
    expect(kindsOf(events)).toEqual({ chat: 9, enter: 12, superchat: 2, like: 1, notice: 2 });
    expect(noticesOf(events)).toEqual(['LOG_IN_NOTICE', 'ONLINE_RANK_V3']);
    expect(events.filter(({ type }) => type === 'INTERACT_WORD_V2')).toHaveLength(9);
    expect(events.filter(({ type }) => type === 'ENTRY_EFFECT')).toHaveLength(3);
    expect([sum(frames, (frame) => frame.audienceMessages), sum(frames, (frame) => frame.hints)]).toEqual([7, 1]);
    expect(lastNumbers(frames)).toEqual({ rank: 3831, online: 3831, watched: 19_155, likes: 217_230 });
    expect(accepted(frames)).toHaveLength(1);
    const heartbeats = frames.flatMap(({ heartbeatReply }) => heartbeatReply ?? []);
    expect(heartbeats).toEqual(Array.from({ length: 3 }, () => ({ popularity: 1 })));
  });

  it('show super chats whole', () => {
    const superchats = capture('protover3.jsonl').events.filter(({ kind }) => kind === 'superchat');
    const shown = superchats.map(({ key, superchat, user }) => [
      key,
      superchat?.price,
      superchat?.durationSeconds,
      user?.name,
    ]);
    expect(shown).toEqual([
      ['superchat:19367477', 3000, 60, '森水戊花曦众书茶星'],
      ['superchat:19367516', 200, 5, '-梅禾-'],
    ]);
  });

  it('of protocol 2 yield every message once', () => {
    const { frames, events } = capture('live.jsonl');
    expectWhole(frames);
    expect(kindsOf(events)).toEqual({ chat: 4, enter: 9, like: 2, notice: 4 });
    expect(noticesOf(events)).toEqual(['LOG_IN_NOTICE', 'ONLINE_RANK_V3', 'DM_INTERACTION', 'NOTICE_MSG']);
    expect(events.filter(({ sticker }) => sticker)).toHaveLength(3);
    expect(sum(frames, (frame) => frame.audienceMessages)).toBe(8);
    const audience = { rank: 9277, online: 9277, watched: 62_143, likes: 75_757, fans: 3_174_443, fanClub: 12_114 };
    expect(lastNumbers(frames)).toEqual(audience);
    expect(accepted(frames)).toHaveLength(1);
    expect(frames.filter(({ heartbeatReply }) => heartbeatReply)).toHaveLength(1);
  });

  it('of an anonymous connection hold ten gifts, each paid for as many pieces as it has', () => {
    const { frames, events } = capture('guest-gifts.jsonl');
    expectWhole(frames);
    expect(kindsOf(events)).toEqual({ gift: 10, notice: 1 });
    expect(noticesOf(events)).toEqual(['COMBO_SEND']);
    const gifts = events.flatMap(({ gift }) => gift ?? []);
    expect(new Set(gifts.map(({ id }) => id)).size).toBe(3);
    expect(new Set(gifts.map(({ count }) => count))).toEqual(new Set([1, 10]));
    for (const gift of gifts) {
      const comboId: unknown = expect.stringMatching(/^batch:gift:combo_id:/);
      expect(gift).toMatchObject({ total: gift.price * gift.count, currency: 'bilibili:gold', comboId });
    }
    const givers = events.filter(({ kind }) => kind === 'gift').map(({ user }) => user);
    expect(new Set(givers.map((user) => user?.tier))).toEqual(new Set([undefined, 2, 3]));
    expect(givers.filter((user) => user?.masked && user.id === undefined)).toHaveLength(10);
    expect(events.every(({ key, kind }) => kind === 'notice' || /^gift:\d{19}$/.test(key ?? ''))).toBe(true);
  });

  it('show what a browser sends, and ours is the same but for the messages it asks to acknowledge', () => {
    for (const file of ['live.jsonl', 'protover3.jsonl']) {
      const { sent } = capture(file);
      const [authentication] = sent.filter((bytes) => bytes.readUInt32BE(8) === 7);
      const body = JSON.parse(authentication?.toString('utf8', 16) ?? '');
      const { roomid, protover: protocolVersion, buvid, key: token } = body;
      const ours = encodeAuthentication({ roomId: String(roomid), uid: 0, protocolVersion, buvid, token });
      for (const name of ['support_ack', 'queue_uuid', 'scene']) delete body[name];
      expect(ours).toEqual(encodePacket(OPERATION.authenticate, JSON.stringify(body)));
      expect(ours.subarray(4, 16)).toEqual(authentication?.subarray(4, 16));
      const heartbeats = sent.filter((bytes) => bytes.readUInt32BE(8) === 2);
      expect(heartbeats.length).toBeGreaterThan(0);
      expect(heartbeats.every((bytes) => bytes.equals(encodeHeartbeat()))).toBe(true);
    }
  });
});

/** Where the source's client drops the rest of a message after an unreadable packet, we keep the good packets behind it. */
const KEPT = new Map([
  ['brotli-vectors.jsonl:6', 'dropped with the rest'],
  ['brotli-vectors.jsonl:10', 'dropped with the rest'],
  ['vectors.jsonl:28', 'dropped with the rest'],
]);
/** An operation that no server sends is no error to the source's client, and a dead letter to us. */
const STRANGE = 'vectors.jsonl:13';

describe.skipIf(!existsSync(folder))('frames made for codecs', () => {
  const expectations = existsSync(folder) ? linesOf<Expected>('vectors-expected.jsonl') : [];
  const frameOf = ({ file, line }: Expected) => {
    const { vector = '', ...rest } = linesOf<Line>(file)[line - 1] ?? { dir: 'in', b64: '' };
    return { vector, frame: decodeFrame(bytesOf(rest)) };
  };

  it.each(expectations.map((expected) => [`${expected.file}:${expected.line}`, expected] as const))(
    '%s',
    (name, expected) => {
      const { frame } = frameOf(expected);
      const kept = KEPT.get(name);
      const chats = [...(expected.chats ?? []), ...(kept === undefined ? [] : [kept])];
      expect(frame.events.map(({ text }) => text)).toEqual(chats);
      frame.events.forEach(spooled);
      expect(frame.undecodable.length > 0).toBe(expected.error === true || name === STRANGE);
      expect(frame.heartbeatReply?.popularity).toBe(expected.popularity);
      expect(frame.audience.watched).toBe(expected.watched);
    },
  );

  it('tell a connection that it is ready or refused, once each', () => {
    const told = new Map<string, Set<string>>();
    for (const expected of expectations) {
      const { vector, frame } = frameOf(expected);
      const before = told.get(vector) ?? new Set();
      const outcome = frame.authentication && (frame.authentication.accepted ? 'ready' : 'refused');
      const isNews = outcome !== undefined && !before.has('ready') && !before.has(outcome);
      const wanted = expected.ready ? 'ready' : expected.refused ? 'refused' : undefined;
      expect([expected.line, isNews ? outcome : undefined]).toEqual([expected.line, wanted]);
      if (outcome !== undefined) told.set(vector, before.add(outcome));
    }
  });
});
