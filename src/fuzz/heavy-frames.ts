/** Small frames that ask for a lot of work or memory: as much as the limits let through, and what they have to stop. */
import { brotliCompressSync, constants } from 'node:zlib';
import { DEFAULT_LIMITS } from '../platforms/bilibili/limits.js';
import { HOSTILE_FRAMES } from '../simulator/hostile-frames.js';
import { OPERATION, packet, plainPackets } from '../simulator/packets.js';

const MiB = 1024 * 1024;

interface HeavyFrame {
  name: string;
  make: () => Buffer;
}

const brotli = (plain: Buffer): Buffer =>
  packet(
    3,
    OPERATION.message,
    brotliCompressSync(plain, { params: { [constants.BROTLI_PARAM_QUALITY]: 5, [constants.BROTLI_PARAM_LGWIN]: 22 } }),
  );

const times = (count: number, text: string): string => text.repeat(Math.max(0, Math.floor(count)));

/** As many of the same message as maxInflatedBytes takes, in packed packets of just less than maxPacketInflatedBytes. */
function full(text: string): Buffer {
  const { maxInflatedBytes, maxPacketInflatedBytes } = DEFAULT_LIMITS;
  const one = plainPackets([text]);
  const each = Math.max(1, Math.floor((maxPacketInflatedBytes - 1) / one.length));
  const packed = brotli(Buffer.concat(Array.from({ length: each }, () => one)));
  return Buffer.concat(Array.from({ length: maxInflatedBytes / maxPacketInflatedBytes }, () => packed));
}

/** `filler` in one message that is just below maxMessageBytes. */
const large = (head: string, filler: string, tail: string): string =>
  head + times((MiB - head.length - tail.length - 1) / Buffer.byteLength(filler), filler) + tail;

/** Protobuf of gifts without end, in base64. */
const gifts = (count: number, gift: string): string => Buffer.from(times(count, gift), 'hex').toString('base64');
const giftMessage = (pb: string): string => `{"cmd":"SEND_GIFT_V2","data":{"pb":"${pb}"}}`;

const names = (): string => {
  const parts: string[] = [];
  for (let at = 0, bytes = 0; bytes < MiB - 100; at++) bytes += (parts[at] = `"${at.toString(36)}":0`).length + 1;
  return `{"cmd":"X","data":{${parts.join(',')}}}`;
};

const HEAVY: readonly HeavyFrame[] = [
  { name: 'chats, the shortest', make: () => full('{"cmd":"DANMU_MSG","info":[[],""]}') },
  { name: 'notices, the shortest', make: () => full('{"cmd":"X"}') },
  { name: 'notices of 32 KiB', make: () => full(`{"cmd":"X","data":"${times(32_000, 'x')}"}`) },
  {
    name: 'notices of 32 Ki characters of three bytes',
    make: () => full(`{"cmd":"X","data":"${times(32_000, '弹')}"}`),
  },
  { name: 'what is no JSON, the shortest', make: () => full('x') },
  { name: 'acknowledgements', make: () => full('{"cmd":"X","p_is_ack":true,"msg_id":"x"}') },
  { name: 'an empty list a place', make: () => full(large('{"cmd":"X","data":[[]', ',[]', ']}')) },
  { name: 'an empty object a place', make: () => full(large('{"cmd":"X","data":[{}', ',{}', ']}')) },
  { name: 'a number a place', make: () => full(large('{"cmd":"X","data":[0', ',1e9', ']}')) },
  { name: 'a name a number', make: () => full(names()) },
  { name: 'one text', make: () => full(large('{"cmd":"DANMU_MSG","info":[[],"', '弹', '"]}')) },
  { name: 'escapes', make: () => full(large('{"cmd":"DANMU_MSG","info":[[],"', '\\ud83d', '"]}')) },
  { name: 'brackets within a text', make: () => full(large('{"cmd":"X","data":"', '[', '"}')) },
  {
    name: 'an extra that is JSON again',
    make: () =>
      full(large('{"cmd":"DANMU_MSG","info":[[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,{"extra":"[0', ',[]', ']"}],""]}')),
  },
  {
    name: 'a greeting that never ends',
    make: () => full(large('{"cmd":"ENTRY_EFFECT","data":{"copy_writing":"', '<%x', '"}}')),
  },
  {
    name: 'targets of a moderation',
    make: () =>
      full(`{"cmd":"ROOM_BLOCK_MSG","data":{"ids":[1${times(999, ',123456789')}],"uids":[1${times(999, ',1')}]}}`),
  },
  { name: 'a thousand gifts a message', make: () => full(giftMessage(gifts(1_000, '520408011801'))) },
  {
    name: 'a thousand gifts a message, with names',
    make: () => full(giftMessage(gifts(1_000, '520a08011204414141411801'))),
  },
  { name: 'gifts without end', make: () => full(giftMessage(gifts(390_000, '5200'))) },
  { name: 'medals without end', make: () => full(giftMessage(gifts(380_000, '4200'))) },
  { name: 'senders without end, each with a name', make: () => full(giftMessage(gifts(90_000, '7a0512030a0178'))) },
  {
    name: 'one gift with names without end',
    make: () => full(giftMessage(gifts(1, `52c0cf24${times(300_000, '1200')}`))),
  },
  { name: 'groups in each other', make: () => full(giftMessage(gifts(780_000, '0b'))) },
  { name: 'fields that nobody knows', make: () => full(giftMessage(gifts(390_000, '2000'))) },
  { name: 'larger than maxFrameBytes', make: () => Buffer.alloc(4 * MiB + 1, 0x7b) },
  {
    name: 'empty packets, not packed',
    make: () => Buffer.concat(Array.from({ length: 260_000 }, () => packet(0, OPERATION.message, Buffer.alloc(0)))),
  },
  {
    name: 'packed packets that fail',
    make: () =>
      Buffer.concat(Array.from({ length: 100_000 }, () => packet(3, OPERATION.message, Buffer.from('no brotli')))),
  },
  {
    name: 'packed packets of nothing',
    make: () => Buffer.concat(Array.from({ length: 100_000 }, () => brotli(Buffer.alloc(0)))),
  },
  ...HOSTILE_FRAMES.map((frame) => ({
    name: frame.name,
    make: () => frame.build(['{"cmd":"X"}', '{"cmd":"Y"}'], 'x'),
  })),
];

const made = new Map<number, Buffer>();

/** Made when it is first asked for, and kept. */
export function heavyFrame(index: number): { name: string; bytes: Buffer } {
  const at = index % HEAVY.length;
  const frame = HEAVY[at];
  if (!frame) throw new RangeError(`no heavy frame ${at}`);
  const bytes = made.get(at) ?? frame.make();
  made.set(at, bytes);
  return { name: frame.name, bytes };
}
