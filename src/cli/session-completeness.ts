import { completeness, type Completeness } from '../model/completeness.js';
import type { RoomOverview, SessionDocument } from '../store/record-reads.js';

/** How much of a session is recorded, by those of its room's connections and gaps that are its own. */
export function sessionCompleteness(
  session: SessionDocument,
  { connections, gaps }: Pick<RoomOverview, 'connections' | 'gaps'>,
  now: Date,
): Completeness {
  const isItsOwn = ({ sessionId }: { sessionId?: string | undefined }): boolean => sessionId === session._id;
  return completeness(session, connections.filter(isItsOwn), gaps.filter(isItsOwn), now);
}
