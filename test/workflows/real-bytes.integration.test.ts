import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import type { EventDocument } from '../../src/model/event.js';
import { startTestStack, type TestStack } from '../stack.js';

const CAPTURES = join(import.meta.dirname, '../../../shared/fixtures/bilibili');
const Line = z.looseObject({ t: z.number() });
const SPEED_UP = 100;

let stack: TestStack;
let folder: string;

beforeAll(async () => {
  stack = await startTestStack({ simulator: { rooms: 3, rate: 0 } });
  folder = await mkdtemp(join(tmpdir(), 'barrage-captures-'));
});
afterAll(async () => {
  await stack.stop();
  await rm(folder, { recursive: true, force: true });
});

/** The capture with its minutes made seconds. */
async function faster(name: string): Promise<string> {
  const lines = (await readFile(join(CAPTURES, name), 'utf8')).split('\n').filter((line) => line !== '');
  const file = join(folder, name);
  const quick = lines.map((line) => Line.parse(JSON.parse(line))).map((line) => ({ ...line, t: line.t / SPEED_UP }));
  await writeFile(file, quick.map((line) => JSON.stringify(line)).join('\n'));
  return file;
}

async function stored(roomId: string): Promise<EventDocument[]> {
  const found: EventDocument[] = [];
  for await (const event of stack.store.events.allEvents()) if (event.roomId === roomId) found.push(event);
  return found;
}

const kinds = (events: readonly EventDocument[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const { kind } of events) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
};

/** What SOURCE.md beside the captures says that they hold, by kind; the site-wide list of ended rooms is a hint, and numbers are audience. */
const EXPECTED = [
  ['protover3.jsonl', { chat: 9, enter: 12, superchat: 2, like: 1, notice: 2 }],
  ['live.jsonl', { chat: 4, enter: 9, like: 2, notice: 4 }],
  ['guest-gifts.jsonl', { gift: 10, notice: 1 }],
] as const;

describe.skipIf(!existsSync(CAPTURES))('a capture of a real room', () => {
  it.each(EXPECTED)('reaches MongoDB whole, with the times of its platform: %s', async (name, expected) => {
    const roomId = stack.liveRooms[EXPECTED.findIndex(([file]) => file === name)] ?? '';
    await stack.simulator.replay(Number(roomId), await faster(name));
    const workflowId = `room:bilibili:${roomId}`;
    const args = [`bilibili:${roomId}`];
    const handle = await stack.client.workflow.start('room', { workflowId, taskQueue: 'barrage', args });
    const total = Object.values(expected).reduce((sum, count) => sum + count, 0);
    await vi.waitFor(async () => expect((await stored(roomId)).length).toBeGreaterThanOrEqual(total), {
      timeout: 30_000,
    });
    await handle.cancel();
    await handle.result().catch(() => undefined);
    const events = await stored(roomId);
    expect(kinds(events)).toEqual(expected);
    const chats = events.filter(({ kind }) => ['chat', 'gift', 'superchat'].includes(kind));
    expect(chats.every(({ atFrom, at }) => atFrom === 'platform' && at.getUTCFullYear() === 2026)).toBe(true);
    const { connections } = await stack.store.records.roomOverview(`bilibili:${roomId}`);
    expect(connections[0]?.counts?.undecodable).toBe(0);
  });
});
