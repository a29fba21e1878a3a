import { z } from 'zod';

const MiB = 1024 * 1024;
const GiB = 1024 * MiB;
const share = z.number().min(0.1).max(1);

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
    tightRatio: share.default(0.8).describe('Share of the quota from which on sockets wait.'),
    fullRatio: share.default(0.95).describe('Share of the quota from which on the cheaper kinds of events are shed.'),
  })
  .refine(({ tightRatio, fullRatio }) => tightRatio < fullRatio, {
    path: ['tightRatio'],
    message: 'tightRatio must be below fullRatio',
  });
export type SpoolConfig = z.output<typeof SpoolConfig>;
