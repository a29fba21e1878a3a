import { type RoomOrder, type RoomRef, roomWorkflowId } from './room.js';
import type { RoomPhase } from './room-state.js';
import type { SEARCH_ATTRIBUTES } from './search-attributes.js';

/** A search attribute by the name that Temporal knows it by, with the type of its value as the SDK has it. */
interface Key<Type extends 'KEYWORD' | 'INT'> {
  name: keyof typeof SEARCH_ATTRIBUTES;
  type: Type;
}
type Attribute = { key: Key<'KEYWORD'>; value: string } | { key: Key<'INT'>; value: number };

const PLATFORM: Key<'KEYWORD'> = { name: 'Platform', type: 'KEYWORD' };
const ROOM_ID: Key<'KEYWORD'> = { name: 'RoomId', type: 'KEYWORD' };
export const ROOM_STATE: Key<'KEYWORD'> = { name: 'RoomState', type: 'KEYWORD' };
export const POPULARITY: Key<'INT'> = { name: 'Popularity', type: 'INT' };
export const STARTED_BY: Key<'KEYWORD'> = { name: 'StartedBy', type: 'KEYWORD' };

/** What the list of workflows shows of a room. */
export interface RoomFacts {
  room: RoomRef;
  phase: RoomPhase;
  popularity: number;
  startedBy: RoomOrder['startedBy'];
}

/** The search attributes of a room, as Temporal's SDK takes them. */
export const roomAttributes = ({ room, phase, popularity, startedBy }: RoomFacts): Attribute[] => [
  { key: PLATFORM, value: room.platform },
  { key: ROOM_ID, value: room.roomId },
  { key: ROOM_STATE, value: phase },
  { key: POPULARITY, value: roughly(popularity) },
  { key: STARTED_BY, value: startedBy },
];

/**
 * With what a room is started, by a client as by a workflow. The attributes are what the room would say of itself first of all: with these it is spared
 * a write into the list. A person in the UI need not give them.
 */
export const roomStart = (room: RoomRef, order: RoomOrder, popularity = 0) => ({
  workflowId: roomWorkflowId(room),
  args: [order],
  priority: { priorityKey: order.priority },
  typedSearchAttributes: roomAttributes({ room, phase: 'connecting', popularity, startedBy: order.startedBy }),
});

/** The first digit and zeros: enough to rank by, and seldom new. */
function roughly(count: number): number {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, count))));
  return Math.floor(count / unit) * unit;
}
