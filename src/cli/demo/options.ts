import { z } from 'zod';
import { durationMs } from '../duration.js';
import { numberOption } from '../number-option.js';

/** What a demo can be told. */
export const DemoOptions = z.object({
  for: durationMs(1_000, 86_400_000),
  rooms: numberOption(1, 2_000),
  rate: numberOption(1, 20_000, { isWhole: false }),
  faults: z.boolean().default(false),
  seed: numberOption(0, 4_294_967_295),
});
export type DemoOptions = z.output<typeof DemoOptions>;
