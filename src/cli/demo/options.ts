import { z } from 'zod';
import { durationMs } from '../duration.js';

/** What a demo can be told. */
export const DemoOptions = z.object({
  for: durationMs(1_000, 86_400_000),
  rooms: z.coerce.number().int('a whole number is wanted.').min(1).max(2_000),
  rate: z.coerce.number().min(1).max(20_000),
  faults: z.boolean().default(false),
  seed: z.coerce.number().int('a whole number is wanted.').min(0).max(4_294_967_295),
});
export type DemoOptions = z.output<typeof DemoOptions>;
