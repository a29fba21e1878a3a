import type { ErrorCode } from '../../model/errors.js';

interface Meaning {
  code: ErrorCode;
  words: string;
}

const NOT_FOUND: Meaning = { code: 'ROOM_NOT_FOUND', words: 'the room does not exist' };
const TOO_OFTEN: Meaning = { code: 'RATE_LIMITED', words: 'too many requests' };
const BLOCKED: Meaning = { code: 'ADDRESS_BLOCKED', words: 'the address is blocked for a while' };

const MEANINGS = new Map<number, Meaning>([
  [60004, NOT_FOUND], // room/v1/Room/room_init
  [19002000, NOT_FOUND], // getInfoByRoom, captured 2026-09
  [19002003, NOT_FOUND],
  [19002005, { code: 'ROOM_ENCRYPTED', words: 'the room asks for a password' }], // BililiveRecorder, issue 418
  [-352, { code: 'RISK_CONTROL', words: 'risk control refuses the request' }], // captured 2026-09
  [-412, BLOCKED],
  [412, BLOCKED],
  [-799, TOO_OFTEN],
  [-509, TOO_OFTEN],
  [429, TOO_OFTEN],
]);

/** No such room where an interface tells of one (room/v1/Room/get_info), any bad request elsewhere. */
const BAD_REQUEST = 1;

/** What an envelope's code, or an HTTP status that is no success, means; the two number spaces do not overlap. */
export function meaningOf(code: number, aboutRoom = false): Meaning {
  if (aboutRoom && code === BAD_REQUEST) return NOT_FOUND;
  return MEANINGS.get(code) ?? { code: 'PLATFORM_ERROR', words: 'the platform reports an error' };
}
