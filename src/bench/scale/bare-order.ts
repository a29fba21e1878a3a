import { z } from 'zod';

/** What the bare worker is told: where Temporal is, how many rooms it can hold at once, and the bundle of its workflows. */
export const BareOrder = z.object({ address: z.string(), taskQueue: z.string(), rooms: z.int(), code: z.string() });
export type BareOrder = z.output<typeof BareOrder>;

/** What it tells of itself. */
export const BareCounts = z.object({ isReady: z.boolean(), held: z.int() });
export type BareCounts = z.output<typeof BareCounts>;
