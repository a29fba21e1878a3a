import { z } from 'zod';
import { Ledger, type Delivered, type LedgerConnection } from './ledger.js';
import type { ExpectedEvent } from './messages/message.js';

const Face = z.strictObject({
  index: z.int(),
  roomId: z.int(),
  shortId: z.int(),
  uid: z.int(),
  name: z.string(),
  medal: z.string(),
  masked: z.boolean(),
  share: z.number(),
});
const Hostile = z.strictObject({
  n: z.int(),
  connection: z.int(),
  sentAt: z.int(),
  name: z.string(),
  goodFirstN: z.int(),
  goodCount: z.int(),
  undecodable: z.int(),
});
const Head = z.strictObject({
  seed: z.int(),
  rooms: z.array(Face),
  hostile: z.array(Hostile),
  replayed: z.array(z.int()),
});
const Custom = z.strictObject({ text: z.string(), expected: z.array(z.custom<ExpectedEvent>()) });
const Line = z.union([
  z.strictObject({ row: z.tuple([z.int(), z.int(), z.int(), z.number()]), custom: Custom.optional() }),
  z.strictObject({ sent: z.tuple([z.int(), z.int(), z.int(), z.number(), z.int().min(0).max(3)]) }),
  z.strictObject({ connection: z.custom<LedgerConnection>() }),
]);
const DELIVERED: readonly Delivered[] = ['yes', 'unknown', 'cut', 'repeat'];

/** Makes a ledger equal to the one whose `dump()` gave these lines. */
export async function readLedger(lines: AsyncIterable<string> | Iterable<string>): Promise<Ledger> {
  let ledger: Ledger | undefined;
  for await (const text of lines) {
    if (text === '') continue;
    if (ledger) take(ledger, Line.parse(JSON.parse(text)));
    else {
      const head = Head.parse(JSON.parse(text));
      ledger = new Ledger(head.seed, head.rooms);
      ledger.hostile.push(...head.hostile);
      for (const roomId of head.replayed) ledger.replayedRooms.add(roomId);
    }
  }
  if (!ledger) throw new RangeError('a ledger has a first line, and this has none');
  return ledger;
}

function take(ledger: Ledger, line: z.output<typeof Line>): void {
  if ('connection' in line) ledger.connections.push({ ...line.connection, messages: 0 });
  else if ('row' in line) {
    const [room, code, primary, at] = line.row;
    const face = ledger.rooms[room];
    if (!face) throw new RangeError(`the ledger has no room at place ${room}`);
    if (line.custom) ledger.addCustom(face, at, line.custom);
    else ledger.add(code, face, at, primary);
  } else {
    const [firstN, count, number, sentAt, delivered] = line.sent;
    const connection = ledger.connections[number];
    if (connection) ledger.deliver(firstN, count, connection, sentAt, DELIVERED[delivered] ?? 'yes');
  }
}
