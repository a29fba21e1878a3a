import type { AudienceValues } from '../../../model/audience.js';
import { readCount, readObject } from '../wire.js';
import type { Message } from './draft.js';

/** Which number of `data` is which of ours. */
const NUMBERS_OF: ReadonlyMap<string, readonly (readonly [name: string, ours: keyof AudienceValues])[]> = new Map([
  ['WATCHED_CHANGE', [['num', 'watched']]],
  ['LIKE_INFO_V3_UPDATE', [['click_count', 'likes']]],
  [
    'ONLINE_RANK_COUNT',
    [
      ['count', 'rank'],
      ['online_count', 'online'],
    ],
  ],
  [
    'ROOM_REAL_TIME_MESSAGE_UPDATE',
    [
      ['fans', 'fans'],
      ['fans_club', 'fanClub'],
    ],
  ],
]);

/** Takes the numbers of an audience message over into `audience`; says whether it is one, and `unreadable` where none of its numbers is there. */
export function takeAudience(
  cmd: string,
  message: Message,
  audience: AudienceValues,
): 'taken' | 'unreadable' | 'other' {
  const numbers = NUMBERS_OF.get(cmd);
  if (numbers === undefined) return 'other';
  const data = readObject<string>(message.data);
  let found = false;
  for (const [name, ours] of numbers) {
    const value = readCount(data?.[name]);
    if (value === undefined) continue;
    audience[ours] = value;
    found = true;
  }
  return found ? 'taken' : 'unreadable';
}
