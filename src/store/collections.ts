import type { IndexDescription } from 'mongodb';

const DAY_MS = 86_400_000;
/** The first millisecond of the year 10000: a later day has no name of eight digits. */
const END_OF_DAYS_MS = 253_402_300_800_000;

/** The collections that are not split by day. */
export const COLLECTIONS = {
  rooms: 'rooms',
  sessions: 'sessions',
  connections: 'connections',
  gaps: 'gaps',
  batches: 'batches',
  batchRooms: 'batch_rooms',
  deadLetters: 'dead_letters',
  locks: 'locks',
} as const;

/** What is kept in one collection a day. */
export type DailyPrefix = 'events' | 'audience';

const DAILY = /^(events|audience)_(\d{8})$/;

const names = new Map<number, string>();

/** `YYYYMMDD` of a time in ms since the epoch, UTC; undefined for a time before 1970, after 9999, or that is none. */
export function dayOf(at: number): string | undefined {
  if (!(at >= 0 && at < END_OF_DAYS_MS)) return undefined;
  const day = Math.floor(at / DAY_MS);
  let name = names.get(day);
  if (name === undefined) {
    name = new Date(day * DAY_MS).toISOString().slice(0, 10).replaceAll('-', '');
    if (names.size > 1_000) names.clear(); // hostile times must not grow it for ever
    names.set(day, name);
  }
  return name;
}

/** The daily collection a name is, if it is one. */
export function parseDaily(name: string): { prefix: DailyPrefix; day: string } | undefined {
  const [, prefix, day] = DAILY.exec(name) ?? [];
  if (day === undefined || (prefix !== 'events' && prefix !== 'audience')) return undefined;
  return { prefix, day };
}

const index = (key: Record<string, 1 | -1>): IndexDescription & { name: string } => ({
  key,
  name: Object.entries(key)
    .map(([field, direction]) => `${field}_${direction}`)
    .join('_'),
});

export type NamedIndex = ReturnType<typeof index>;

/** What the reads ask by, besides `_id`. */
export const INDEXES: Readonly<Record<string, readonly NamedIndex[]>> = {
  [COLLECTIONS.sessions]: [index({ roomId: 1, startedAt: -1 })],
  [COLLECTIONS.connections]: [index({ roomId: 1, connectedAt: -1 }), index({ sessionId: 1 })],
  [COLLECTIONS.gaps]: [index({ roomId: 1, from: -1 }), index({ to: 1 })],
  [COLLECTIONS.batches]: [index({ startedAt: -1 }), index({ workerId: 1, firstSeq: 1 })],
  [COLLECTIONS.batchRooms]: [index({ startedAt: -1 })],
  [COLLECTIONS.deadLetters]: [index({ roomId: 1, receivedAt: -1 })],
};

/** An analyst asks by room and time, or by a kind over all rooms. */
export const DAILY_INDEXES: Readonly<Record<DailyPrefix, readonly NamedIndex[]>> = {
  events: [index({ roomId: 1, at: 1 }), index({ kind: 1, at: 1 })],
  audience: [index({ roomId: 1, at: 1 })],
};
