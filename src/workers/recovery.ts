import { ActivityNotFoundError, type Client } from '@temporalio/client';
import { lastConnectionOf, recoveredEntries } from '../activities/connection-records.js';
import { diedFailure } from '../activities/failure-interceptor.js';
import type { Logger } from '../model/log.js';
import { roomKey } from '../model/room.js';
import type { PreviousConnection } from '../model/connection.js';
import type { Spool } from '../spool/spool.js';

const CALL_DEADLINE_MS = 10_000;
const AT_ONCE = 20;

/** What an earlier process of this spool left behind when it died. */
export interface Leftovers {
  /** Task tokens of the activities that it was running. */
  taskTokens: string[];
  /** Where the record of its rooms ends. */
  lastConnections: Map<string, PreviousConnection>;
}

/** Writes the records that the dead process could not write. `running`: the task tokens that it left. */
export async function closeLeftovers(spool: Spool, running: readonly string[]): Promise<Leftovers> {
  const lastConnections = new Map<string, PreviousConnection>();
  const taskTokens = new Set(running);
  for (const progress of spool.unfinished()) {
    const { connection, taskToken } = progress;
    await spool.finish(connection._id, recoveredEntries(progress));
    lastConnections.set(roomKey(connection), lastConnectionOf(connection));
    taskTokens.add(taskToken);
  }
  return { taskTokens: [...taskTokens], lastConnections };
}

/** Fails the dead process's activities, so that Temporal retries them now and not after their heartbeat timeout; `done` hears of each that is over. */
export async function failLeftovers(
  client: Client,
  taskTokens: readonly string[],
  log: Logger,
  done: (taskToken: string) => void,
): Promise<void> {
  const failure = diedFailure();
  const fail = async (token: string): Promise<void> => {
    try {
      await client.withDeadline(Date.now() + CALL_DEADLINE_MS, () =>
        client.activity.fail(new Uint8Array(Buffer.from(token, 'base64')), failure),
      );
      done(token);
    } catch (error) {
      if (error instanceof ActivityNotFoundError) return done(token); // it was over, or timed out and was retried
      log.warn(
        { reason: String(error) },
        'an activity of the dead worker could not be failed; its heartbeat timeout will',
      );
    }
  };
  for (let at = 0; at < taskTokens.length; at += AT_ONCE) {
    await Promise.all(taskTokens.slice(at, at + AT_ONCE).map(fail));
  }
}
