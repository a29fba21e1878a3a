import { BarrageError } from '../../model/errors.js';
import { type RoomRef, roomKey, roomWorkflowId } from '../../model/room.js';
import { parseRoom } from '../../platforms/addresses.js';

/** A room as a command names it. */
export interface NamedRoom extends RoomRef {
  key: string;
  workflowId: string;
}

/** Reads `bilibili:22603245`, a URL, or a bare number, which is a room of Bilibili. Throws `BAD_INPUT` or `UNKNOWN_PLATFORM`. */
export function namedRoom(text: string | undefined): NamedRoom {
  if (text === undefined) throw new BarrageError('BAD_INPUT', 'Which room?');
  const room = parseRoom(/^\d{1,20}$/.test(text.trim()) ? `bilibili:${text.trim()}` : text);
  return { ...room, key: roomKey(room), workflowId: roomWorkflowId(room) };
}
