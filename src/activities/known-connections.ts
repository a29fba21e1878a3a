import type { PreviousConnection } from '../model/connection.js';
import { StreamHeartbeat } from '../model/stream.js';

/** A connection that is known from a heartbeat alone: its worker may have died before it had written down that it began. */
export interface BegunConnection {
  connectionId: string;
  /** Milliseconds since the epoch. */
  connectedAt: number;
  previous: PreviousConnection;
}

/** What an attempt knows of the connections of its room before it begins one. */
export interface KnownConnections {
  previous?: PreviousConnection;
  begun?: BegunConnection;
}

/**
 * The latest of those that the attempt before told of and the `others`.
 *
 * @param details of the last heartbeat, as Temporal hands them over
 */
export function knownConnections(
  details: unknown,
  others: readonly (PreviousConnection | undefined)[],
): KnownConnections {
  const { data } = StreamHeartbeat.safeParse(details);
  const { connectionId, sessionId, coveredUntil, connectedAt } = data ?? {};
  const told = connectionId !== undefined &&
    coveredUntil !== undefined && { connectionId, coveredUntil, ...(sessionId !== undefined && { sessionId }) };
  const [previous] = [...others, told || undefined]
    .filter((one) => one !== undefined)
    .sort((a, b) => b.coveredUntil - a.coveredUntil);
  const begun = connectionId !== undefined &&
    connectedAt !== undefined &&
    data?.previous !== undefined && { connectionId, connectedAt, previous: data.previous };
  return { ...(previous && { previous }), ...(begun && { begun }) };
}

/** The same, for the heartbeats of an attempt that has no connection yet. */
export const heartbeatOfKnown = ({ previous, begun }: KnownConnections): Partial<StreamHeartbeat> => ({
  ...previous,
  ...(begun !== undefined &&
    previous?.connectionId === begun.connectionId && {
      connectedAt: begun.connectedAt,
      previous: begun.previous,
    }),
});
