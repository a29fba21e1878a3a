import { connect } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { SimulatorInput } from '../../src/simulator/options.js';
import { startSimulator, type Simulator } from '../../src/simulator/simulator.js';
import { authPacket, clientPacket, packetsOf, RawClient, tokenFor } from './raw-client.js';

let simulator: Simulator;
const clients: RawClient[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await simulator.close();
});

async function start(options: SimulatorInput = {}): Promise<number> {
  simulator = await startSimulator({ rooms: 3, rate: 0, ...options });
  return simulator.rooms[0]?.face.roomId ?? 0;
}

async function join(roomId: number, protover = 3): Promise<RawClient> {
  const client = await RawClient.join(simulator.url, roomId, protover);
  clients.push(client);
  await vi.waitUntil(() => client.messages.length > 0 || client.closeCode !== undefined, 5_000);
  return client;
}

describe('authentication', () => {
  it('with a good token is answered with code 0, version 0 and sequence 1', async () => {
    const client = await join(await start());
    expect(client.packets(8)).toMatchObject([{ version: 0, sequence: 1 }]);
    expect(JSON.parse(String(client.packets(8)[0]?.body))).toEqual({ code: 0 });
  });

  it('is refused with -101 for no token, for another room’s, and for one that expired', async () => {
    const roomId = await start({ tokenTtlMs: 100 });
    const other = await tokenFor(simulator.url, simulator.rooms[1]?.face.roomId ?? 0);
    const own = await tokenFor(simulator.url, roomId);
    await new Promise((done) => setTimeout(done, 120));
    for (const token of ['', other, own]) {
      const client = await RawClient.open(`${simulator.url.replace('http', 'ws')}/sub`);
      clients.push(client);
      client.ws.send(authPacket(roomId, token, 3));
      await vi.waitUntil(() => client.packets(8).length > 0, 5_000);
      expect(JSON.parse(String(client.packets(8)[0]?.body))).toEqual({ code: -101 });
    }
    expect(simulator.connections()).toEqual([]);
  });

  it('that does not come in time ends the connection', async () => {
    await start({ authDeadlineMs: 150 });
    const client = await RawClient.open(`${simulator.url.replace('http', 'ws')}/sub`);
    clients.push(client);
    await vi.waitUntil(() => client.closeCode !== undefined, 5_000);
    expect(simulator.ledger.connections[0]).toMatchObject({ closedBy: 'server', why: 'no authentication in time' });
  });
});

describe('a heartbeat', () => {
  it('is answered with 20 bytes and the echo, which the length does not count', async () => {
    const client = await join(await start());
    client.ws.send(clientPacket(2, ''));
    client.ws.send(clientPacket(2, '[object Object]'));
    await vi.waitUntil(() => client.packets(3).length === 2, 5_000);
    const [bare, echoed] = client.messages.filter((bytes) => bytes.readUInt32BE(8) === 3);
    expect(bare?.length).toBe(20);
    expect(bare?.readUInt32BE(16)).toBe(1);
    expect(echoed?.readUInt32BE(0)).toBe(20);
    expect(echoed?.subarray(20).toString()).toBe('[object Object]');
  });

  it('is followed by LOG_IN_NOTICE, uncompressed, once', async () => {
    const client = await join(await start());
    client.ws.send(clientPacket(2, ''));
    await vi.waitUntil(() => client.texts().length > 0, 5_000);
    expect(JSON.parse(client.texts()[0] ?? '')).toMatchObject({ cmd: 'LOG_IN_NOTICE' });
    expect(client.messages.at(-1)?.readUInt16BE(6)).toBe(0);
  });

  it('that does not come for the idle time ends the connection', async () => {
    const client = await join(await start({ idleCloseMs: 500 }));
    await vi.waitUntil(() => client.closeCode !== undefined, 5_000);
    expect(simulator.ledger.connections[0]).toMatchObject({ closedBy: 'server', why: 'no heartbeat' });
  });
});

describe('connections', () => {
  it('beyond the limit of an address are closed', async () => {
    const roomId = await start({ connectionLimit: 2 });
    await join(roomId);
    await join(roomId);
    const third = await join(roomId);
    await vi.waitUntil(() => third.closeCode !== undefined, 5_000);
    expect(simulator.stats()).toMatchObject({ connections: 2, overLimit: 1 });
  });

  it('over plain TCP get the same packets, however the authentication is split', async () => {
    const roomId = await start();
    const token = await tokenFor(simulator.url, roomId);
    const socket = connect(simulator.sockets.tcpPort, '127.0.0.1');
    let got = Buffer.alloc(0);
    socket.on('data', (bytes) => (got = Buffer.concat([got, bytes])));
    const auth = authPacket(roomId, token, 2);
    socket.write(auth.subarray(0, 11));
    setTimeout(() => socket.write(auth.subarray(11)), 30);
    await vi.waitUntil(() => simulator.connections(roomId).length === 1, 5_000);
    const n = simulator.emit(roomId, 'DANMU_MSG');
    await vi.waitUntil(() => got.length > 200, 5_000);
    socket.destroy();
    expect(packetsOf(got).at(-1)?.body.toString()).toBe(simulator.ledger.textOf(n));
  });

  it('of a room hear that it goes live (twice) and offline, and the interfaces say the same', async () => {
    const roomId = await start({ offlineShare: 0 });
    const client = await join(roomId);
    simulator.setLive(roomId, false);
    expect(simulator.room(roomId).liveStatus).toBe(0);
    simulator.setLive(roomId, true);
    await vi.waitUntil(() => client.texts().length === 3, 5_000);
    expect(client.texts().map((text) => JSON.parse(text).cmd)).toEqual(['PREPARING', 'LIVE', 'LIVE']);
  });

  it('that read nothing are cut off once too much waits for them', async () => {
    const roomId = await start({ maxBufferedBytes: 65_536 });
    const client = await join(roomId, 0);
    client.ws.pause();
    await vi.waitUntil(() => {
      for (let i = 0; i < 2_000; i++) simulator.emit(roomId, 'DANMU_MSG');
      return simulator.connections().length === 0;
    }, 20_000);
    expect(simulator.ledger.connections[0]?.why).toBe('reads too slowly');
  });
});

describe('rooms', () => {
  it('go live and offline by themselves at the rate that was asked for, and lists follow', async () => {
    simulator = await startSimulator({ rooms: 20, rate: 0, liveChanges: 6_000 });
    const live = () => simulator.rooms.filter(({ liveStatus }) => liveStatus === 1).length;
    await vi.waitUntil(() => live() < 18, 10_000);
    simulator.quiet();
    const response = await fetch(`${simulator.url}/room/v3/area/getRoomList?page=1&page_size=30`);
    expect(await response.json()).toMatchObject({ data: { count: live() } });
    expect(live()).toBeGreaterThanOrEqual(9);
  });
});
