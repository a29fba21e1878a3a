import type { GapDocument } from '../../store/record-reads.js';
import type { RoomActorState } from '../../model/room-state.js';
import { shownDuration } from '../duration.js';
import type { Output } from '../output.js';
import { printable } from '../text-width.js';
import type { ShownRoom, WeighedSession } from './show.js';

type ConnectionRow = NonNullable<ShownRoom['record']>['connections'][number];

const count = (value: number): string => value.toLocaleString('en');
const time = (date: Date | undefined): string =>
  date === undefined ? '–' : `${date.toISOString().replace('T', ' ').slice(0, 19)}`;
const sum = (counts: Readonly<Record<string, number | undefined>> = {}): number =>
  Object.values(counts).reduce<number>((total, value) => total + (value ?? 0), 0);

/** A room for people. What the platform and its viewers wrote cannot move the cursor. */
export function roomText(shown: ShownRoom, out: Output, now: number): string {
  const { record, sessions, notes } = shown;
  const parts = [head(shown, out)];
  const add = (title: string, rows: string[][]): void => {
    if (rows.length > 1) parts.push(`${out.paint('bold', title)}\n${out.table(rows)}`);
  };
  add('Sessions (times in UTC)', sessionRows(sessions));
  add('Connections', connectionRows(record?.connections ?? [], now));
  add('Gaps', gapRows(record?.gaps ?? [], now));
  for (const note of notes) parts.push(out.paint('yellow', note));
  return parts.join('\n\n');
}

function head({ room, actor, record }: ShownRoom, out: Output): string {
  const title = actor?.title ?? record?.room?.title;
  const name = actor?.ownerName ?? record?.room?.ownerName;
  const first = [out.paint('bold', room), title && printable(title, 60), name && `(${printable(name, 30)})`];
  const rows = actor === undefined ? [['state', 'not collected now']] : actorRows(actor);
  return `${first.filter(Boolean).join('  ')}\n${out.table(rows)}`;
}

function actorRows({ phase, order, observation, ...state }: RoomActorState): string[][] {
  const connected = observation?.connectedAt;
  const since = connected === undefined ? '' : ` since ${time(new Date(connected))} UTC`;
  const at =
    observation?.endpoint === undefined ? '' : `, ${printable(observation.endpoint, 60)} on ${observation.workerId}`;
  const rows: [string, string | undefined][] = [
    ['state', `${phase}${since}${at}`],
    ['wanted', `until ${order.until}, priority ${order.priority}, by ${order.startedBy}`],
    ['paused', state.pausedBecause && printable(state.pausedBecause, 100)],
    ['popularity', state.popularity === undefined ? undefined : count(state.popularity)],
    [
      'events',
      `${count(state.events + (observation?.events ?? 0))} in ${count(state.connections + (connected === undefined ? 0 : 1))} connections`,
    ],
    ['circuit', state.circuitOpened === 0 ? undefined : `opened ${count(state.circuitOpened)} times`],
    ['last error', state.lastError && printable(state.lastError, 160)],
  ];
  return rows.flatMap(([name, value]) => (value === undefined || value === '' ? [] : [[name, value]]));
}

function sessionRows(sessions: readonly WeighedSession[]): string[][] {
  const rows = sessions.map(
    ({ startedAt, endedAt, end, title, connections, completeness: { percent, gapMs, unexplainedMs } }) => [
      time(startedAt),
      endedAt === undefined ? 'going on' : `${time(endedAt)} ${end ?? ''}`,
      `${floored(percent)} %`,
      shownDuration(gapMs),
      shownDuration(unexplainedMs),
      connections === undefined ? '–' : count(connections),
      title === undefined ? '' : printable(title, 40),
    ],
  );
  return [['BEGAN', 'ENDED', 'RECORDED', 'IN GAPS', 'UNEXPLAINED', 'CONNECTIONS', 'TITLE'], ...rows];
}

/** Never rounded up: 100 % means all of it. */
const floored = (percent: number): string => (Math.floor(percent * 100) / 100).toFixed(2);

function connectionRows(connections: readonly ConnectionRow[], now: number): string[][] {
  const rows = connections.map(({ connectedAt, endedAt, end, endpoint, counts, attempt }) => [
    time(connectedAt),
    shownDuration((endedAt?.getTime() ?? now) - connectedAt.getTime()),
    end ?? 'open',
    String(attempt),
    count(sum(counts?.accepted)),
    count(sum(counts?.shed)),
    count(counts?.undecodable ?? 0),
    printable(endpoint, 50),
  ]);
  return [['BEGAN', 'LASTED', 'END', 'ATTEMPT', 'ACCEPTED', 'SHED', 'UNDECODABLE', 'ENDPOINT'], ...rows];
}

function gapRows(gaps: readonly GapDocument[], now: number): string[][] {
  const rows = gaps.flatMap(({ from, to, reason }) => {
    const lastedMs = (to?.getTime() ?? now) - from.getTime();
    return lastedMs <= 0 ? [] : [[time(from), to === undefined ? 'open' : shownDuration(lastedMs), reason ?? '–']];
  });
  return [['BEGAN', 'LASTED', 'REASON'], ...rows];
}
