import { z } from 'zod';

/** What the bare worker is told: where Temporal is, and how many rooms it can hold at once. */
export const BareOrder = z.object({ address: z.string(), taskQueue: z.string(), rooms: z.int() });
export type BareOrder = z.output<typeof BareOrder>;

/** What it tells of itself. */
export const BareCounts = z.object({ isReady: z.boolean(), held: z.int() });
export type BareCounts = z.output<typeof BareCounts>;
