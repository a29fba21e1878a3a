import type { Progress } from './progress.js';

interface Column {
  title: string;
  width: number;
  cell: (progress: Progress) => string;
}

const count = (value: number): string => Math.round(value).toLocaleString('en');
const ms = (value: number | undefined): string => (value === undefined ? '–' : `${Math.round(value)} ms`);

/** `75` s as `1:15`. */
function clock(elapsedMs: number): string {
  const seconds = Math.floor(elapsedMs / 1_000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

/** Together they fit a terminal of 80 columns. */
const COLUMNS: readonly Column[] = [
  { title: 'time', width: 5, cell: ({ elapsedMs }) => clock(elapsedMs) },
  { title: 'rooms', width: 9, cell: ({ connected, rooms }) => `${connected}/${rooms}` },
  { title: 'events/s', width: 9, cell: ({ perSecond }) => count(perSecond) },
  { title: 'accepted', width: 10, cell: ({ accepted }) => count(accepted) },
  { title: 'stored', width: 10, cell: ({ stored }) => count(stored) },
  { title: 'lag p50', width: 9, cell: ({ lagP50Ms }) => ms(lagP50Ms) },
  { title: 'lag p99', width: 9, cell: ({ lagP99Ms }) => ms(lagP99Ms) },
  { title: 'reconnects', width: 11, cell: ({ reconnects }) => count(reconnects) },
  { title: 'spool', width: 7, cell: ({ spoolDepth }) => count(spoolDepth) },
];

export const tableHead = (): string => COLUMNS.map(({ title, width }) => title.padStart(width)).join('');

export const tableRow = (progress: Progress): string =>
  COLUMNS.map(({ cell, width }) => cell(progress).padStart(width)).join('');
