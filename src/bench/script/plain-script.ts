/**
 * What one writes in an afternoon instead of barrage: a socket a room, the documents in an array, `insertMany` every second. What is in the array when it
 * dies is lost, a room whose socket dies is silent for good, nothing is checked, and nobody hears of a hole. A process of its own.
 */
import { LiveWS } from 'bilibili-live-ws';
import { MongoClient } from 'mongodb';
import { takeOrder } from '../system/counting-process.js';
import { type ScriptCounts, ScriptOrder } from './script-order.js';

interface Message {
  cmd: string;
  /** Of chat: `[1]` is the text, `[2]` the user. */
  info?: [{ 4: number }, string, [number, string]];
  data?: { uid?: number; uname?: string; giftName?: string; num?: number; price?: number; message?: string };
}

/** Figures of the audience come every few seconds and are of no interest. */
const NOT_KEPT = new Set([
  'ONLINE_RANK_COUNT',
  'ONLINE_RANK_V2',
  'ONLINE_RANK_V3',
  'WATCHED_CHANGE',
  'LIKE_INFO_V3_UPDATE',
  'STOP_LIVE_ROOM_LIST',
  'NOTICE_MSG',
  'ROOM_REAL_TIME_MESSAGE_UPDATE',
]);
const INSERT_EVERY_MS = 1_000;

const counts: ScriptCounts = { connected: 0, received: 0, kept: 0, stored: 0 };

function documentOf(roomId: number, { cmd, info, data }: Message): object {
  const at = new Date();
  if (info !== undefined)
    return { roomId, cmd, at, sentAt: info[0][4], uid: info[2][0], name: info[2][1], text: info[1] };
  if (data?.giftName !== undefined) {
    const { uid, uname, giftName, num, price } = data;
    return { roomId, cmd, at, uid, name: uname, gift: giftName, num, price };
  }
  return { roomId, cmd, at, raw: JSON.stringify(data) }; // FerretDB takes no array in an array
}

function run({ uri, database, address, rooms }: ScriptOrder): void {
  const client = new MongoClient(uri);
  const events = client.db(database).collection('script_events');
  let waiting: object[] = [];
  for (const { roomId, key } of rooms) {
    const live = new LiveWS(roomId, { address, key, protover: 3 });
    live.on('live', () => (counts.connected += 1));
    live.on('msg', (message: Message) => {
      counts.received += 1;
      if (NOT_KEPT.has(message.cmd)) return;
      counts.kept += 1;
      waiting.push(documentOf(roomId, message));
    });
  }
  setInterval(() => {
    if (waiting.length === 0) return;
    const documents = waiting;
    waiting = [];
    void events.insertMany(documents, { ordered: false }).then(({ insertedCount }) => (counts.stored += insertedCount));
  }, INSERT_EVERY_MS);
}

takeOrder(ScriptOrder, counts, run);
