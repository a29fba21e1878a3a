import type { Info } from '@temporalio/activity';
import { STREAM_HEARTBEAT_TIMEOUT_MS, type StreamHeartbeat } from '../model/stream.js';
import { earlierOf } from './earlier-connections.js';
import { failuresInARow } from './failures-in-a-row.js';
import { heartbeatOfKnown, type KnownConnections } from './known-connections.js';

/** Of a stream; the SDK sends fewer: the last one of each four fifths of the heartbeat timeout. */
export const HEARTBEAT_EVERY_MS = STREAM_HEARTBEAT_TIMEOUT_MS / 3;

/** The heartbeat of an attempt that has no connection on record yet: it passes on what it knows of those before, and counts as failed until it has one. */
export const connectingHeartbeat = (
  workerId: string,
  info: Pick<Info, 'attempt' | 'heartbeatDetails'>,
  known: KnownConnections,
): StreamHeartbeat => ({
  state: 'connecting',
  workerId,
  ...heartbeatOfKnown(known),
  attempt: info.attempt,
  failures: failuresInARow(info) + 1,
  ...earlierOf(info),
});
