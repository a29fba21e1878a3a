import { decode } from './decode/part.js';
import type { Part } from './part.js';
import { placement } from './placement/part.js';
import { pipeline } from './pipeline/part.js';
import { query } from './query/part.js';
import { scale } from './scale/part.js';
import { script } from './script/part.js';
import { spool } from './spool/part.js';
import { store } from './store/part.js';

/** In the order in which they run. */
export const PARTS: readonly Part[] = [decode, spool, store, query, pipeline, script, scale, placement];
