import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { TASK_QUEUE } from '../../model/stream.js';
import { atMost, type PartOptions, type PartOutcome, type Row, type Table, told } from '../part.js';
import type { ExtentLimits } from '../system/extent.js';
import { LoadedSystem } from '../system/loaded-system.js';
import { countStolenTime, stolenRows } from '../system/stolen-time.js';

const LIVE_ROOMS = 10_000;
const KEPT_ROOMS = 1_000;
const PAGE_SIZE = 30;
const CONNECTED_WITHIN_MS = 300_000;
const SWEEP_WITHIN_MS = 300_000;

/** Some of the simulated rooms are not shown in lists. */
const NEARLY_ALL = 0.95;

const MOST_CONNECT_SECONDS = 60;
const MOST_SWEEP_SECONDS = 2;

const Report = z.object({ listed: z.int(), running: z.int(), started: z.int(), retired: z.int() });

/** Two sweeps over a long list of live rooms: one that starts everything, one that finds nothing to do. */
export async function sweeps(options: PartOptions, extent: ExtentLimits): Promise<PartOutcome> {
  const rooms = extent.rooms(KEPT_ROOMS);
  const simulator = { rooms: LIVE_ROOMS };
  const settings = { 'platforms.bilibili.requestsPerSecond': 1_000, 'platforms.bilibili.requestBurst': 1_000 };
  const loaded = await LoadedSystem.start({ rooms, simulator, settings }, { ...options, report: () => undefined });
  try {
    loaded.simulator.traffic.stop();
    const stolenNow = await countStolenTime();
    const startedAt = performance.now();
    const first = await sweep(loaded, rooms);
    const isWhole = (): boolean => loaded.system.connectedRooms().size >= rooms;
    if (!(await loaded.until(isWhole, CONNECTED_WITHIN_MS))) {
      throw new Error(`only ${loaded.system.connectedRooms().size} of ${rooms} rooms connected after a sweep`);
    }
    const connectSeconds = (performance.now() - startedAt) / 1_000;
    const stolen = await stolenNow();
    options.report(
      `a sweep started ${first.started} rooms; connected ${connectSeconds.toFixed(1)} s after its beginning`,
    );
    await loaded.settled();
    const second = await sweep(loaded, rooms);
    if (second.listed < LIVE_ROOMS * NEARLY_ALL || second.started + second.retired > 0) {
      throw new Error(
        `the second sweep found ${second.listed} rooms, started ${second.started}, retired ${second.retired}`,
      );
    }
    const apiSeconds = await listAlone(loaded.simulator.url, second.listed);
    const beside = Math.max(0, second.seconds - apiSeconds);
    options.report(
      `a sweep over ${second.listed} rooms: ${second.seconds.toFixed(2)} s, its requests ${apiSeconds.toFixed(2)} s`,
    );
    const what = `${LIVE_ROOMS.toLocaleString('en')} live rooms, ${rooms.toLocaleString('en')} running`;
    const rows = [
      atMost(
        `${rooms.toLocaleString('en')} rooms started by a sweep: all connected`,
        connectSeconds,
        's',
        MOST_CONNECT_SECONDS,
      ),
      told(
        `a sweep over ${LIVE_ROOMS.toLocaleString('en')} live rooms that starts ${first.started}`,
        first.seconds,
        's',
      ),
      told(`a sweep over ${what}: whole`, second.seconds, 's'),
      told(`a sweep over ${what}: the requests alone`, apiSeconds, 's'),
      atMost(`a sweep over ${what}: beside the requests`, beside, 's', MOST_SWEEP_SECONDS),
    ];
    return { rows: [...rows, ...stolenRows('', 'while they connected', stolen)], tables: [tableOf(rows)] };
  } finally {
    await loaded.stop();
  }
}

const tableOf = (rows: readonly Row[]): Table => ({
  title: 'Start and discovery',
  head: ['what', 'seconds', 'target'],
  body: rows.map(({ name, value, target }) => [name, value.toFixed(2), target ?? '']),
});

async function sweep({ system }: LoadedSystem, rooms: number): Promise<z.output<typeof Report> & { seconds: number }> {
  const startedAt = performance.now();
  const args = [{ rooms, maxPages: Math.ceil(LIVE_ROOMS / PAGE_SIZE) + 1 }];
  const options = { workflowId: `bench-discovery:${randomUUID()}`, taskQueue: TASK_QUEUE, args };
  const report: unknown = await system.client.withDeadline(Date.now() + SWEEP_WITHIN_MS, () =>
    system.client.workflow.execute('discovery', options),
  );
  return { ...Report.parse(report), seconds: (performance.now() - startedAt) / 1_000 };
}

/** The same pages in the same order, by somebody who does nothing with them. */
async function listAlone(base: string, listed: number): Promise<number> {
  const startedAt = performance.now();
  for (let page = 1; page <= Math.ceil(listed / PAGE_SIZE); page += 1) {
    const url = new URL('/room/v3/area/getRoomList', base);
    const query = { platform: 'web', parent_area_id: '0', area_id: '0', cate_id: '0', sort_type: 'online' };
    url.search = new URLSearchParams({ ...query, page: String(page), page_size: String(PAGE_SIZE) }).toString();
    const response = await fetch(url, {
      headers: { cookie: 'buvid3=bench-infoc' },
      signal: AbortSignal.timeout(10_000),
    });
    await response.arrayBuffer();
  }
  return (performance.now() - startedAt) / 1_000;
}
