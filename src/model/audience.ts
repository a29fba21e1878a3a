import { z } from 'zod';

/** Length of one point of the audience series, in milliseconds; windows begin at multiples of it since the epoch. */
export const AUDIENCE_WINDOW_MS = 10_000;

/** The numbers a room shows of its audience: each optional, the last value seen in a window. */
export const AudienceValues = z.strictObject({
  popularity: z.int().optional(),
  watched: z.int().optional(),
  online: z.int().optional(),
  rank: z.int().optional(),
  likes: z.int().optional(),
  fans: z.int().optional(),
  fanClub: z.int().optional(),
});
export type AudienceValues = z.output<typeof AudienceValues>;
