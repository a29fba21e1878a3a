import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { silentLog } from '../../../src/model/log.js';
import { createPlatform, PlatformsConfig } from '../../../src/platforms/index.js';
import type { Connection, LiveRoom, Platform } from '../../../src/platforms/platform.js';
import { startSimulator, type Simulator } from '../../../src/simulator/simulator.js';
import { collect, never } from '../loopback-bilibili.js';

describe('the client and the simulated platform', () => {
  let simulator: Simulator;
  const platforms: Platform[] = [];
  const platform = (settings = {}) => {
    const { url } = simulator;
    const config = PlatformsConfig.parse({
      bilibili: { apiUrl: url, liveApiUrl: url, wwwUrl: url, transport: 'ws', requestsPerSecond: 50, ...settings },
    });
    const created = createPlatform('bilibili', config, { log: silentLog });
    platforms.push(created);
    return created;
  };
  beforeAll(async () => {
    simulator = await startSimulator({ rooms: 65, rate: 400, seed: 5, extraHosts: 2 });
  });
  afterAll(async () => {
    await Promise.all(platforms.map((each) => each.close()));
    await simulator.close();
  });

  it('agree about rooms, their status, and which are live', async () => {
    const client = platform();
    const live: LiveRoom[] = [];
    for await (const page of client.liveRooms({ maxPages: 10 }, never)) live.push(...page);
    expect(live.length).toBeGreaterThan(60);
    expect(live.map(({ popularity }) => popularity)).toEqual(
      live.map(({ popularity }) => popularity).sort((a, b) => b - a),
    );
    const [first] = live;
    const info = await client.roomInfo(first?.roomId ?? '', never);
    const { roomId, ownerId, ownerName, title } = info;
    expect({ roomId, ownerId, ownerName, title }).toEqual({
      roomId: first?.roomId,
      ownerId: first?.ownerId,
      ownerName: first?.ownerName,
      title: first?.title,
    });
    const rooms = live.flatMap((room) => (room.ownerId ? [{ roomId: room.roomId, ownerId: room.ownerId }] : []));
    const statuses = await client.statusOfMany(rooms, never);
    expect(statuses).toHaveLength(rooms.length);
    const status = statuses.find((each) => each.roomId === roomId);
    expect(status).toMatchObject({ isLive: true, title, liveStartedAt: info.liveStartedAt });
    await expect(client.roomInfo('999999999', never)).rejects.toMatchObject({ code: 'ROOM_NOT_FOUND' });
  });

  it.each(['ws', 'tcp'])('agree about every message over %s: none undecodable, frames in order', async (transport) => {
    const client = platform({ transport });
    const connections: Connection[] = await Promise.all(
      simulator.rooms.slice(0, 5).map(({ face }) => client.connect({ roomId: String(face.roomId), attempt: 1 }, never)),
    );
    const reads = connections.map((connection) => collect(connection));
    const events = () => reads.flatMap(({ frames }) => frames.flatMap((frame) => frame.events)).length;
    await expect.poll(events, { timeout: 10_000 }).toBeGreaterThan(200);
    await Promise.all(connections.map((connection) => connection.close()));
    await Promise.all(reads.map(({ done }) => done));
    for (const { frames } of reads) {
      expect(frames.map(({ index }) => index)).toEqual(frames.map((_, n) => n + 1));
      expect(frames.flatMap(({ undecodable }) => undecodable)).toEqual([]);
    }
    for (const connection of connections)
      expect(await connection.closed).toMatchObject({ end: 'closed', detail: 'closed by barrage' });
  });
});
