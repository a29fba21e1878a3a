import type { PlacedDraft } from '../../platform.js';
import type { Wire } from '../wire.js';

/** The top level of a message. Most put everything into `data`; `info` is a chat's, the rest a broadcast's beginning and end. */
export type Message = Wire<
  'cmd' | 'data' | 'info' | 'live_key' | 'live_time' | 'msg' | 'msg_id' | 'round' | 'send_time'
>;

/** One message on its way to becoming events. */
export interface Incoming {
  message: Message;
  /** Up to the colon. */
  cmd: string;
  /** The JSON text it was parsed from; empty where only the wanted parts were, of commands of which nothing is kept as it came. */
  text: string;
  place: string;
  /** The streamer, where known. */
  ownerId: string | undefined;
}

/** A message that names a command we know and lacks what the command is about. */
export interface Unreadable {
  reason: string;
}

/** What one command means. A list, possibly of several events, leaves their `place` to the caller. */
export type Decode = (incoming: Incoming) => PlacedDraft | PlacedDraft[] | Unreadable;

export const noData: Unreadable = { reason: 'it has no object "data"' };
