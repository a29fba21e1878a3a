import { ScheduleOverlapPolicy } from '@temporalio/client';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { BarrageError } from '../../model/errors.js';
import type { Work } from '../context.js';
import type { TemporalAccess } from '../temporal-access.js';
import { askSchedule, platformOption, type Sweep, sweepOf, sweepText } from './schedule.js';

export const RunOptions = z.object({ platform: platformOption, wait: z.boolean().default(true) });
export type RunOptions = z.output<typeof RunOptions>;

const STARTS_WITHIN_MS = 120_000;
const ENDS_WITHIN_MS = 600_000;
const LOOK_EVERY_MS = 200;

/** Triggers a sweep, also while the Schedule is paused; one that runs is let finish first. */
export const runDiscovery: Work<RunOptions> = async (context, { platform, wait }) => {
  const temporal = await context.temporal();
  const before = await askSchedule(temporal, platform, (schedule) => schedule.describe());
  await askSchedule(temporal, platform, (schedule) => schedule.trigger(ScheduleOverlapPolicy.BUFFER_ONE));
  const triggered = { schedule: `discovery:${platform}`, triggered: true };
  if (!wait) {
    context.out.result(triggered, () => 'Triggered.');
    return;
  }
  const sweep = await nextSweep(temporal, platform, before.info.numActionsTaken, context.signal);
  context.out.result({ ...triggered, sweep }, () => sweepText(sweep));
  return sweep.state === 'failed' ? 1 : 0;
};

async function nextSweep(
  temporal: TemporalAccess,
  platform: string,
  takenBefore: number,
  signal: AbortSignal,
): Promise<Sweep> {
  const until = Date.now() + STARTS_WITHIN_MS;
  while (Date.now() < until) {
    const { info } = await askSchedule(temporal, platform, (schedule) => schedule.describe());
    const last = info.recentActions.at(-1);
    if (info.numActionsTaken > takenBefore && last !== undefined) return sweepOf(temporal, last, ENDS_WITHIN_MS);
    await sleep(LOOK_EVERY_MS, undefined, { signal });
  }
  throw new BarrageError('TEMPORAL_UNAVAILABLE', `No sweep began within ${STARTS_WITHIN_MS / 1_000} s of the trigger.`);
}
