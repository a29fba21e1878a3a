import { afterEach, describe, expect, it, vi } from 'vitest';
import { LiveTCP, LiveWS } from 'bilibili-live-ws';
import { KeepLiveWS as TinyWS } from 'tiny-bilibili-ws/browser';
import { WebSocket } from 'ws';
import { startSimulator, type Simulator } from '../../src/simulator/simulator.js';
import { tokenFor } from './raw-client.js';

const MESSAGES = 400;

interface TinyClient {
  on(event: 'msg', listener: (message: { data: unknown }) => void): unknown;
  close(): boolean;
}

let simulator: Simulator;
let leave: () => void;
afterEach(async () => {
  leave();
  await simulator.close();
});

/** Both clients read an answer by the version in its header, which was 1 until 2026. */
async function begin(): Promise<{ roomId: number; token: string }> {
  simulator = await startSimulator({
    rooms: 3,
    rate: 1_500,
    zipf: 0,
    cadence: 'smooth',
    replyVersion: 1,
    nestedShare: 0.05,
  });
  const roomId = simulator.rooms[1]?.face.roomId ?? 0;
  return { roomId, token: await tokenFor(simulator.url, roomId) };
}

/** The ledger of the one connection there is, once it is long enough and no more is coming; sorted, as these clients mix up bursts. */
async function ledgerAfter(got: unknown[]): Promise<unknown[]> {
  await vi.waitUntil(() => got.length >= MESSAGES, 20_000);
  simulator.traffic.stop();
  const { ledger } = simulator;
  const sent = [...ledger.entries()]
    .filter(({ delivered }) => delivered === 'yes')
    .map(({ n }) => JSON.parse(ledger.textOf(n)));
  await vi.waitUntil(() => got.length >= sent.length, 5_000);
  return sorted(sent);
}

const sorted = (messages: readonly unknown[]): string[] => messages.map((message) => JSON.stringify(message)).sort();

describe('other people’s clients', () => {
  it.each([2, 3] as const)('receive the whole ledger of a room: bilibili-live-ws, protover %i', async (protover) => {
    const { roomId, token } = await begin();
    const got: unknown[] = [];
    const client = new LiveWS(roomId, { address: `${simulator.url.replace('http', 'ws')}/sub`, key: token, protover });
    leave = () => client.close();
    client.on('msg', (message) => got.push(message));
    const sent = await ledgerAfter(got);
    expect(sorted(got)).toEqual(sent);
  });

  it('receive the whole ledger of a room: bilibili-live-ws over TCP', async () => {
    const { roomId, token } = await begin();
    const got: unknown[] = [];
    const client = new LiveTCP(roomId, { host: '127.0.0.1', port: simulator.sockets.tcpPort, key: token, protover: 3 });
    leave = () => client.close();
    client.on('msg', (message) => got.push(message));
    const sent = await ledgerAfter(got);
    expect(sorted(got)).toEqual(sent);
  });

  it.each([2, 3] as const)('receive the whole ledger of a room: tiny-bilibili-ws, protover %i', async (protover) => {
    const { roomId, token } = await begin();
    const got: unknown[] = [];
    // Its build for browsers, with a socket of Node's: the one for Node asks the platform itself for the room first.
    const client: TinyClient = new TinyWS(roomId, {
      host: '127.0.0.1',
      port: Number(new URL(simulator.url).port),
      path: '/sub',
      ssl: false,
      key: token,
      uid: 0,
      protover,
      customWebSocket: (url: string) => new WebSocket(url) as never,
    });
    leave = () => void client.close();
    client.on('msg', ({ data }) => void got.push(data));
    const sent = await ledgerAfter(got);
    expect(sorted(got)).toEqual(sent);
  });
});
