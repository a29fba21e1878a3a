import type { EventDraft } from '../../../model/event.js';
import type { PlacedDraft } from '../../platform.js';
import { readId, readInt, readName, readObject, readTime, SECONDS } from '../wire.js';
import { type Incoming, noData, type Unreadable } from './draft.js';

/** `LIVE`. Comes twice, only once with `live_time`: both have the key of the broadcast. */
export function liveStart({ message, place }: Incoming): PlacedDraft {
  const live: NonNullable<EventDraft['live']> = {};
  const draft: PlacedDraft = { kind: 'live_start', place, live };
  const key = readId(message.live_key, 64);
  if (key !== undefined) {
    live.key = key;
    draft.key = `live_start:${key}`;
  }
  const startedAt = readTime(message.live_time, SECONDS);
  if (startedAt !== undefined) {
    live.startedAt = startedAt;
    draft.at = startedAt;
  }
  return draft;
}

/** `PREPARING`: the broadcast is over, and perhaps repeated from now on. */
export function liveEnd({ message, place }: Incoming): PlacedDraft {
  const draft: PlacedDraft = { kind: 'live_end', place };
  if (readInt(message.round) === 1) draft.live = { rebroadcast: true };
  return draft;
}

type RoomChange = 'title' | 'area_id' | 'area_name' | 'parent_area_id' | 'parent_area_name' | 'live_key';

/** `ROOM_CHANGE`: title and area as they are from now on. */
export function roomChange({ message, place }: Incoming): PlacedDraft | Unreadable {
  const data = readObject<RoomChange>(message.data);
  if (data === undefined) return noData;
  const room: NonNullable<EventDraft['room']> = {};
  const title = readName(data.title, 512);
  if (title !== undefined) room.title = title;
  const areaId = readId(data.area_id, 32);
  if (areaId !== undefined) room.areaId = areaId;
  const areaName = readName(data.area_name, 128);
  if (areaName !== undefined) room.areaName = areaName;
  const parentAreaId = readId(data.parent_area_id, 32);
  if (parentAreaId !== undefined) room.parentAreaId = parentAreaId;
  const parentAreaName = readName(data.parent_area_name, 128);
  if (parentAreaName !== undefined) room.parentAreaName = parentAreaName;
  const draft: PlacedDraft = { kind: 'room_change', place, room };
  const key = readId(data.live_key, 64);
  if (key !== undefined) draft.live = { key };
  return draft;
}
