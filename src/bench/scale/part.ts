import type { Part } from '../part.js';
import { extentFrom } from '../system/extent.js';
import { idleRooms } from './idle.js';
import { costByRooms } from './rooms.js';
import { sweeps } from './sweep.js';
import { costByWorkers } from './workers.js';

export const scale: Part = {
  name: 'scale',
  about:
    'what rooms cost that say nothing, how fast they are started and found, and how the cost of a message grows with rooms and processes',
  async *run(options) {
    const extent = extentFrom(options.env);
    yield { ...(await idleRooms(options, extent)), notes: [NOTE] };
    yield await sweeps(options, extent);
    yield await costByRooms(options, extent);
    yield await costByWorkers(options, extent);
  },
};

const NOTE =
  'Settings as in service (a heartbeat every 30 s), the request budget lifted. By rooms and by processes: frames of three messages, room after room, ' +
  'so that only the number differs; systems side by side, loaded in turns, each watched idle before its load.';
