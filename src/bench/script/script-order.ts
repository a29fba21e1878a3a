import { z } from 'zod';

/** What the script is told: a person would have typed it in. `address`: of the socket. */
export const ScriptOrder = z.object({
  uri: z.string(),
  database: z.string(),
  address: z.string(),
  rooms: z.array(z.object({ roomId: z.int(), key: z.string() })),
});
export type ScriptOrder = z.output<typeof ScriptOrder>;

/** What it tells of itself. */
export const ScriptCounts = z.object({ connected: z.int(), received: z.int(), kept: z.int(), stored: z.int() });
export type ScriptCounts = z.output<typeof ScriptCounts>;
