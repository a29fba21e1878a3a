import { z } from 'zod';
import { POPULARITY, ROOM_STATE, STARTED_BY } from '../../model/room-attributes.js';
import { RoomPhase } from '../../model/room-state.js';
import { ask } from '../ask-temporal.js';
import type { Work } from '../context.js';
import { shownDuration } from '../duration.js';
import { numberOption } from '../number-option.js';
import type { TemporalAccess } from '../temporal-access.js';
import { printable } from '../text-width.js';

export const ListOptions = z.object({
  state: z.enum(RoomPhase.options, `${RoomPhase.options.join(', ')} is wanted.`).optional(),
  limit: numberOption(1, 10_000),
});
export type ListOptions = z.output<typeof ListOptions>;

/** A room that has an actor, or had one. */
export interface ListedRoom {
  room: string;
  workflowId: string;
  /** Empty where a person started it in the UI and no worker has begun it yet. */
  state: string;
  popularity: number;
  startedBy: string;
  startedAt: string;
  status: string;
}

const LIST_WITHIN_MS = 60_000;
const PAGE = 1_000;
const MOST_ROOMS = 100_000;
const ENDED: ReadonlySet<RoomPhase> = new Set(['ended', 'failed']);

/** Lists the rooms that are collected, the most popular first. */
export const listRooms: Work<ListOptions> = async (context, options) => {
  const rooms = (await roomsOf(await context.temporal(), options))
    .sort((a, b) => b.popularity - a.popularity)
    .slice(0, options.limit);
  context.out.result(rooms, () => (rooms.length === 0 ? 'No room.' : context.out.table(rowsOf(rooms, Date.now()))));
};

/** In no order: Temporal's list has one of its own, so all are asked for before the most popular can be told. */
async function roomsOf(temporal: TemporalAccess, options: ListOptions): Promise<ListedRoom[]> {
  const rooms: ListedRoom[] = [];
  const list = async (): Promise<void> => {
    for await (const info of temporal.client.workflow.list({ query: queryOf(options), pageSize: PAGE })) {
      if (rooms.length >= MOST_ROOMS) break;
      const { workflowId, startTime, status, typedSearchAttributes: attributes } = info;
      rooms.push({
        room: workflowId.replace(/^room:/, ''),
        workflowId,
        state: attributes.get(ROOM_STATE) ?? '',
        popularity: attributes.get(POPULARITY) ?? 0,
        startedBy: attributes.get(STARTED_BY) ?? 'person',
        startedAt: startTime.toISOString(),
        status: status.name,
      });
    }
  };
  await ask(temporal, list, LIST_WITHIN_MS);
  return rooms;
}

/** Only words of our own get into it. */
export function queryOf({ state }: Pick<ListOptions, 'state'>): string {
  const type = `WorkflowType = 'room'`;
  if (state === undefined) return `${type} AND ExecutionStatus = 'Running'`;
  const status = ENDED.has(state) ? '' : ` AND ExecutionStatus = 'Running'`;
  return `${type}${status} AND RoomState = '${state}'`;
}

function rowsOf(rooms: readonly ListedRoom[], now: number): string[][] {
  const head = ['ROOM', 'STATE', 'POPULARITY', 'STARTED BY', 'SINCE'];
  const rows = rooms.map(({ room, state, popularity, startedBy, startedAt }) => [
    printable(room, 60),
    printable(state, 12),
    popularity.toLocaleString('en'),
    printable(startedBy, 12),
    `${shownDuration(now - Date.parse(startedAt))} ago`,
  ]);
  return [head, ...rows];
}
