import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { linePlotSvg } from '../plot/line-plot.js';
import { FIGURES, type FigureName, type Sample } from './figures.js';
import { scaleFor } from './quantity.js';
import { pointsOf } from './verdict.js';

interface PlotKind {
  file: string;
  title: string;
  /** What the axis shows, without its unit. */
  y: string;
  /** All of one unit; the name in the legend, by figure. */
  lines: Partial<Record<FigureName, string>>;
}

const PLOTS: readonly PlotKind[] = [
  {
    file: 'memory',
    title: 'Resident memory',
    y: 'memory',
    lines: { 'worker memory': 'worker', 'Temporal memory': 'Temporal', 'MongoDB memory': 'MongoDB' },
  },
  {
    file: 'worker-heap',
    title: 'What the worker’s memory consists of',
    y: 'memory',
    lines: { 'worker memory': 'resident', 'worker heap': 'V8 heap', 'worker external memory': 'external' },
  },
  {
    file: 'open-files',
    title: 'Open files',
    y: 'open files',
    lines: { 'worker open files': 'worker', 'Temporal open files': 'Temporal', 'MongoDB open files': 'MongoDB' },
  },
  { file: 'threads', title: 'Threads of the worker', y: 'threads', lines: { 'worker threads': 'worker' } },
  {
    file: 'event-loop',
    title: 'Lag of the worker’s event loop, 99th percentile',
    y: 'lag',
    lines: { 'worker event loop lag p99': 'worker' },
  },
  { file: 'backlog', title: 'Entries in the spool', y: 'entries', lines: { 'spool backlog': 'backlog' } },
  {
    file: 'spool',
    title: 'Size of the spool',
    y: 'size',
    lines: { 'spool file': 'file', 'spool live bytes': 'live' },
  },
  {
    file: 'history-events',
    title: 'Histories of rooms, in events',
    y: 'events',
    lines: { 'longest history': 'longest', 'mean history': 'mean' },
  },
  {
    file: 'history-bytes',
    title: 'Histories of rooms, in bytes',
    y: 'size',
    lines: { 'largest history': 'largest', 'mean history size': 'mean' },
  },
  {
    file: 'workflows',
    title: 'Workflows',
    y: 'workflows',
    lines: { 'workflows running': 'running', 'workflows kept': 'ended and kept' },
  },
  {
    file: 'temporal-files',
    title: 'Temporal’s files',
    y: 'size',
    lines: { 'Temporal database': 'database', 'Temporal write-ahead log': 'write-ahead log' },
  },
  {
    file: 'mongodb-files',
    title: 'MongoDB’s files',
    y: 'size',
    lines: { 'MongoDB database': 'database', 'MongoDB write-ahead log': 'write-ahead log' },
  },
  {
    file: 'bytes-per-event',
    title: 'MongoDB’s files for each million events',
    y: 'size',
    lines: { 'MongoDB bytes per million events': 'database' },
  },
  { file: 'events-stored', title: 'Events stored', y: 'events', lines: { 'events stored': 'stored' } },
];

/** Writes one SVG a plot into the folder, which is made; gives their names. */
export async function writePlots(samples: readonly Sample[], folder: string): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  const written: string[] = [];
  for (const kind of PLOTS) {
    const svg = await plotOf(kind, samples);
    if (svg === undefined) continue;
    const name = `${kind.file}.svg`;
    await writeFile(join(folder, name), svg);
    written.push(name);
  }
  return written;
}

/** Undefined where nothing of it was seen. */
async function plotOf({ title, y, lines }: PlotKind, samples: readonly Sample[]): Promise<string | undefined> {
  const kinds = FIGURES.filter(({ name }) => lines[name] !== undefined);
  const seen = kinds.map(({ name, unit }) => ({ name, unit, points: pointsOf(samples, name) }));
  const largest = Math.max(0, ...seen.flatMap(({ points }) => points.map((point) => point.y)));
  const [first] = seen;
  if (first === undefined || seen.every(({ points }) => points.length === 0)) return undefined;
  const { divisor, name: unit } = scaleFor(first.unit, largest);
  const series = seen.map(({ name, points }) => ({
    name: lines[name] ?? name,
    points: points.map((point) => ({ x: point.x * 60, y: point.y / divisor })),
  }));
  return linePlotSvg({ title, x: 'time (min)', y: y === unit ? y : `${y} (${unit})`, series });
}
