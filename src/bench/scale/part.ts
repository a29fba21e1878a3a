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
  run: async (options) => {
    const extent = extentFrom(options.env);
    const idle = await idleRooms(options, extent);
    const found = await sweeps(options, extent);
    const rooms = await costByRooms(options, extent);
    const workers = await costByWorkers(options, extent);
    const sweepTable = {
      title: 'Start and discovery',
      head: ['what', 'seconds', 'target'],
      body: found.map(({ name, value, target }) => [name, value.toFixed(2), target ?? '']),
    };
    return {
      rows: [...idle.rows, ...found, ...rooms.rows, ...workers.rows],
      tables: [idle.table, sweepTable, rooms.table, workers.table],
      notes: [
        'Settings as in service (a heartbeat every 30 s), the request budget lifted. By rooms and by processes: frames of three messages, room after room, ' +
          'so that only the number differs; systems side by side, loaded in turns, each watched idle before its load.',
        ...extent.notes,
      ],
    };
  },
};
