import { SpooledEvent } from '../../../src/model/event.js';
import type { PlacedDraft } from '../../../src/platforms/platform.js';

/** The draft as it would go into the spool; throws where our own schema would not take it. */
export function spooled({ key, place, at, ...draft }: PlacedDraft): SpooledEvent {
  const receivedAt = 1_790_000_000_000;
  return SpooledEvent.parse({
    ...draft,
    _id: `bilibili:5050:${key ?? `worker.connection.1.${place}`}`,
    platform: 'bilibili',
    roomId: '5050',
    at: at ?? receivedAt,
    atFrom: at === undefined ? 'receiver' : 'platform',
    receivedAt,
    connectionId: 'worker.connection',
  });
}
