import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Live } from 'bilibili-live-ws/src/common.js';
import { inflates } from 'bilibili-live-ws/src/inflate/node.js';
import { type MsgHandler, startListen } from 'blive-message-listener';
import { KeepLiveTCP } from 'tiny-bilibili-ws';
import type { WireFrame } from './corpus.js';
import type { Decoder } from './own.js';

/**
 * The published clients, driven where their own transports hand them a received message: everything behind that point is theirs, from the cutting of
 * packets to the event that tells the application of a message. Sockets are left out for them as for us.
 */

/** Waits until a client, which decodes on its own, has told of every message it was given. */
class Hearing {
  #left = 0;
  #done = () => {};

  /** One message was told of. */
  readonly heard = (): void => {
    this.#left -= 1;
    if (this.#left === 0) this.#done();
  };

  async all(frames: readonly WireFrame[], give: (bytes: Buffer) => void): Promise<void> {
    for (const { messages } of frames) this.#left += messages;
    const done = new Promise<void>((resolve) => (this.#done = resolve));
    for (const { bytes } of frames) give(bytes);
    await done;
  }
}

/** `bilibili-live-ws`: its sockets emit `message` on the `Live` that they belong to, which decodes and emits `msg` and the command. */
export function bilibiliLiveWs(): Decoder {
  const hearing = new Hearing();
  const live = new Live(inflates, 1, { send: () => undefined, close: () => undefined });
  live.on('msg', hearing.heard);
  return {
    name: 'bilibili-live-ws',
    decode: (frames) => hearing.all(frames, (bytes) => live.emit('message', bytes)),
    close: async () => undefined,
  };
}

/** The event on which both transports of `tiny-bilibili-ws` hand over what was received, as an `Uint8Array`; the client decodes it and emits `msg` and the command. */
const RECEIVED = '__message__';

interface Receiver {
  emit(event: string, bytes: Uint8Array): boolean;
}

const give =
  (receiver: Receiver) =>
  (bytes: Buffer): void =>
    void receiver.emit(RECEIVED, new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength));

/** `tiny-bilibili-ws`. Its constructor connects, so it is given somebody who never says anything. */
export async function tinyBilibiliWs(): Promise<Decoder> {
  const silence = await silentServer();
  const hearing = new Hearing();
  const live = new KeepLiveTCP(1, { url: silence.path, keepalive: false });
  live.on('msg', hearing.heard);
  return {
    name: 'tiny-bilibili-ws',
    decode: (frames) => hearing.all(frames, give(live)),
    close: async () => {
      live.tcpSocket.destroy();
      await silence.close();
    },
  };
}

/** `blive-message-listener`: `tiny-bilibili-ws`, and the parsers of every message it knows. */
export async function bliveMessageListener(): Promise<Decoder> {
  const silence = await silentServer();
  const hearing = new Hearing();
  const { live } = startListen(1, ALL, { ws: { url: silence.path, keepalive: false } });
  live.on('msg', hearing.heard);
  return {
    name: 'blive-message-listener',
    decode: (frames) => hearing.all(frames, give(live)),
    close: async () => {
      if ('tcpSocket' in live) live.tcpSocket.destroy();
      await silence.close();
    },
  };
}

const nothing = (): void => undefined;

/** It parses what somebody listens to. */
const ALL: MsgHandler = {
  onAttentionChange: nothing,
  onLiveStart: nothing,
  onLiveEnd: nothing,
  onAnchorLotteryEnd: nothing,
  onAnchorLotteryStart: nothing,
  onIncomeDanmu: nothing,
  onGuardBuy: nothing,
  onUserAction: nothing,
  onLikedChange: nothing,
  onRankCountChange: nothing,
  onRedPocketStart: nothing,
  onRedPocketEnd: nothing,
  onRoomAdminSet: nothing,
  onRoomInfoChange: nothing,
  onRoomSilent: nothing,
  onGift: nothing,
  onIncomeSuperChat: nothing,
  onRoomWarn: nothing,
  onWatchedChange: nothing,
};

/** A local socket that takes connections and says nothing. */
async function silentServer(): Promise<{ path: string; close(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'barrage-bench-'));
  const path = join(folder, 'silence');
  const server: Server = createServer((socket) => socket.on('error', nothing).resume());
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(path, resolve));
  return {
    path,
    close: async () => {
      await new Promise((resolve) => server.close(resolve));
      await rm(folder, { recursive: true, force: true });
    },
  };
}
