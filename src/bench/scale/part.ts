import type { Part } from '../part.js';
import { extentFrom } from '../system/extent.js';
import { idleRooms } from './idle.js';
import { costByRooms } from './rooms.js';
import { sweeps } from './sweep.js';
import { costByWorkers } from './workers.js';

export const scale: Part = {
  name: 'scale',
  about:
    'what rooms cost that say nothing, beside bare ones; how fast rooms are started and found, and how the cost of a message grows with rooms and processes',
  async *run(options) {
    const extent = extentFrom(options.env);
    yield* idleRooms(options, extent);
    yield await sweeps(options, extent);
    yield { ...(await costByRooms(options, extent)), notes: [NOTE] };
    yield await costByWorkers(options, extent);
  },
};

const NOTE =
  'By rooms and by processes: frames of three messages, room after room, so that only the number differs; systems side by side, loaded in turns, each watched ' +
  'idle before its load.';
