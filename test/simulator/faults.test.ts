import { afterEach, describe, expect, it, vi } from 'vitest';
import type { EventDocument } from '../../src/model/event.js';
import { readLedger } from '../../src/simulator/ledger-file.js';
import { reconcile } from '../../src/simulator/reconcile.js';
import { startSimulator, type Simulator } from '../../src/simulator/simulator.js';
import { clientPacket, RawClient, signed, ask } from './raw-client.js';

let simulator: Simulator;
let roomId: number;
const clients: RawClient[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await simulator.close();
});

async function joined(): Promise<RawClient> {
  simulator ??= await startSimulator({ rooms: 2, rate: 0 });
  const client = await RawClient.join(simulator.url, roomId, 3);
  clients.push(client);
  await vi.waitUntil(() => client.packets(8).length === 1, 5_000);
  return client;
}

async function start(): Promise<RawClient> {
  simulator = await startSimulator({ rooms: 2, rate: 0, tcp: false });
  roomId = simulator.rooms[0]?.face.roomId ?? 0;
  return joined();
}

const delivered = () => [...simulator.ledger.entries()].map((entry) => entry.delivered);
const closed = (client: RawClient) => vi.waitUntil(() => client.closeCode, 5_000);

describe('a fault', () => {
  it('dropAll cuts every socket without a close frame', async () => {
    const all = [await start(), await joined()];
    expect(simulator.faults.dropAll()).toBe(2);
    for (const client of all) expect(await closed(client)).toBe(1006);
    expect(simulator.ledger.connections.map(({ closedBy }) => closedBy)).toEqual(['fault', 'fault']);
  });

  it('close says goodbye with a code', async () => {
    const client = await start();
    simulator.faults.close(undefined, 1011);
    expect(await closed(client)).toBe(1011);
  });

  it('halfOpen keeps the socket, answers nothing, and notes what it withheld', async () => {
    const client = await start();
    simulator.faults.halfOpen(roomId);
    const before = client.messages.length;
    client.ws.send(clientPacket(2, ''));
    simulator.emit(roomId, 'DANMU_MSG');
    await new Promise((done) => setTimeout(done, 200));
    expect(client.messages.length).toBe(before);
    expect(client.closeCode).toBeUndefined();
    expect(delivered()).toEqual(['unknown']);
  });

  it('cut sends one frame short, and the next whole', async () => {
    const client = await start();
    simulator.faults.cut();
    simulator.emit(roomId, 'DANMU_MSG');
    simulator.emit(roomId, 'DANMU_MSG');
    await vi.waitUntil(() => client.messages.length === 3, 5_000);
    const [, short, whole] = client.messages;
    expect(short?.length).toBeLessThan(short?.readUInt32BE(0) ?? 0);
    expect(whole?.length).toBe(whole?.readUInt32BE(0));
    expect(delivered()).toEqual(['cut', 'yes']);
  });

  it('sever cuts the socket in the middle of a frame', async () => {
    const client = await start();
    simulator.faults.sever();
    expect(await closed(client)).toBe(1006);
    expect(client.messages).toHaveLength(1);
    expect(delivered()).toEqual(['cut', 'cut', 'cut']);
  });

  it('duplicate sends one frame twice', async () => {
    const client = await start();
    simulator.faults.duplicate();
    const n = simulator.emit(roomId, 'DANMU_MSG');
    await vi.waitUntil(() => client.texts().length === 2, 5_000);
    expect(client.texts()).toEqual([simulator.ledger.textOf(n), simulator.ledger.textOf(n)]);
    expect(delivered()).toEqual(['yes', 'repeat']);
  });

  it('slow holds frames back in pieces, and they arrive whole and in order', async () => {
    const client = await start();
    simulator.faults.slow(undefined, 400);
    const sent = Array.from({ length: 5 }, () => simulator.ledger.textOf(simulator.emit(roomId, 'DANMU_MSG')));
    expect(delivered()).toEqual([]);
    await vi.waitUntil(() => client.texts().length === 5, 5_000);
    expect(client.texts()).toEqual(sent);
    expect(delivered()).toEqual(['yes', 'yes', 'yes', 'yes', 'yes']);
  });

  it('rejectAuth refuses the next authentication only', async () => {
    await start();
    simulator.faults.rejectAuth();
    expect(String((await joined()).packets(8)[0]?.body)).toBe('{"code":-101}');
    expect(String((await joined()).packets(8)[0]?.body)).toBe('{"code":0}');
  });

  it('riskControl distrusts the next signed request only', async () => {
    await start();
    simulator.faults.riskControl();
    const path = () => signed('/xlive/web-room/v1/index/getDanmuInfo', { id: String(roomId) });
    expect((await ask(simulator.url, path())).body.code).toBe(-352);
    expect((await ask(simulator.url, path())).body.code).toBe(0);
  });

  it('endpointDown makes one host refuse for a while', async () => {
    await start();
    simulator.faults.endpointDown(1, 200);
    const address = `ws://${simulator.sockets.hosts[1]?.endpoint}/sub`;
    await expect(RawClient.open(address)).rejects.toThrow();
    await vi.waitFor(async () => clients.push(await RawClient.open(address)), 5_000);
  });
});

describe('reconcile', () => {
  it('calls lost what was sent and not stored outside every gap, from a ledger that went through a file', async () => {
    await start();
    const first = simulator.emit(roomId, 'DANMU_MSG');
    simulator.faults.dropAll();
    simulator.emit(roomId, 'DANMU_MSG'); // nobody is there
    const ledger = await readLedger(simulator.ledger.dump());
    expect([...ledger.entries()]).toEqual([...simulator.ledger.entries()]);
    const nothing = { ledger, documents: [], connections: [] };
    const bad = await reconcile({ ...nothing, gaps: [] });
    expect(bad).toMatchObject({
      sent: 1,
      stored: 0,
      lost: 1,
      missingInGaps: 0,
      examples: [{ what: 'lost', n: first }],
    });
    const excused = await reconcile({ ...nothing, gaps: [{ roomId: String(roomId), from: Date.now() }] });
    expect(excused).toMatchObject({ sent: 1, lost: 0, missingInGaps: 1 });
    const shed = await reconcile({
      ...nothing,
      gaps: [],
      connections: [{ roomId: String(roomId), counts: { accepted: {}, shed: { chat: 1 }, undecodable: 0 } }],
    });
    expect(shed).toMatchObject({ lost: 0, shed: 1 });
    const shedElsewhere = await reconcile({
      ...nothing,
      gaps: [],
      connections: [
        { roomId: '1', counts: { accepted: {}, shed: { chat: 1 }, undecodable: 0 } },
        { roomId: String(roomId), counts: { accepted: {}, shed: { gift: 1 }, undecodable: 0 } },
      ],
    });
    expect(shedElsewhere).toMatchObject({ lost: 1, shed: 2 });
  });

  it('finds what is stored twice, stored otherwise, and stored though never sent', async () => {
    await start();
    const n = simulator.emit(roomId, 'DANMU_MSG');
    const { ledger } = simulator;
    const expected = ledger.expected(n)[0];
    const at = new Date(expected?.at ?? 0);
    const base = {
      platform: 'bilibili',
      roomId: String(roomId),
      kind: 'chat',
      at,
      atFrom: 'platform',
      receivedAt: at,
      storedAt: at,
    } as const;
    const fields = Object.fromEntries(Object.entries(expected?.fields ?? {}).filter(([, value]) => value !== null));
    const user = Object.fromEntries(Object.entries(fields['user'] ?? {}).filter(([, value]) => value !== null));
    const good = {
      ...base,
      ...fields,
      user,
      _id: 'a',
      seq: 7,
      connectionId: 'w1.c',
    } as never as EventDocument;
    const acks = [{ workerId: 'w1', from: 1, to: 9, ackedAt: Date.now() + 100_000 }];
    const report = (documents: (typeof good)[]) => reconcile({ ledger, documents, connections: [], gaps: [], acks });
    expect(await report([good])).toMatchObject({ lost: 0, duplicates: 0, mismatched: 0, invented: 0, stored: 1 });
    expect((await report([good])).p50Ms).toBeGreaterThan(90_000);
    expect(await report([good, { ...good, _id: 'b' }])).toMatchObject({ duplicates: 1 });
    expect(await report([{ ...good, text: 'else' }])).toMatchObject({
      mismatched: 1,
      examples: [{ what: 'mismatch', differences: [{ path: 'text', got: 'else' }] }],
    });
    expect(await report([good, { ...good, _id: 'c', messageId: 'f'.repeat(36) }])).toMatchObject({ invented: 1 });
  });
});
