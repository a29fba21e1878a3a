import type { Drill } from './drill.js';
import { mongoAway } from './mongo-away.js';
import { temporalAway } from './temporal-away.js';
import { workerKill } from './worker-kill.js';

/** All of them, in the order in which they are run. */
export const DRILLS: readonly Drill[] = [workerKill, mongoAway, temporalAway];
