const MiB = 1024 * 1024;
const GiB = 1024 * MiB;

/** What there is of what could fill up. */
export interface Limits {
  memoryBytes: number;
  /** Free when the load began. */
  diskBytes: number;
  /** Open files a process may have. */
  openFiles: number;
  spoolBytes: number;
}

/** Why a figure may grow, and what ends that. */
export interface Explanation {
  because: string;
  /** It grows no further after so many hours, or than to so much. Neither: it grows for as long as there is something to store. */
  levelsAfterHours?: number;
  atMost?: number;
}

export type Unit = 'bytes' | 'entries' | 'events' | 'workflows' | 'open files' | 'threads' | 'seconds';

/** One thing that is watched. */
export interface FigureKind {
  name: string;
  unit: Unit;
  /** What it would fill up; absent where there is no such thing. */
  limit?: (limits: Limits) => number;
  explained?: Explanation;
}

const RETENTION_HOURS = 24.5;
const RETAINED: Explanation = {
  because:
    'what has ended is kept for the namespace’s retention, a day and up to half an hour; then its space is used again',
  levelsAfterHours: RETENTION_HOURS,
};
const ARCHIVE: Explanation = { because: 'it is the archive itself; whoever wants less drops days' };
/** As in `LONGEST_HISTORY` of the workflow: by then a room begins anew even in the middle of a connection. */
const LONGEST_HISTORY = 20_000;
const BEGUN_ANEW =
  'a room begins its history anew where the server suggests it (4,096 events or 4 MB; in a soak after fewer), between two connections, or at 20,000';
const HISTORY_EVENTS: Explanation = { because: BEGUN_ANEW, atMost: LONGEST_HISTORY };
/** An event of a room takes some 300 bytes; a kilobyte is on the safe side. */
const HISTORY_BYTES: Explanation = { because: BEGUN_ANEW, atMost: LONGEST_HISTORY * 1_024 };
/** Temporal’s dev server: executions and events that were not asked for during an hour leave its caches. */
const CACHES: Explanation = {
  because: 'its caches of executions and events fill up for an hour, which is how long an entry stays',
  levelsAfterHours: 1,
};

const memory = ({ memoryBytes }: Limits): number => memoryBytes;
const disk = ({ diskBytes }: Limits): number => diskBytes;
const files = ({ openFiles }: Limits): number => openFiles;

/** Everything that is watched; a figure that a system does not have (no `/proc`) is left out of a run. */
export const FIGURES = [
  { name: 'worker memory', unit: 'bytes', limit: memory },
  { name: 'worker heap', unit: 'bytes', limit: memory },
  { name: 'worker external memory', unit: 'bytes', limit: memory },
  { name: 'worker open files', unit: 'open files', limit: files },
  { name: 'worker threads', unit: 'threads', limit: () => 1_000 },
  { name: 'worker event loop lag p99', unit: 'seconds', limit: () => 1 },
  { name: 'Temporal memory', unit: 'bytes', limit: memory, explained: CACHES },
  { name: 'Temporal open files', unit: 'open files', limit: files },
  { name: 'MongoDB memory', unit: 'bytes', limit: memory },
  { name: 'MongoDB open files', unit: 'open files', limit: files },
  { name: 'spool backlog', unit: 'entries' },
  { name: 'spool live bytes', unit: 'bytes', limit: ({ spoolBytes }) => spoolBytes },
  { name: 'spool file', unit: 'bytes', limit: disk },
  { name: 'longest history', unit: 'events', limit: () => 51_200, explained: HISTORY_EVENTS },
  { name: 'mean history', unit: 'events', limit: () => 51_200, explained: HISTORY_EVENTS },
  { name: 'largest history', unit: 'bytes', limit: () => 50 * MiB, explained: HISTORY_BYTES },
  { name: 'mean history size', unit: 'bytes', limit: () => 50 * MiB, explained: HISTORY_BYTES },
  { name: 'workflows running', unit: 'workflows', limit: () => 100_000 },
  { name: 'workflows kept', unit: 'workflows', explained: RETAINED },
  { name: 'Temporal database', unit: 'bytes', limit: disk, explained: RETAINED },
  { name: 'Temporal write-ahead log', unit: 'bytes', limit: () => GiB },
  { name: 'MongoDB database', unit: 'bytes', limit: disk, explained: ARCHIVE },
  { name: 'MongoDB write-ahead log', unit: 'bytes', limit: () => GiB },
  { name: 'MongoDB bytes per million events', unit: 'bytes' },
  { name: 'events stored', unit: 'events', explained: ARCHIVE },
] as const satisfies readonly FigureKind[];

export type FigureName = (typeof FIGURES)[number]['name'];

/** What was seen at one moment. */
export interface Sample {
  /** Seconds since the load began. */
  at: number;
  values: Partial<Record<FigureName, number>>;
}
