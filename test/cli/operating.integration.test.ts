import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { z } from 'zod';
import { startTestStack, type TestStack } from '../stack.js';
import { runBarrage } from './run-barrage.js';

const Rooms = z.array(z.looseObject({ room: z.string(), popularity: z.number() }));
const Answer = z.looseObject({
  sessions: z.array(z.looseObject({ end: z.string().optional(), completeness: z.unknown() })).default([]),
  record: z.looseObject({ connections: z.array(z.unknown()) }).optional(),
});

describe('the commands of an operator, against a stack that runs', () => {
  let stack: TestStack;
  let room = '';
  let env: NodeJS.ProcessEnv = {};

  beforeAll(async () => {
    stack = await startTestStack({
      simulator: { rooms: 3, rate: 60 },
      config: { discovery: { enabled: true, everyMs: 3_600_000, rooms: 2 } },
    });
    room = `bilibili:${stack.liveRooms[2]}`;
    env = {
      TEMPORAL_ADDRESS: inject('temporalAddress'),
      TEMPORAL_NAMESPACE: stack.namespace,
      MONGODB_URI: inject('mongoUri'),
      BARRAGE_STORE_DATABASE: stack.config.store.database,
    };
  });
  afterAll(() => stack.stop());

  const run = (...args: string[]) => runBarrage([...args, '--json'], env);
  const json = async (...args: string[]) => {
    const { code, stderr, stdout, lastJson } = await run(...args);
    expect({ code, stderr, stdout }).toMatchObject({ code: 0 });
    return Answer.parse(lastJson());
  };

  // Longer than the command itself waits for a sweep to begin: it has to be able to say so.
  it('run discovery and wait for what it did, pause it with a note, and resume it', { timeout: 180_000 }, async () => {
    const sweep = await json('discovery', 'run');
    expect(sweep).toMatchObject({ schedule: 'discovery:bilibili', sweep: { state: 'done', report: { listed: 3 } } });
    expect(await json('discovery', 'pause', '--note', 'for a test')).toMatchObject({
      paused: true,
      note: 'for a test',
    });
    const paused = await json('discovery', 'status');
    expect(paused).toMatchObject({ paused: true, note: 'for a test', everyMs: 3_600_000, last: { state: 'done' } });
    expect(await json('discovery', 'resume')).toMatchObject({ paused: false });
    expect(await json('discovery', 'status')).toMatchObject({ paused: false, next: expect.any(String) });
    expect((await runBarrage(['discovery', 'status'], env)).stdout).toContain('3 live rooms listed');
  });

  it('start a room and wait until it streams; a second start says that it was collected already', async () => {
    const started = await json('room', 'start', room, '--wait', '--exclude', 'enter,like');
    expect(started).toMatchObject({ room, state: 'streaming', outcome: 'started' });
    expect(await json('room', 'start', room, '--until', 'offline')).toMatchObject({ room, outcome: 'updated' });
    const { stdout } = await runBarrage(['room', 'start', room], env);
    expect(stdout).toBe(`${room} was collected already; from now on it is wanted until somebody stops it.\n`);
  });

  it('follow a room that was named by its short id to the actor of its canonical one', async () => {
    const [face] = stack.simulator.rooms.filter(({ face: { shortId } }) => shortId > 0).map(({ face }) => face);
    const [shortId, canonical] = [String(face?.shortId), `bilibili:${face?.roomId}`];
    expect(await json('room', 'start', shortId, '--wait')).toMatchObject({ room: canonical, state: 'streaming' });
    expect(await json('room', 'show', shortId)).toMatchObject({ room: canonical, actor: { phase: 'streaming' } });
    expect(await json('room', 'stop', shortId)).toMatchObject({ room: canonical, outcome: 'stopped' });
    expect(stack.simulator.connections(face?.roomId)).toEqual([]);
    expect(await json('room', 'start', canonical, '--wait')).toMatchObject({ room: canonical, state: 'streaming' });
  });

  it('list the rooms with their state, the most popular first, and those in one state only', async () => {
    const rooms = Rooms.parse((await run('room', 'list', '--state', 'streaming')).lastJson());
    expect(rooms.length).toBeGreaterThan(1);
    expect(rooms.map((one) => one.room)).toContain(room);
    const popularity = rooms.map((one) => one.popularity);
    expect(popularity).toEqual(popularity.toSorted((a, b) => b - a));
    expect(popularity[0]).toBeGreaterThan(0);
    expect((await run('room', 'list', '--state', 'suspended')).lastJson()).toEqual([]);
    expect((await runBarrage(['room', 'list'], env)).stdout).toMatch(/^ROOM +STATE +POPULARITY +STARTED BY +SINCE\n/);
  });

  it('stop a room: when that returns it has ended, and its record tells of all of its time', async () => {
    expect(await json('room', 'stop', room)).toMatchObject({ room, outcome: 'stopped' });
    expect(stack.simulator.connections(Number(room.split(':')[1]))).toEqual([]);
    expect(await run('room', 'stop', room)).toMatchObject({ code: 2, stdout: expect.stringContaining('NOT_RUNNING') });
    const sessionIsWritten = async (): Promise<unknown> => (await json('room', 'show', room)).sessions[0]?.end;
    await expect.poll(sessionIsWritten, { timeout: 20_000, interval: 500 }).toBe('cancelled');
    const shown = await json('room', 'show', room);
    expect(shown).toMatchObject({ room, actor: { phase: 'ended' }, notes: [] });
    expect(shown.sessions[0]?.completeness).toMatchObject({ unexplainedMs: 0 });
    expect(shown.record?.connections[0]).toMatchObject({ end: 'cancelled' });
    const { stdout } = await runBarrage(['room', 'show', room], env);
    expect(stdout).toMatch(/RECORDED +IN GAPS +UNEXPLAINED/);
    expect(stdout).toMatch(/\d+\.\d\d %/);
  });

  it('show workers, rooms, batches and holes on one screen', async () => {
    const status = await json('status');
    expect(status).toMatchObject({
      workers: [{ isAlive: true, slots: 150 }],
      rooms: { streaming: expect.any(Number), suspended: 0, failed: 0 },
      holes: { count: expect.any(Number), worstRooms: expect.any(Array) },
      notes: [],
    });
    const { stdout, code } = await runBarrage(['status'], env);
    expect(code).toBe(0);
    expect(stdout).toContain('Holes of the last day');
  });

  it.each([
    [['room', 'stop', 'bilibili:999'], 'The room bilibili:999 is not collected.'],
    [['room', 'show', 'bilibili:999'], 'The room bilibili:999 is not collected.'],
    [['room', 'start', 'bilibili:999999999', '--wait'], 'The room bilibili:999999999 failed: '],
    [['room', 'start', "bilibili:1' OR '1'='1"], 'does not name a room.'],
    [['room', 'start', 'https://example.com/1'], 'is not the address of a room barrage knows.'],
    [['room', 'start', 'nowhere:1'], 'There is no platform "nowhere"'],
    [['room', 'list', '--state', "streaming' OR '1'='1"], '--state: connecting, streaming,'],
    [['room', 'start', 'bilibili:1', '--priority', '9'], '--priority: a whole number from 1 to 5 is wanted.'],
    [['discovery', 'status', '--platform', 'nowhere'], '--platform: '],
  ])('refuse %s in one sentence, with exit code 2', async (args, sentence) => {
    const { code, stderr } = await runBarrage(args, env);
    expect(stderr).toContain(sentence);
    expect(stderr.trimEnd().split('\n').at(-1)).toMatch(/^barrage: /);
    expect(code).toBe(2);
  });
});
