import { roomKey } from '../../model/room.js';
import { reconcile, type Reconciliation } from '../../simulator/reconcile.js';
import type { Simulator } from '../../simulator/simulator.js';
import type { MongoStore } from '../../store/open-store.js';
import type { RoomOverview } from '../../store/record-reads.js';
import { acknowledgementsIn } from '../acknowledgements.js';
import { sessionCompleteness } from '../session-completeness.js';

/** What came of a demo. */
export interface Verdict extends Reconciliation {
  /** True where nothing was lost, stored twice, stored wrongly or made up. */
  isClean: boolean;
  /** Time of the sessions that neither a connection nor a gap explains. */
  unexplainedMs: number;
}

const RECORDS_A_ROOM = 10_000;
const ROOMS_AT_ONCE = 4;

/** Compares everything in MongoDB with everything the simulator sent. */
export async function verdictOf(simulator: Simulator, store: MongoStore, ackLog: string): Promise<Verdict> {
  const rooms = await roomsOf(simulator, store);
  const reconciliation = await reconcile({
    ledger: simulator.ledger,
    documents: store.events.allEvents(),
    connections: rooms.flatMap(({ connections }) => connections),
    gaps: rooms.flatMap(({ gaps }) => gaps),
    acks: acknowledgementsIn(ackLog),
  });
  const { lost, duplicates, mismatched, invented } = reconciliation;
  return {
    ...reconciliation,
    isClean: lost + duplicates + mismatched + invented === 0,
    unexplainedMs: rooms.reduce((sum, room) => sum + unexplainedOf(room), 0),
  };
}

async function roomsOf({ ledger }: Simulator, store: MongoStore): Promise<RoomOverview[]> {
  const wanted = [...new Set(ledger.connections.map(({ roomId }) => roomId))].filter((roomId) => roomId > 0);
  const rooms: RoomOverview[] = [];
  for (let at = 0; at < wanted.length; at += ROOMS_AT_ONCE) {
    const some = wanted.slice(at, at + ROOMS_AT_ONCE);
    const read = (roomId: number): Promise<RoomOverview> =>
      store.records.roomOverview(roomKey({ platform: 'bilibili', roomId: String(roomId) }), RECORDS_A_ROOM);
    rooms.push(...(await Promise.all(some.map(read))));
  }
  return rooms;
}

function unexplainedOf(room: RoomOverview): number {
  const now = new Date();
  return room.sessions.reduce((sum, session) => sum + sessionCompleteness(session, room, now).unexplainedMs, 0);
}
