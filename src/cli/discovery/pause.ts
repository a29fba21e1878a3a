import { z } from 'zod';
import type { Work } from '../context.js';
import { printable } from '../text-width.js';
import { askSchedule, platformOption } from './schedule.js';

export const PauseOptions = z.object({ platform: platformOption, note: z.string().min(1).max(400).optional() });
export type PauseOptions = z.output<typeof PauseOptions>;

/** No sweep begins any more; rooms that are collected stay so. */
export const pauseDiscovery: Work<PauseOptions> = async (context, { platform, note }) => {
  const said = printable(note ?? 'Paused by `barrage discovery pause`.');
  await askSchedule(await context.temporal(), platform, (schedule) => schedule.pause(said));
  context.out.result({ schedule: `discovery:${platform}`, paused: true, note: said }, () => `Paused: ${said}`);
};

export const resumeDiscovery: Work<PauseOptions> = async (context, { platform, note }) => {
  const said = printable(note ?? 'Resumed by `barrage discovery resume`.');
  await askSchedule(await context.temporal(), platform, (schedule) => schedule.unpause(said));
  context.out.result({ schedule: `discovery:${platform}`, paused: false, note: said }, () => 'Resumed.');
};
