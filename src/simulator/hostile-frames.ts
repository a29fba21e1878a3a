/**
 * Frames made to do harm. Most hold a good message before and one after the bad one: whoever reads them must keep both, count the
 * bad one, and live on. Where framing itself is lost there is none after it.
 */
import { brotliCompressSync, deflateSync } from 'node:zlib';
import { OPERATION, packet, plainPackets, writeHeader } from './packets.js';

export interface HostileFrame {
  name: string;
  /** How many good messages `build` takes: 2 = around the bad one, 1 = before it, 0 = none. */
  goodAround: 0 | 1 | 2;
  /** How many messages a reader that lives on must count as undecodable, at least; 0 where it may also keep it as a notice. */
  undecodable: number;
  /** @param mark a `msg_id` that leads back to this frame, should a reader make a document of it */
  build(good: readonly string[], mark: string): Buffer;
}

const message = (body: Buffer | string, version: 0 | 1 | 2 | 3 = 0): Buffer =>
  packet(version, OPERATION.message, typeof body === 'string' ? Buffer.from(body) : body);

const around = (name: string, bad: (mark: string) => Buffer, undecodable = 1): HostileFrame => ({
  name,
  goodAround: 2,
  undecodable,
  build: ([before = '', after = ''], mark) => Buffer.concat([plainPackets([before]), bad(mark), plainPackets([after])]),
});

/** All of it in one compressed body. */
const within = (name: string, version: 2 | 3, bad: () => Buffer): HostileFrame => ({
  name,
  goodAround: 2,
  undecodable: 1,
  build: ([before = '', after = '']) => {
    const plain = Buffer.concat([plainPackets([before]), bad(), plainPackets([after])]);
    return message(version === 2 ? deflateSync(plain) : brotliCompressSync(plain), version);
  },
});

/** The bad packet's header says something that no reader can go on from. */
const framing = (name: string, bad: () => Buffer): HostileFrame => ({
  name,
  goodAround: 1,
  undecodable: 0,
  build: ([before = '']) => Buffer.concat([plainPackets([before]), bad()]),
});

function headerOnly(length: number, headerLength = 16): Buffer {
  const bytes = Buffer.alloc(16);
  writeHeader(bytes, 0, length, 0, OPERATION.message);
  bytes.writeUInt16BE(headerLength, 4);
  return bytes;
}

/** 1 GiB of zeros, brotli. */
const ZEROS = Buffer.from(
  'z///fwAkAOKxQHLv//n//w+ABEAcFoDu/T////8BkACIwwLQvf/n//8/ABIAcVgAuvf//P//B0ACIA4LQPf+n////wBIAMRhAeje//P//x8ACY' +
    'A4LADd+3/+//8DIAEQhwWge//P//9/ACQA4rAAdO//+f//D4AEQBwWgO79P////wGQAIjDAtC9/+f//z8AEgBxWAC69//8//8HQAIgDgtA9/6f' +
    '////AEgAxGEB6N7/8///HwAJgDgsAN37f/7//wMgARCHBaB7/8///38AJADisAB07//5//8PgARAHBaA7v0/////AZAAiMMC0L3/5///PwASAH' +
    'FYALr3//z//wdAAiAOC0D3/p////8ASADEYQHo3v/z//8fAAmAOCwA3ft//v//AyABEIcFoHv/z///fwAkAOKwAHTv//n//w+ABEAcFoDu/T//' +
    '//8BkACIwwLQvf/n//8/ABIAcVgAuvf//P//B0ACIA4LQPf+n////wBIAMRhAeje//P//x8ACYA4LADd+3/+//8DIAEQhwWge//P//9/ACQA4r' +
    'AAdO//+f//D4AEQBwWgO79P////wGQAIjDAtC9/+f//z8AEgBxWAC69//8//8HQAIgDgtA9/6f////AEgAxGEB6N7/8///HwAJgDgsAN37f/7/' +
    '/wMgARCHBaB7/8///38AJADisAB07//5//8PgARAHBaA7v0/////AZAAiMMC0L3/5///PwASAHFYALr3//z//wdAAiAOC0D3/p////8ASADEYQ' +
    'Ho3v/z//8fAAmAOCwA3ft//v//AyABEIcFoHv/z///fwAkAOKwAHTv//n//w+ABEAcFoDu/T////8BkACIwwLQvf/n//8/ABIAcVgAuvf//P//' +
    'B0ACIA4LQPf+n////wBIAMRhAeje//P//x8ACYA4LADd+3/+//8DIAEQhwWge//P//9/ACQA4rAAdO//+f//D4AEQBwWgO79P////wGQAIjDAt' +
    'C9/+f//z8AEgBxWAC69//8//8HQAIgDgtA9/6f////AEgAxGEB6N7/8///HwAJgDgsAN37f/7//wMgARCHBaB7/z8=',
  'base64',
);
/** 14,680,064 packets of a header and nothing else, brotli. */
const EMPTY_PACKETS = Buffer.from(
  'z///fwAkAQogmgJBQjlMEgYVTuTT+//H//9/ACQA4rAAdO//+f//D4AEQBwWgO79P////wGQAIjDAtC9/+f//z8AEgBxWAC69//8//8HQAIgDg' +
    'tA9/6f////AEgAxGEB6N7/8///HwAJgDgsAN37f/7//wMgARCHBaB7/8///38AJADisAB07//5//8PgARAHBaA7v0/////AZAAiMMC0L3/5///' +
    'PwASAHFYALr3//z//wdAAiAOC0D3/n8=',
  'base64',
);
/** 256 MiB of zeros in a zlib packet in brotli. */
const ZEROS_NESTED = Buffer.from(
  'W0n7g18MWdu9oZLEIyQRS54Z63Qa3imFTPoOjdAsse7mlNMWYeAYkUR4+0EwwDcAASAA0f/tAQCodx4ykAAYAGiuNlOCANAe/sY7ngBruAcA7W' +
    'WPIgDA+J+nC1UF9wCgLpXQAND+1DSxKg1CXhkG9wDg1GrQVVLf1lEc3AOA2Z+VV6rypzmw+H6MaN3Zyy5/1mFDNrEfAAI=',
  'base64',
);

const deep = (depth: number): string => `{"cmd":"DANMU_MSG","info":${'['.repeat(depth)}${']'.repeat(depth)}}`;
const nest = (times: number, inner: Buffer): Buffer =>
  times === 0 ? inner : message(brotliCompressSync(nest(times - 1, inner)), 3);
const chatLike =
  '{"cmd":"DANMU_MSG","info":[[0,1,25,16777215,1,1,0,"0",0,0,0,"",0,"{}","{}",{}],"x",[0,"x"],[],[],[],0,0,null,{}]}';

export const HOSTILE_FRAMES: readonly HostileFrame[] = [
  framing('length 0', () => headerOnly(0)),
  framing('length shorter than a header', () => headerOnly(15)),
  framing('length beyond the message', () => headerOnly(4_000_000)),
  framing('length 4 GiB', () => headerOnly(0xffff_ffff)),
  framing('header length beyond the packet', () => headerOnly(16, 60_000)),
  framing('a piece of a header', () => Buffer.from([0, 0, 0])),
  around('brotli bomb, 1 GiB', () => message(ZEROS, 3)),
  around('14 million empty packets', () => message(EMPTY_PACKETS, 3)),
  around('zlib bomb in brotli, 256 MiB', () => message(ZEROS_NESTED, 3)),
  around('truncated brotli', () => message(brotliCompressSync(plainPackets([chatLike])).subarray(0, 20), 3)),
  around('truncated zlib', () => message(deflateSync(plainPackets([chatLike])).subarray(0, 20), 2)),
  around('not brotli', () => message(Buffer.from('this is not brotli at all'), 3)),
  around('not zlib', () => message(Buffer.from('this is not zlib at all'), 2)),
  around('brotli in brotli in brotli', () => nest(3, plainPackets([chatLike]))),
  around('brotli in itself, 40 times', () => nest(40, plainPackets([chatLike]))),
  around('not JSON', () => message('{"cmd":"DANMU_MSG","info":[')),
  around('an empty body', () => message('')),
  around('body null', () => message('null')),
  around('body a number', () => message('42')),
  around('body an array', () => message('["cmd"]')),
  around('cmd a number', () => message('{"cmd":5,"data":{}}')),
  around('cmd an object', () => message('{"cmd":{"toString":1}}')),
  around('no cmd', () => message('{"data":{}}')),
  around('bad UTF-8', () => message(Buffer.from([0x7b, 0x22, 0xc3, 0x28, 0xff, 0xfe, 0x22, 0x7d]))),
  around('JSON 100,000 arrays deep', () => message(deep(100_000))),
  around('chat without its array', (mark) => message(`{"cmd":"DANMU_MSG","info":null,"msg_id":"${mark}"}`), 0),
  around(
    'chat with everything null',
    (mark) => message(`{"cmd":"DANMU_MSG","info":[null,null,null,null],"msg_id":"${mark}"}`),
    0,
  ),
  around(
    'gift with a broken Protobuf',
    (mark) => message(`{"cmd":"SEND_GIFT_V2","data":{"pb":"CoB/////"},"msg_id":"${mark}"}`),
    0,
  ),
  around(
    'gift whose pb is no text',
    (mark) => message(`{"cmd":"SEND_GIFT_V2","data":{"pb":{"length":9}},"msg_id":"${mark}"}`),
    0,
  ),
  within('not JSON, in brotli', 3, () => message('{"cmd":')),
  within('not JSON, in zlib', 2, () => message('nonsense')),
  within('cmd a number, in brotli', 3, () => message('{"cmd":5}')),
];
