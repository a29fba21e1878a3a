import type { RoomOrder, RoomRef } from './room.js';
import type { RoomPhase } from './room-state.js';

/** What the list of workflows shows of a room. */
export interface RoomFacts {
  room: RoomRef;
  phase: RoomPhase;
  popularity: number;
  startedBy: RoomOrder['startedBy'];
}

/** A search attribute as Temporal's SDK takes it. */
type Attribute =
  { key: { name: string; type: 'KEYWORD' }; value: string } | { key: { name: string; type: 'INT' }; value: number };

const keyword = (name: string, value: string): Attribute => ({ key: { name, type: 'KEYWORD' }, value });

/** The search attributes of a room, in a fixed order. */
export const roomAttributes = ({ room, phase, popularity, startedBy }: RoomFacts): Attribute[] => [
  keyword('Platform', room.platform),
  keyword('RoomId', room.roomId),
  keyword('RoomState', phase),
  { key: { name: 'Popularity', type: 'INT' }, value: roughly(popularity) },
  keyword('StartedBy', startedBy),
];

/** What a room would say of itself first of all. Who starts it with these saves it a write into the list; a person in the UI need not. */
export const attributesAtStart = (room: RoomRef, startedBy: RoomOrder['startedBy']): Attribute[] =>
  roomAttributes({ room, phase: 'resolving', popularity: 0, startedBy });

/** The first digit and zeros: enough to rank by, and seldom new. */
function roughly(count: number): number {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, count))));
  return Math.floor(count / unit) * unit;
}
