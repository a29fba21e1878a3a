import { expect, it } from 'vitest';
import type { EventDocument } from '../../src/model/event.js';
import { Ledger, type LedgerConnection } from '../../src/simulator/ledger.js';
import { maskedOnceName } from '../../src/simulator/messages/identity.js';
import { typeCode } from '../../src/simulator/messages/types.js';
import { SimulatorOptions } from '../../src/simulator/options.js';
import { reconcile } from '../../src/simulator/reconcile.js';
import { makeRooms } from '../../src/simulator/rooms.js';

const AT = 1_790_000_000_300;
const VISIT = typeCode('INTERACT_WORD_V2');
/** After so many messages the names come again. */
const NAMES = 20_000;

const kindOf = (ledger: Ledger, n: number) => ledger.expected(n)[0]?.kind;

/** A room that masks everything, and two messages of one second to somebody in it: of one name, and of the same kind or not. */
function twoOfOneName(areOfOneKind: boolean): { ledger: Ledger; sent: number[] } {
  const faces = makeRooms(SimulatorOptions.parse({ seed: 1, rooms: 1, maskedShare: 1 }), AT).map(({ face }) => face);
  const room = faces[0];
  if (!room) throw new Error('there is no room');
  const ledger = new Ledger(1, faces);
  const add = () => ledger.add(VISIT, room, AT);
  while (add() <= NAMES);
  const isFound = () => (kindOf(ledger, ledger.lastN - NAMES) === kindOf(ledger, ledger.lastN)) === areOfOneKind;
  while (!isFound()) add();
  const connection: LedgerConnection = {
    number: 0,
    roomId: room.roomId,
    remoteAddress: '127.0.0.1',
    transport: 'ws',
    endpoint: '127.0.0.1:1',
    protover: 3,
    openedAt: AT,
    authenticatedAt: AT,
    heartbeats: 0,
    acknowledgements: 0,
    messages: 0,
  };
  ledger.connections.push(connection);
  const sent = [ledger.lastN - NAMES, ledger.lastN];
  for (const n of sent) ledger.deliver(n, 1, connection, AT, 'yes');
  return { ledger, sent };
}

function documentOf(ledger: Ledger, n: number): EventDocument {
  const at = new Date(Math.floor(AT / 1000) * 1000);
  const user = { name: maskedOnceName(n), masked: true };
  return {
    _id: `bilibili:w1.a:${n}.0`,
    platform: 'bilibili',
    roomId: String(ledger.roomOf(n).roomId),
    kind: kindOf(ledger, n) ?? 'enter',
    at,
    atFrom: 'platform',
    receivedAt: at,
    storedAt: at,
    connectionId: 'w1.a',
    seq: n,
    user,
  };
}

it.each([true, false])('two masked visits of one second and name are two (of one kind: %s)', async (areOfOneKind) => {
  const { ledger, sent } = twoOfOneName(areOfOneKind);
  const documents = sent.map((n) => documentOf(ledger, n));
  const report = (stored: EventDocument[]) => reconcile({ ledger, documents: stored, connections: [], gaps: [] });
  const nothingWrong = { lost: 0, duplicates: 0, mismatched: 0, invented: 0 };
  expect(await report(documents)).toMatchObject({ ...nothingWrong, stored: 2 });
  expect(await report(documents.toReversed())).toMatchObject({ ...nothingWrong, stored: 2 });
  for (const document of documents) expect(await report([document])).toMatchObject({ ...nothingWrong, lost: 1 });
  expect(await report([...documents, ...documents])).toMatchObject({ duplicates: 2 });
});
