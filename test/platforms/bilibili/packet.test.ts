import { describe, expect, it } from 'vitest';
import { PacketSplitter } from '../../../src/platforms/bilibili/packet-splitter.js';
import { encodeAuthentication, encodeHeartbeat, framingFault } from '../../../src/platforms/bilibili/packet.js';
import { json, packet } from './frames.js';

const bodyOf = (bytes: Buffer): unknown => JSON.parse(bytes.toString('utf8', 16));

describe('what the client sends', () => {
  it('is a heartbeat of exactly the sixteen bytes that a browser tab sends', () => {
    expect(encodeHeartbeat().toString('hex')).toBe('00000010001000000000000200000001');
  });

  it('authenticates anonymously with the room as a number, and counts its body in bytes', () => {
    const bytes = encodeAuthentication({ roomId: '5050', uid: 0, protocolVersion: 3, buvid: 'B3', token: '令牌' });
    expect(bytes.readUInt32BE(0)).toBe(bytes.length);
    expect(bytes.readUInt32BE(8)).toBe(7);
    expect(bodyOf(bytes)).toEqual({
      uid: 0,
      roomid: 5050,
      protover: 3,
      buvid: 'B3',
      platform: 'web',
      type: 2,
      key: '令牌',
    });
  });
});

describe('framingFault', () => {
  const faultOf = (bytes: Buffer) => framingFault(bytes, 0, bytes.length);

  it('finds none in a whole packet, also where the header is longer than sixteen bytes', () => {
    expect(faultOf(packet({ body: '{}' }))).toBeUndefined();
    expect(faultOf(packet({ body: '{}', headerBytes: 20 }))).toBeUndefined();
  });

  it.each([
    ['a length of 0', packet({ body: '', totalBytes: 0 })],
    ['a length below the header', packet({ body: '', totalBytes: 15 })],
    ['a length beyond what is there', packet({ body: '', totalBytes: 17 })],
    ['a length of 4 GiB', packet({ body: '', totalBytes: 0xffff_ffff })],
    ['a header shorter than sixteen bytes', packet({ body: '', headerBytes: 15 })],
    ['a header longer than the packet', packet({ body: '', headerBytes: 24, totalBytes: 20 })],
    ['half a header', Buffer.alloc(8)],
  ])('names %s', (_, bytes) => {
    expect(faultOf(bytes)).toEqual(expect.any(String));
  });
});

describe('PacketSplitter', () => {
  const first = json({ cmd: 'A' });
  const second = json({ cmd: 'B', text: '弹幕' });

  it('gives whole packets when every byte comes alone, and holds nothing afterwards', () => {
    const splitter = new PacketSplitter(1024);
    const found = [...Buffer.concat([first, second])].flatMap((byte) => splitter.push(Buffer.of(byte)).packets);
    expect(found).toEqual([first, second]);
    expect(splitter.pendingBytes).toBe(0);
  });

  it('gives copies: what comes later does not change what was given', () => {
    const splitter = new PacketSplitter(1024);
    const [given] = splitter.push(first).packets;
    splitter.push(Buffer.alloc(first.length, 0xff));
    expect(given).toEqual(first);
  });

  it('gives what came before a broken header, then says that the stream is lost, and stays so', () => {
    const splitter = new PacketSplitter(1024);
    const split = splitter.push(Buffer.concat([first, packet({ body: '', totalBytes: 0 })]));
    expect(split.packets).toEqual([first]);
    expect(split.lost).toEqual(expect.any(String));
    expect(splitter.push(second)).toEqual({ packets: [], lost: split.lost });
  });

  it('refuses a packet beyond the limit by its header, before any of it has to be kept', () => {
    const splitter = new PacketSplitter(1024);
    const header = packet({ body: '', totalBytes: 1025 });
    expect(splitter.push(header).lost).toContain('maxFrameBytes');
  });
});
