import { shownDuration } from '../duration.js';
import type { Output } from '../output.js';
import { printable } from '../text-width.js';
import type { Status } from './status.js';

const count = (value: number): string => value.toLocaleString('en');
const MB = 1_000_000;

/** The status for people. */
export function statusText(status: Status, out: Output, now: Date): string {
  const ago = (time: Date | string): string =>
    `${shownDuration(Math.max(0, now.getTime() - new Date(time).getTime()))} ago`;
  const parts = [
    workersText(status, out, ago),
    roomsText(status, out),
    batchesText(status, out, ago),
    holesText(status, out),
    ...status.notes.map((note) => out.paint('yellow', note)),
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

const titled = (out: Output, title: string, rows: readonly (readonly string[])[]): string =>
  `${out.paint('bold', title)}\n${out.table(rows)}`;

function workersText({ workers }: Status, out: Output, ago: (time: string) => string): string {
  if (workers === undefined) return '';
  if (workers.length === 0) return `${out.paint('bold', 'Workers')}\nNone has ever run here.`;
  const rows = workers.map(({ workerId, isAlive, slots, spool, failure }) => [
    workerId,
    isAlive ? 'runs' : out.paint('red', 'gone'),
    count(slots),
    spool === undefined ? '–' : `${count(spool.depth)} entries, ${(spool.bytes / MB).toFixed(1)} MB, ${spool.level}`,
    spool?.toldAt === undefined ? '' : ago(spool.toldAt),
    failure === undefined ? '' : printable(failure, 80),
  ]);
  return titled(out, 'Workers', [['WORKER', 'STATE', 'SLOTS', 'SPOOL', 'TOLD', 'TROUBLE'], ...rows]);
}

function roomsText({ rooms }: Status, out: Output): string {
  if (rooms === undefined) return '';
  const { failed = 0, ...running } = rooms;
  const named = Object.entries(running).filter(([, rooms]) => rooms > 0);
  const words = named.map(([state, rooms]) => `${state} ${count(rooms)}`);
  const total = named.reduce((sum, [, rooms]) => sum + rooms, 0);
  const lost = failed > 0 ? `; failed within a day ${count(failed)}` : '';
  return `${out.paint('bold', 'Rooms')}\n${count(total)} collected${words.length > 0 ? `: ${words.join(', ')}` : ''}${lost}`;
}

function batchesText({ batches, lastDay }: Status, out: Output, ago: (time: Date) => string): string {
  if (batches === undefined || lastDay === undefined) return '';
  const { events, duplicates } = lastDay;
  const day = `${count(events)} events in the last day, ${count(duplicates)} of them repeats that were stored before`;
  if (batches.length === 0) return `${out.paint('bold', 'Batches')}\n${day}; no batch ended`;
  const rows = batches.map(({ workerId, startedAt, endedAt, events, lagMs }) => [
    workerId,
    endedAt === undefined ? '–' : ago(endedAt),
    endedAt === undefined ? '–' : shownDuration(endedAt.getTime() - startedAt.getTime()),
    count(events),
    lagMs === undefined ? '–' : `${count(lagMs.p50)} / ${count(lagMs.p99)} / ${count(lagMs.max)} ms`,
  ]);
  const head = ['WORKER', 'ENDED', 'LASTED', 'EVENTS', 'LAG P50 / P99 / MAX'];
  return `${titled(out, 'Last batches', [head, ...rows])}\n${day}`;
}

function holesText({ holes }: Status, out: Output): string {
  if (holes === undefined) return '';
  const title = out.paint('bold', 'Holes of the last day');
  const late = holes.lateStarts > 0 ? `${count(holes.lateStarts)} broadcasts were joined after they had begun` : '';
  if (holes.count === 0) return [title, 'None.', late].filter(Boolean).join('\n');
  const reasons = Object.entries(holes.byReason).map(([reason, sum]) => `${reason} ${count(sum.count)}`);
  const open = holes.open > 0 ? `, ${count(holes.open)} still open` : '';
  const rows = holes.worstRooms.map(({ room, count: holes, totalMs }) => [
    room,
    shownDuration(totalMs),
    `in ${count(holes)}`,
  ]);
  const sum = `${count(holes.count)}, together ${shownDuration(holes.totalMs)}${open}: ${reasons.join(', ')}`;
  return [title, sum, late, out.table(rows)].filter(Boolean).join('\n');
}
