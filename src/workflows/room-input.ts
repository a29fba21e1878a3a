import { z } from 'zod';
import { RoomOrder } from '../model/room.js';
import { parseRoom } from '../platforms/addresses.js';
import { fatal, inputOrFail, orFail } from './failures.js';
import { RoomActor } from './room-actor.js';
import { RoomActorState } from '../model/room-state.js';

const Carried = z.strictObject({ carried: RoomActorState });

/** Reads what a `room` was started with: the short form, the object form, or what an earlier run of it carries over. */
export function actorFrom(input: unknown): RoomActor {
  if (typeof input === 'object' && input !== null && 'carried' in input) {
    return new RoomActor(inputOrFail(Carried, input).carried);
  }
  if (input === undefined || input === null)
    throw fatal('BAD_INPUT', 'Which room? Give "bilibili:22603245", or its URL.');
  const order = inputOrFail(RoomOrder, typeof input === 'string' ? { room: input } : input);
  return RoomActor.create(
    order,
    orFail(() => parseRoom(order.room)),
  );
}
