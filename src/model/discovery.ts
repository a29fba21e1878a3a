import { z } from 'zod';
import type { RoomRef } from './room.js';

/** What a `discovery` is told: the input of the Schedule, which an operator may edit in the UI. */
export const DiscoverySettings = z.strictObject({
  platform: z.string().default('bilibili'),
  rooms: z
    .int()
    .min(0)
    .max(100_000)
    .default(100)
    .describe('How many rooms to collect at most; fewer where the workers have fewer slots.'),
  maxPages: z
    .int()
    .min(1)
    .max(1000)
    .default(20)
    .describe('How many pages of the list of live rooms to read in a sweep, of each area.'),
  minPopularity: z.int().min(0).default(0).describe('Rooms below it are not started.'),
  areas: z.array(z.string().max(32)).max(100).default([]).describe('Area ids, parent or inner; empty means all.'),
  allow: z
    .array(z.string().max(64))
    .max(10_000)
    .default([])
    .describe('Room ids; when not empty, only these are started.'),
  deny: z.array(z.string().max(64)).max(10_000).default([]).describe('Room ids that are never started.'),
  retireBelow: z
    .number()
    .min(1)
    .max(100)
    .default(1.5)
    .describe('A room counts as far below when its rank is beyond this many times the number of rooms kept.'),
  retireAfterSweeps: z
    .int()
    .min(1)
    .max(1000)
    .default(5)
    .describe('How many sweeps in a row far below end a room that discovery started.'),
  offlineGraceMs: z.int().min(0).max(86_400_000).default(300_000).describe('As for a room.'),
});
export type DiscoverySettings = z.output<typeof DiscoverySettings>;

/** What one sweep's report tells the next: for each room far below, in how many sweeps in a row. */
export const SweepMemory = z.looseObject({ below: z.record(z.string(), z.int()) });

/** What to do, after one look at the platform and at the rooms that run. */
export interface SweepPlan {
  listed: number;
  running: number;
  /** How many connections the workers that poll can hold. */
  slots: number;
  start: { room: RoomRef; priority: number; popularity: number }[];
  retire: { room: RoomRef; rank: number | undefined }[];
  below: Record<string, number>;
  /** Wanted by their rank, and left alone: they failed, or a person ended them, within a day. */
  leftAlone: string[];
}
