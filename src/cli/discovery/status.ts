import { z } from 'zod';
import type { Work } from '../context.js';
import { printable } from '../text-width.js';
import { askSchedule, platformOption, type Sweep, sweepOf, sweepText } from './schedule.js';

export const StatusOptions = z.object({ platform: platformOption });
export type StatusOptions = z.output<typeof StatusOptions>;

interface DiscoveryStatus {
  schedule: string;
  paused: boolean;
  note?: string;
  everyMs?: number;
  next?: string;
  sweeps: number;
  skipped: number;
  last?: Sweep;
}

/** Shows the Schedule of discovery and what its last sweep did. */
export const discoveryStatus: Work<StatusOptions> = async (context, { platform }) => {
  const temporal = await context.temporal();
  const { state, spec, info } = await askSchedule(temporal, platform, (schedule) => schedule.describe());
  const lastAction = info.recentActions.at(-1);
  const everyMs = Number(spec.intervals?.[0]?.every);
  const status: DiscoveryStatus = {
    schedule: `discovery:${platform}`,
    paused: state.paused,
    ...(state.note !== undefined && { note: state.note }),
    ...(Number.isFinite(everyMs) && { everyMs }),
    ...(info.nextActionTimes[0] && { next: info.nextActionTimes[0].toISOString() }),
    sweeps: info.numActionsTaken,
    skipped: info.numActionsSkippedOverlap,
    ...(lastAction && { last: await sweepOf(temporal, lastAction, 0) }),
  };
  context.out.result(status, () => context.out.table(rowsOf(status)));
};

function rowsOf({ schedule, paused, note, everyMs, next, sweeps, skipped, last }: DiscoveryStatus): string[][] {
  const every = everyMs === undefined ? 'by a specification of somebody’s own' : `every ${everyMs / 1_000} s`;
  const rows: [string, string | undefined][] = [
    ['schedule', schedule],
    ['state', paused ? 'paused' : every],
    ['note', note && printable(note, 160)],
    ['next', paused ? undefined : next],
    [
      'sweeps',
      `${sweeps.toLocaleString('en')}, ${skipped.toLocaleString('en')} skipped because the one before still ran`,
    ],
    ['last', last?.startedAt],
    ['', last && printable(sweepText(last), 400)],
  ];
  return rows.flatMap(([name, value]) => (value === undefined || value === '' ? [] : [[name, value]]));
}
