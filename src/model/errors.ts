/** Every way barrage fails, and what it asks of the reader. A code is never reused. */
export const ERRORS = {
  BAD_INPUT: { retry: 'never', help: 'Give a room as "bilibili:22603245", its URL, or {"room": "bilibili:22603245"}.' },
  BAD_CONFIG: { retry: 'never', help: 'Run `barrage config` to see every setting and where it came from.' },
  BAD_USAGE: { retry: 'never', help: 'Add --help to see what a command takes.' },
  UNKNOWN_PLATFORM: { retry: 'never', help: 'The platforms are: bilibili.' },
  ROOM_NOT_FOUND: { retry: 'never', help: 'Check the number in the room address.' },
  NOT_RUNNING: { retry: 'never', help: '`barrage status` shows what runs.' },
  ROOM_LOCKED: { retry: 'never', help: 'The platform locked this room; start it again when the lock is lifted.' },
  ROOM_ENCRYPTED: { retry: 'never', help: 'The room asks for a password; barrage does not enter one.' },
  ROOM_REGION: { retry: 'never', help: 'The platform does not serve this room to the region of this address.' },
  RATE_LIMITED: { retry: 'after', help: 'Fewer rooms an address, or a lower request rate.' },
  RISK_CONTROL: { retry: 'after', help: 'The platform distrusts this address; it is left alone for some minutes.' },
  ADDRESS_BLOCKED: {
    retry: 'after',
    help: 'The platform blocks this address for a while; all requests to that host wait.',
  },
  PLATFORM_ERROR: { retry: 'soon', help: 'The platform answered with an error; it is asked again.' },
  PLATFORM_UNREACHABLE: {
    retry: 'soon',
    help: 'Check this machine’s network; the next attempt takes the next endpoint.',
  },
  HOST_REFUSED: {
    retry: 'soon',
    help: 'An interface named a host outside the platform’s own domains; it is not contacted.',
  },
  CONNECT_FAILED: { retry: 'soon', help: 'The next attempt takes the next endpoint.' },
  AUTH_REFUSED: { retry: 'soon', help: 'The next attempt fetches a fresh token.' },
  AUTH_TIMEOUT: { retry: 'soon', help: 'The next attempt takes the next endpoint.' },
  WORKER_SHUTDOWN: { retry: 'soon', help: 'Another worker takes the room at once.' },
  WORKER_RESTARTED: { retry: 'soon', help: 'The worker came back after a crash and connects again.' },
  SPOOL_LOCKED: {
    retry: 'never',
    help: 'Another worker uses this spool; stop it, or give this one a folder of its own.',
  },
  SPOOL_NEWER: { retry: 'never', help: 'A newer barrage wrote this spool; run that version, or a newer one.' },
  SPOOL_FULL: { retry: 'soon', help: 'Free the disk or raise spool.quotaBytes; see why MongoDB is not taking events.' },
  SPOOL_FAILED: { retry: 'soon', help: 'Check the disk that holds the spool.' },
  STORE_UNAVAILABLE: { retry: 'soon', help: 'Check MongoDB; the spool keeps everything meanwhile.' },
  STORE_REFUSED: { retry: 'soon', help: 'MongoDB refused a document; see the log for its id.' },
  STORE_UNREADABLE: {
    retry: 'never',
    help: 'Something else, or a newer barrage, wrote this document; look at it, and move it away.',
  },
  ENGINE_MISSING: { retry: 'never', help: 'Name one (TEMPORAL_ADDRESS, MONGODB_URI), put it on PATH, or install Go.' },
  ENGINE_FAILED: { retry: 'never', help: 'See the engine’s log for the reason.' },
  TEMPORAL_UNAVAILABLE: { retry: 'soon', help: 'Check TEMPORAL_ADDRESS, and that the server runs.' },
  TEMPORAL_REFUSED: {
    retry: 'never',
    help: 'Check the namespace and the API key; `barrage doctor` shows what is there.',
  },
} as const satisfies Record<string, { retry: 'never' | 'soon' | 'after'; help: string }>;

export type ErrorCode = keyof typeof ERRORS;

/** The one error barrage throws on purpose. Its message and facts are shown to people: they hold no secret. */
export class BarrageError extends Error {
  override readonly name = 'BarrageError';

  /**
   * @param message one sentence: what is wrong, and with which room
   * @param facts what a reader needs beside it; never a token, cookie, signature or whole URL
   * @param retryAfterMs a wait the other side dictates, in milliseconds
   */
  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly facts: Readonly<Record<string, string | number>> = {},
    readonly retryAfterMs?: number,
  ) {
    super(message);
  }
}
