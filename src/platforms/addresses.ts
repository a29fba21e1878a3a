import { BarrageError } from '../model/errors.js';
import { RoomKey, type RoomRef } from '../model/room.js';
import * as bilibili from './bilibili/address.js';

/** How a platform's rooms are written. Pure, so that workflow code may use it. */
interface AddressForms {
  /** The room id in a URL of this platform; undefined for any other URL. */
  roomOf(url: URL): string | undefined;
  /** Undefined where the id is well-formed; otherwise a sentence that says what one looks like. */
  complaint(roomId: string): string | undefined;
}

const ADDRESS_FORMS: Readonly<Record<string, AddressForms>> = { bilibili };

export const PLATFORM_IDS = Object.keys(ADDRESS_FORMS);

const shown = (text: string): string => JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);

function parseUrl(text: string): RoomRef {
  if (!URL.canParse(text)) throw new BarrageError('BAD_INPUT', `${shown(text)} is not a URL.`);
  const url = new URL(text);
  for (const [platform, forms] of Object.entries(ADDRESS_FORMS)) {
    const roomId = forms.roomOf(url);
    if (roomId !== undefined) return { platform, roomId };
  }
  throw new BarrageError('BAD_INPUT', `${shown(text)} is not the address of a room barrage knows.`);
}

/**
 * Reads a room as people write it: `bilibili:22603245`, `https://live.bilibili.com/22603245?…`, or that without the scheme.
 * Throws `BAD_INPUT` or `UNKNOWN_PLATFORM` with a sentence that says what would be right.
 */
export function parseRoom(input: string): RoomRef {
  const text = input.trim();
  if (/^https?:\/\//i.test(text)) return parseUrl(text);
  if (/^[a-z.]+\.[a-z]+\//i.test(text)) return parseUrl(`https://${text}`);
  const key = RoomKey.safeParse(text);
  if (!key.success) throw new BarrageError('BAD_INPUT', `${shown(text)} does not name a room.`);
  const at = key.data.indexOf(':');
  const platform = key.data.slice(0, at);
  const roomId = key.data.slice(at + 1);
  const forms = Object.hasOwn(ADDRESS_FORMS, platform) ? ADDRESS_FORMS[platform] : undefined;
  if (forms === undefined) {
    throw new BarrageError('UNKNOWN_PLATFORM', `There is no platform ${shown(platform)} in this barrage.`);
  }
  const complaint = forms.complaint(roomId);
  if (complaint !== undefined) throw new BarrageError('BAD_INPUT', complaint);
  return { platform, roomId };
}
