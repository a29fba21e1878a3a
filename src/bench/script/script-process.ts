import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { PUBLISHED_KEYS, signatureOf } from '../../simulator/wbi-check.js';
import type { Simulator } from '../../simulator/simulator.js';
import { CountingProcess } from '../system/counting-process.js';
import { ScriptCounts, type ScriptOrder } from './script-order.js';

const PROGRAM = fileURLToPath(new URL('./plain-script.js', import.meta.url));
const CONNECTED_WITHIN_MS = 120_000;
const STORED_WITHIN_MS = 120_000;

/** The plain script as a process of its own. */
export class ScriptProcess {
  private constructor(private readonly script: CountingProcess<ScriptCounts>) {}

  /** Resolves when all its rooms are connected. */
  static async start(
    simulator: Simulator,
    roomIds: readonly number[],
    mongo: { uri: string; database: string },
    signal: AbortSignal,
  ): Promise<ScriptProcess> {
    const rooms: ScriptOrder['rooms'] = [];
    for (const roomId of roomIds) rooms.push({ roomId, key: await tokenOf(simulator.url, roomId) });
    const order: ScriptOrder = { ...mongo, address: `${simulator.url.replace('http', 'ws')}/sub`, rooms };
    const script = CountingProcess.start(PROGRAM, order, ScriptCounts, signal);
    try {
      if (await script.until(({ connected }) => connected === rooms.length, CONNECTED_WITHIN_MS))
        return new ScriptProcess(script);
      throw new Error('the rooms of the plain script did not connect');
    } catch (error) {
      await script.stop();
      throw error;
    }
  }

  /** Waits until it has received each message that was delivered to it, and stored what it keeps of them. */
  async settled(delivered: number): Promise<void> {
    let last: ScriptCounts | undefined;
    const isDone = (counts: ScriptCounts): boolean => {
      last = counts;
      return counts.received >= delivered && counts.stored === counts.kept;
    };
    if (await this.script.until(isDone, STORED_WITHIN_MS)) return;
    throw new Error(`of ${delivered} messages the plain script received ${last?.received} and stored ${last?.stored}`);
  }

  async cpuSeconds(): Promise<number> {
    return (await this.script.usage()).cpuSeconds;
  }

  async stop(): Promise<void> {
    await this.script.stop();
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
