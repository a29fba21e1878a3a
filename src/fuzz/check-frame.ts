/** What has to hold of everything that the decoder makes of any bytes. Each check says what is wrong, or nothing. */
import { isDeepStrictEqual } from 'node:util';
import { BSON } from 'mongodb';
import { frameEntries } from '../activities/frame-entries.js';
import { emptyCounts, type ConnectionRecord } from '../model/connection.js';
import { SpoolEntry } from '../model/records.js';
import type { DecodedFrame } from '../platforms/bilibili/decode-frame.js';
import { DEFAULT_LIMITS } from '../platforms/bilibili/limits.js';
import { encodeEntries, MAX_BLOCK_BYTES } from '../spool/block.js';
import { eventDocument } from '../store/documents.js';
import type { FuzzFrame } from './make-frame.js';
import { NOW } from './seeds.js';

/** Of one message: its last one may go beyond the limit of events by so many. */
const MAX_GIFTS = 1_000;
const MAX_HEAD_BYTES = 6 * 1024;
const MAX_DOCUMENT_BYTES = 16 * 1024 * 1024;

/** With the longest ids that there are. */
const RECORD: ConnectionRecord = {
  _id: `wfuzzfuzz.${'c'.repeat(70)}`,
  platform: 'bilibili',
  roomId: '9007199254740991',
  sessionId: 'bilibili:9007199254740991:1790000000',
  workerId: 'wfuzzfuzz',
  endpoint: '127.0.0.1:1',
  attempt: 1,
  connectedAt: NOW,
};

/** The first thing that does not hold, in words. */
export function complaintAbout(frame: FuzzFrame, decoded: DecodedFrame): string | undefined {
  return bounds(decoded) ?? places(decoded) ?? accounts(frame, decoded) ?? numbers(decoded) ?? storable(decoded);
}

function bounds({ undecodable, events }: DecodedFrame): string | undefined {
  const { maxUndecodable, maxPackets } = DEFAULT_LIMITS;
  if (undecodable.length > maxUndecodable + 1) return `${undecodable.length} dead letters`;
  if (events.length >= maxPackets + MAX_GIFTS) return `${events.length} events`;
  const tooLong = undecodable.find(
    ({ head }) => head.length > MAX_HEAD_BYTES || head.buffer.byteLength > MAX_HEAD_BYTES,
  );
  return tooLong && `a dead letter that keeps ${tooLong.head.buffer.byteLength} bytes`;
}

function places({ undecodable, events }: DecodedFrame): string | undefined {
  if (undecodable.length + events.length < 2) return undefined;
  const found = new Set<string>();
  for (const { place } of events) found.add(place);
  for (const { place } of undecodable) found.add(place);
  return found.size === events.length + undecodable.length ? undefined : 'two things at one place';
}

/** Nothing that came is left out, and nothing counts twice; what stands beside the odd one is there. */
function accounts({ messages, keys = [] }: FuzzFrame, decoded: DecodedFrame): string | undefined {
  const { events, undecodable, audienceMessages, hints } = decoded;
  if (messages !== undefined) {
    const packets = new Set([...events, ...undecodable].map(({ place }) => place.split('.', 1)[0]));
    const counted = packets.size + audienceMessages + hints;
    if (counted !== messages) return `${counted} of ${messages} messages are counted`;
  }
  const lost = keys.find((key) => !events.some((event) => event.key === key));
  return lost && `the good message ${lost} beside it is lost`;
}

function numbers({ audience, authentication, heartbeatReply }: DecodedFrame): string | undefined {
  const values = [...Object.values(audience), authentication?.code ?? 0, heartbeatReply?.popularity ?? 0];
  return values.every(Number.isSafeInteger) ? undefined : `numbers that are none: ${values.join(', ')}`;
}

/** What goes into the spool is as the schema has it, and fits. */
function storable(decoded: DecodedFrame): string | undefined {
  const { entries } = frameEntries(
    { ...decoded, index: 1, receivedAt: NOW },
    { record: RECORD, counts: emptyCounts(), exclude: [], fill: 0 },
  );
  const { lines, sizes } = encodeEntries(entries);
  for (const [at, entry] of entries.entries()) {
    const valid = SpoolEntry.safeParse(entry);
    if (!valid.success) return `not as our schema has it: ${JSON.stringify(valid.error.issues[0])}`;
    if ((sizes[at] ?? 0) > MAX_BLOCK_BYTES) return `an entry of ${sizes[at]} bytes`;
    const line = lines[at] ?? '';
    // JSON.stringify writes half a surrogate pair as its escape, and nothing else that begins like this, except an escaped backslash.
    if (line.includes('\\ud') && /(?<!\\)(?:\\\\)*\\ud[89a-f]/.test(line)) return 'half a surrogate pair';
  }
  return undefined;
}

/** What is stored is what was decoded: through the spool's JSON and through BSON. Dear, so asked of some frames only. */
export function changedOnTheWay(decoded: DecodedFrame): string | undefined {
  const { entries } = frameEntries(
    { ...decoded, index: 1, receivedAt: NOW },
    { record: RECORD, counts: emptyCounts(), exclude: [], fill: 0 },
  );
  for (const entry of entries) {
    if (entry.type !== 'event') continue;
    const spooled = SpoolEntry.parse(JSON.parse(JSON.stringify(entry)));
    if (spooled.type !== 'event') return 'another type after the spool';
    const document = eventDocument(spooled.event, 1, new Date(NOW));
    const bytes = BSON.serialize(document, { ignoreUndefined: true });
    if (bytes.length > MAX_DOCUMENT_BYTES) return `a document of ${bytes.length} bytes`;
    const stored = BSON.deserialize(bytes);
    const sent: unknown = JSON.parse(JSON.stringify(eventDocument(entry.event, 1, new Date(NOW))));
    const kept: unknown = JSON.parse(JSON.stringify(stored));
    if (!isDeepStrictEqual(sent, kept)) return `stored as ${JSON.stringify(kept).slice(0, 2_000)}`;
  }
  return undefined;
}
