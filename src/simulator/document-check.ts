/** From a stored document back to the message it tells, and field by field against what that message expects. */
import type { EventDocument } from '../model/event.js';
import type { Ledger } from './ledger.js';
import { readChatId, readNonce, readOnceUser, readSuperChatId, readTid, type Identity } from './messages/identity.js';
import { secondsOf, type Expectation, type ExpectedEvent } from './messages/message.js';

/** A field that is not as expected. */
export interface Difference {
  path: string;
  expected: unknown;
  got: unknown;
}

/** Which message the enter of a room that masks everything tells; undefined = none that is known. */
export type VisitOf = (document: EventDocument) => number | undefined;

/** Which message a document tells, by any id in it; undefined = none that was ever sent to this room. */
export function identityOf(document: EventDocument, ledger: Ledger, visitOf: VisitOf): Identity | undefined {
  for (const found of candidates(document, visitOf))
    if (found && ledger.has(found.n) && String(ledger.roomOf(found.n).roomId) === document.roomId) return found;
  return undefined;
}

function* candidates(document: EventDocument, visitOf: VisitOf): Generator<Identity | undefined> {
  const { kind, messageId = '', user, live, raw = '' } = document;
  if (kind === 'chat') yield alone(readChatId(messageId));
  if (kind === 'gift') yield readTid(messageId);
  if (kind === 'superchat') yield alone(readSuperChatId(messageId));
  if (kind === 'live_start') yield alone(readNonce(live?.key ?? ''));
  if (kind === 'gift') yield readTid(document._id);
  yield alone(readNonce(messageId));
  yield alone(readOnceUser(user?.id ?? ''));
  if (kind !== 'chat') {
    yield alone(readNonce(raw));
    yield alone(readOnceUser(raw));
  }
  if (user?.masked) yield alone(visitOf(document));
  yield alone(readNonce(document._id));
}

const alone = (n: number | undefined): Identity | undefined => (n === undefined ? undefined : { n, place: 0 });

/** Every field that is not as the message expects it. */
export function differences(document: EventDocument, expected: ExpectedEvent): Difference[] {
  const found: Difference[] = [];
  if (document.kind !== expected.kind) found.push({ path: 'kind', expected: expected.kind, got: document.kind });
  if (expected.at !== undefined) {
    const at = document.at.getTime();
    const cut = secondsOf(expected.at) * 1000;
    if (at !== expected.at && !(expected.atPrecision === 'second' && at === cut))
      found.push({ path: 'at', expected: expected.at, got: at });
  }
  compare(document, expected.fields, '', found);
  return found;
}

function compare(actual: object, expected: Expectation, path: string, found: Difference[]): void {
  const fields = new Map<string, unknown>(Object.entries(actual));
  for (const [name, want] of Object.entries(expected)) {
    const got = fields.get(name);
    const where = path === '' ? name : `${path}.${name}`;
    if (isNested(want) && typeof got === 'object' && got !== null) compare(got, want, where, found);
    else if (!isSame(got, want)) found.push({ path: where, expected: want, got });
  }
}

type Wanted = Expectation[string];
const isNested = (want: Wanted): want is Expectation =>
  typeof want === 'object' && want !== null && !Array.isArray(want);

function isSame(got: unknown, want: Wanted): boolean {
  if (want === null) return got === undefined || got === null;
  if (got instanceof Date) return got.getTime() === want;
  if (Array.isArray(want)) return Array.isArray(got) && JSON.stringify(got) === JSON.stringify(want);
  return got === want;
}
