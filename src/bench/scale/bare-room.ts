import { proxyActivities } from '@temporalio/workflow';
import { STREAM_HEARTBEAT_TIMEOUT_MS } from '../../model/stream.js';

export interface BareActivities {
  /** Heartbeats until it is cancelled. */
  hold(): Promise<void>;
}

const { hold } = proxyActivities<BareActivities>({
  startToCloseTimeout: '30 days',
  heartbeatTimeout: STREAM_HEARTBEAT_TIMEOUT_MS,
});

/** The least that a room on Temporal can be: it waits for one activity. */
export async function bareRoom(): Promise<void> {
  await hold();
}
