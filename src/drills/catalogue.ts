import { clock } from './clock.js';
import { diskFull } from './disk-full.js';
import type { Drill } from './drill.js';
import { hostile } from './hostile.js';
import { hotRoom } from './hot-room.js';
import { mongoAway } from './mongo-away.js';
import { mongoSlow } from './mongo-slow.js';
import { socketFaults } from './socket-faults.js';
import { storm } from './storm.js';
import { temporalAway } from './temporal-away.js';
import { workerKill } from './worker-kill.js';
import { workerLost } from './worker-lost.js';
import { workerRoll } from './worker-roll.js';

/** All of them, in the order in which they are run. */
export const DRILLS: readonly Drill[] = [
  workerKill,
  workerRoll,
  workerLost,
  mongoAway,
  mongoSlow,
  temporalAway,
  socketFaults,
  storm,
  hotRoom,
  diskFull,
  clock,
  hostile,
];
