import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OPERATION } from '../../src/platforms/bilibili/packet.js';
import { systemClock, type Clock } from '../../src/platforms/clock.js';
import {
  authAnswer,
  collect,
  heartbeatAnswer,
  LoopbackBilibili,
  never,
  numbered,
  packed,
} from './loopback-bilibili.js';

const ROOM = { roomId: '22603245', attempt: 1 };
const SHORT = { heartbeatMs: 100, readDeadlineMs: 400 };

describe('a connection', () => {
  let server: LoopbackBilibili;
  beforeEach(async () => (server = await LoopbackBilibili.start()));
  afterEach(() => server.stop());
  const socket = () => server.sockets.at(-1)!;

  it('gives every frame once, in order, with its number and the moment it left the socket', async () => {
    const before = Date.now();
    const connection = await server.platform().connect(ROOM, never);
    const { frames, done } = collect(connection);
    for (let n = 1; n <= 300; n++) socket().send(n % 3 === 0 ? packed(numbered(n)) : numbered(n));
    await expect.poll(() => frames.length).toBeGreaterThanOrEqual(302);
    await connection.close();
    await done;
    const values = frames.flatMap(({ audience }) => (audience.watched === undefined ? [] : [audience.watched]));
    expect(values).toEqual(Array.from({ length: 300 }, (_, n) => n + 1));
    expect(frames.map(({ index }) => index)).toEqual(frames.map((_, n) => n + 1));
    for (const { receivedAt } of frames) expect(receivedAt).toBeGreaterThanOrEqual(before);
    await expect(connection.frames()[Symbol.asyncIterator]().next()).rejects.toThrow('once');
  });

  it('keeps what cannot be decoded, with its good neighbours, and goes on', async () => {
    const connection = await server.platform().connect(ROOM, never);
    const { frames, done } = collect(connection);
    socket().send(Buffer.from('not a packet'));
    socket().send(Buffer.concat([numbered(1), Buffer.alloc(40, 0xff)]));
    socket().send(numbered(2));
    await expect.poll(() => frames.some(({ audience }) => audience.watched === 2)).toBe(true);
    expect(frames.flatMap(({ undecodable }) => undecodable)).toHaveLength(2);
    await connection.close();
    await done;
  });

  it('sends a heartbeat at once and then regularly, and lives in a room where nobody speaks', async () => {
    const connection = await server.platform(SHORT).connect(ROOM, never);
    const { done } = collect(connection);
    await expect.poll(() => server.heartbeats, { timeout: 5000 }).toBeGreaterThanOrEqual(8); // twice the deadline
    await connection.close();
    await done;
    expect((await connection.closed).end).toBe('closed');
  });

  it('ends as silent when heartbeats get no answer, covered until the last frame', async () => {
    server.onPacket = (ws, operation) => {
      if (operation === OPERATION.authenticate) ws.send(authAnswer(0));
    };
    const connection = await server.platform(SHORT).connect(ROOM, never);
    const { frames, done } = collect(connection);
    const closed = await connection.closed;
    await done;
    expect(closed).toEqual({
      end: 'silent',
      detail: expect.stringContaining('400 ms'),
      coveredUntil: frames.at(-1)?.receivedAt,
    });
  });

  it('lives through any jump of the wall clock', async () => {
    let jump = 0;
    const clock: Clock = { ...systemClock, now: () => Date.now() + jump };
    const connection = await server.platform(SHORT, undefined, clock).connect(ROOM, never);
    const { done } = collect(connection);
    for (const by of [3_600_000, -7_200_000]) {
      jump = by;
      const { heartbeats } = server;
      await expect.poll(() => server.heartbeats, { timeout: 5000 }).toBeGreaterThan(heartbeats + 5);
    }
    await connection.close();
    expect((await connection.closed).end).toBe('closed');
    await done;
  });

  it('is not silent because this process was held up', async () => {
    const connection = await server.platform(SHORT).connect(ROOM, never);
    const { done } = collect(connection);
    socket().send(numbered(1));
    const until = performance.now() + 900;
    while (performance.now() < until); // nothing else runs, while the message waits in the kernel
    const { heartbeats } = server;
    await expect.poll(() => server.heartbeats).toBeGreaterThan(heartbeats + 2);
    await connection.close();
    expect((await connection.closed).end).toBe('closed');
    await done;
  });

  it('ends as lost when the socket breaks, covered until the last frame', async () => {
    const connection = await server.platform().connect(ROOM, never);
    const { frames, done } = collect(connection);
    socket().send(numbered(1));
    await expect.poll(() => frames.some(({ audience }) => audience.watched === 1)).toBe(true);
    socket().terminate();
    await done;
    expect(await connection.closed).toMatchObject({ end: 'lost', coveredUntil: frames.at(-1)?.receivedAt });
  });

  it('ends as closed when the platform says goodbye, covered until then', async () => {
    const connection = await server.platform().connect(ROOM, never);
    const { frames, done } = collect(connection);
    const before = Date.now();
    socket().close(4001, 'token expired\u0007');
    await done;
    const closed = await connection.closed;
    expect(closed).toMatchObject({ end: 'closed', detail: 'closed by the platform with 4001 (token expired)' });
    expect(closed.coveredUntil).toBeGreaterThanOrEqual(Math.max(before, frames.at(-1)?.receivedAt ?? 0));
  });

  it('ends as framing when a message is far longer than the limit, and holds no more of it than that', async () => {
    const connection = await server.platform({ limits: { maxFrameBytes: 4096 } }).connect(ROOM, never);
    const { frames, done } = collect(connection);
    socket().send(numbered(1, 'x'.repeat(10_000)));
    socket().send(numbered(2));
    await expect.poll(() => frames.some(({ audience }) => audience.watched === 2)).toBe(true);
    expect(frames.flatMap(({ undecodable }) => undecodable)).toHaveLength(1);
    socket().send(numbered(3, 'x'.repeat(20_000)));
    await done;
    expect(await connection.closed).toMatchObject({
      end: 'framing',
      detail: expect.stringContaining('WS_ERR_UNSUPPORTED_MESSAGE_LENGTH'),
    });
  });
});

describe('close()', () => {
  let server: LoopbackBilibili;
  beforeEach(async () => (server = await LoopbackBilibili.start()));
  afterEach(() => server.stop());

  it('gives out what was received and what was under way, and is covered until the socket was paused', async () => {
    const connection = await server.platform({ maxQueuedFrames: 50 }).connect(ROOM, never);
    for (let n = 1; n <= 120; n++) server.sockets[0]?.send(numbered(n)); // more than the queue holds, and nobody reads
    await expect.poll(() => server.heartbeats).toBe(1);
    const before = Date.now();
    const closing = connection.close();
    const { frames, done } = collect(connection);
    await Promise.all([closing, done]);
    expect(frames.filter(({ audience }) => audience.watched !== undefined)).toHaveLength(120);
    const closed = await connection.closed;
    expect(closed).toMatchObject({ end: 'closed', detail: 'closed by barrage' });
    expect(closed.coveredUntil).toBeLessThanOrEqual(before); // what came after the pause may be old
    expect(closed.coveredUntil).toBeGreaterThanOrEqual(connection.connectedAt);
  });

  it('is covered until the goodbye was answered, where the socket was read', async () => {
    const connection = await server.platform().connect(ROOM, never);
    const { done } = collect(connection);
    await expect.poll(() => server.heartbeats).toBe(1);
    const before = Date.now();
    await connection.close();
    await done;
    expect((await connection.closed).coveredUntil).toBeGreaterThanOrEqual(before);
  });

  it('ends by force within 2 s when nobody answers the goodbye, covered until the last frame only', async () => {
    const connection = await server.platform().connect(ROOM, never);
    const { frames, done } = collect(connection);
    await expect.poll(() => frames.length).toBe(2);
    server.sockets[0]?.pause(); // half-open: nothing we send is read
    const before = performance.now();
    await connection.close();
    expect(performance.now() - before).toBeLessThan(2_000);
    await done;
    expect(await connection.closed).toEqual({
      end: 'closed',
      detail: 'closed by barrage, without an answer',
      coveredUntil: frames.at(-1)?.receivedAt,
    });
  });

  it('may be called often, and after the end', async () => {
    const connection = await server.platform().connect(ROOM, never);
    await Promise.all([connection.close(), connection.close()]);
    await connection.close();
  });

  it('ends by force a peer that answers the goodbye with a flood', async () => {
    const connection = await server.platform({ maxQueuedFrames: 10 }).connect(ROOM, never);
    const flood = setInterval(() => {
      for (let n = 0; n < 100; n++) server.sockets[0]?.send(numbered(n));
    }, 1);
    await connection.close();
    clearInterval(flood);
    const { frames, done } = collect(connection);
    await done;
    expect(frames.length).toBeLessThan(3_000);
  });
});

describe('a slow reader', () => {
  let server: LoopbackBilibili;
  beforeEach(async () => (server = await LoopbackBilibili.start()));
  afterEach(() => server.stop());

  it('makes the socket wait, within bounded memory, loses nothing, and is not taken for silence', async () => {
    const settings = { maxQueuedFrames: 20, heartbeatMs: 100, readDeadlineMs: 400 };
    const connection = await server.platform(settings).connect(ROOM, never);
    const filler = 'x'.repeat(20_000);
    const sent = 2_000;
    let written = 0;
    for (let n = 1; n <= sent; n++) server.sockets[0]?.send(numbered(n, filler), () => written++);
    const { heartbeats } = server;
    // Twice the deadline goes by while nobody reads: the server is held up, and the connection lives on.
    await expect.poll(() => server.heartbeats, { timeout: 5000 }).toBeGreaterThan(heartbeats + 8);
    const heldUp = written;
    expect(heldUp).toBeLessThan(sent);
    const values: number[] = [];
    const read = async () => {
      for await (const { audience } of connection.frames()) {
        if (audience.watched !== undefined) values.push(audience.watched);
        if (values.length % 100 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
      }
    };
    const done = read();
    await expect.poll(() => values.length, { timeout: 10_000 }).toBe(sent);
    expect(values).toEqual(Array.from({ length: sent }, (_, n) => n + 1));
    await connection.close();
    await done;
  });

  it('does not hide what it missed: a socket that ends behind a pause is covered until the pause', async () => {
    const connection = await server.platform({ maxQueuedFrames: 10 }).connect(ROOM, never);
    await expect.poll(() => server.heartbeats).toBe(1);
    for (let n = 1; n <= 20; n++) server.sockets[0]?.send(numbered(n));
    server.sockets[0]?.close(1001);
    await new Promise((resolve) => setTimeout(resolve, 300)); // the time that is missing
    const { frames, done } = collect(connection);
    await done;
    expect(frames.filter(({ audience }) => audience.watched !== undefined)).toHaveLength(20);
    expect((await connection.closed).coveredUntil).toBeLessThan(Date.now() - 200);
  });

  it('says of a frame that waited behind a pause that it proves nothing beyond the pause', async () => {
    const connection = await server.platform({ maxQueuedFrames: 10 }).connect(ROOM, never);
    await expect.poll(() => server.heartbeats).toBe(1);
    for (let n = 1; n <= 20; n++) server.sockets[0]?.send(numbered(n));
    await new Promise((resolve) => setTimeout(resolve, 300)); // the time that it waits
    server.sockets[0]?.send(numbered(21));
    const { frames, done } = collect(connection);
    await expect.poll(() => frames.at(-1)?.audience.watched).toBe(21);
    const last = frames.at(-1);
    expect(last?.coveredUntil).toBeLessThan((last?.receivedAt ?? 0) - 200);
    expect(last?.coveredUntil).toBeGreaterThanOrEqual(connection.connectedAt);
    await connection.close();
    await done;
  });

  it('is judged silent once it reads again and nothing comes', async () => {
    server.onPacket = (ws, operation) => {
      if (operation === OPERATION.authenticate) {
        ws.send(authAnswer(0));
        for (let n = 0; n < 30; n++) ws.send(heartbeatAnswer());
      }
    };
    const connection = await server.platform({ ...SHORT, maxQueuedFrames: 10 }).connect(ROOM, never);
    await expect.poll(() => server.heartbeats, { timeout: 5000 }).toBeGreaterThan(6);
    const { frames, done } = collect(connection);
    expect((await connection.closed).end).toBe('silent');
    await done;
    expect(frames).toHaveLength(31);
  });

  it('costs nothing more once it stops reading for good', async () => {
    const connection = await server.platform().connect(ROOM, never);
    const reading = connection.frames()[Symbol.asyncIterator]();
    const first = await reading.next();
    expect(first.done ? 0 : first.value.index).toBe(1);
    await reading.return?.();
    await connection.close();
  });
});
