/** The workflows by the names under which people start them. */
export { discovery } from './discovery.js';
export { ingest } from './ingest.js';
export { persistBatch } from './persist-batch.js';
export { room } from './room.js';
