import { z } from 'zod';
import { FULL_FROM } from '../model/shedding.js';

const MiB = 1024 * 1024;
const GiB = 1024 * MiB;

/** How many times its quota a spool's file may grow to: LMDB keeps pages beside the entries, and frees none for the disk. */
export const MOST_FILE_TO_QUOTA = 2;

/** Settings of one worker's spool. */
export const SpoolConfig = z
  .strictObject({
    folder: z
      .string()
      .min(1)
      .describe('Folder of the spool, for this worker alone; made when missing, its parent is not.'),
    quotaBytes: z
      .int()
      .min(MiB)
      .max(1024 * GiB)
      .default(10 * GiB)
      .describe(
        'Entries not yet in MongoDB that the spool takes, in bytes of JSON; the file grows to at most twice that, and does not shrink.',
      ),
    tightRatio: z
      .number()
      .min(0.1)
      .max(1)
      .default(0.8)
      .describe(`Share of the quota from which on sockets wait; below ${FULL_FROM}, where shedding begins.`),
  })
  .refine(({ tightRatio }) => tightRatio < FULL_FROM, {
    path: ['tightRatio'],
    message: `sockets must wait before events are shed, which begins at ${FULL_FROM}`,
  });
export type SpoolConfig = z.output<typeof SpoolConfig>;
