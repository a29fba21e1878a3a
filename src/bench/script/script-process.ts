import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { PUBLISHED_KEYS, signatureOf } from '../../simulator/wbi-check.js';
import type { Simulator } from '../../simulator/simulator.js';
import { usageOf } from '../system/process-usage.js';

/** What the script is told: a person would have typed it in. */
export interface ScriptOrder {
  uri: string;
  database: string;
  /** Of the socket. */
  address: string;
  rooms: { roomId: number; key: string }[];
}

const ScriptCounts = z.object({ connected: z.int(), received: z.int(), kept: z.int(), stored: z.int() });
export type ScriptCounts = z.output<typeof ScriptCounts>;

const PROGRAM = fileURLToPath(new URL('./plain-script.js', import.meta.url));
const CONNECTED_WITHIN_MS = 120_000;
const STORED_WITHIN_MS = 120_000;
const LOOK_EVERY_MS = 100;

/** The plain script as a process of its own; it ends when this process lets go of it. */
export class ScriptProcess {
  private constructor(
    private readonly child: ChildProcess,
    private readonly signal: AbortSignal,
  ) {}

  /** Resolves when all its rooms are connected. */
  static async start(
    simulator: Simulator,
    roomIds: readonly number[],
    mongo: { uri: string; database: string },
    signal: AbortSignal,
  ): Promise<ScriptProcess> {
    const rooms: ScriptOrder['rooms'] = [];
    for (const roomId of roomIds) rooms.push({ roomId, key: await tokenOf(simulator.url, roomId) });
    const script = new ScriptProcess(fork(PROGRAM, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] }), signal);
    const order: ScriptOrder = { ...mongo, address: `${simulator.url.replace('http', 'ws')}/sub`, rooms };
    script.child.send(order);
    if (!(await script.until(({ connected }) => connected === rooms.length, CONNECTED_WITHIN_MS))) {
      script.stop();
      throw new Error('the rooms of the plain script did not connect');
    }
    return script;
  }

  async counts(): Promise<ScriptCounts> {
    const answer: Promise<unknown[]> = once(this.child, 'message', { signal: this.signal });
    this.child.send('counts');
    const [counts] = await answer;
    return ScriptCounts.parse(counts);
  }

  /** Waits until it has received each message that was delivered to it, and stored what it keeps of them. */
  async settled(delivered: number): Promise<void> {
    let last: ScriptCounts | undefined;
    const isDone = (counts: ScriptCounts): boolean => {
      last = counts;
      return counts.received >= delivered && counts.stored === counts.kept;
    };
    if (await this.until(isDone, STORED_WITHIN_MS)) return;
    throw new Error(`of ${delivered} messages the plain script received ${last?.received} and stored ${last?.stored}`);
  }

  async cpuSeconds(): Promise<number> {
    return this.child.pid === undefined ? 0 : (await usageOf(this.child.pid)).cpuSeconds;
  }

  stop(): void {
    this.child.kill('SIGKILL');
  }

  private async until(condition: (counts: ScriptCounts) => boolean, withinMs: number): Promise<boolean> {
    const deadline = performance.now() + withinMs;
    while (!condition(await this.counts())) {
      if (performance.now() > deadline) return false;
      await sleep(LOOK_EVERY_MS, undefined, { signal: this.signal });
    }
    return true;
  }
}

const TokenAnswer = z.object({ data: z.object({ token: z.string() }) });

/** A room's token, as the site's own page gets it. */
async function tokenOf(base: string, roomId: number): Promise<string> {
  const query = { id: String(roomId), type: '0', wts: String(Math.floor(Date.now() / 1_000)) };
  const w_rid = signatureOf(new Map(Object.entries(query)), PUBLISHED_KEYS);
  const url = new URL('/xlive/web-room/v1/index/getDanmuInfo', base);
  url.search = new URLSearchParams({ ...query, w_rid }).toString();
  const response = await fetch(url, {
    headers: { cookie: 'buvid3=script-infoc' },
    signal: AbortSignal.timeout(10_000),
  });
  return TokenAnswer.parse(await response.json()).data.token;
}
