// A process of its own that uses a spool, for the tests that kill it or watch its system calls.
// Every line it writes tells something that has happened already.
import { writeSync } from 'node:fs';
import process from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';

const { openSpool } = await import('../../dist/spool/open-spool.js');
const { emptyBatch } = await import('../../dist/model/batch.js');

const [folder, mode, run = '0'] = process.argv.slice(2);
const tell = (what) => writeSync(1, `${JSON.stringify(what)}\n`);
const config = { folder, quotaBytes: 2 ** 30, tightRatio: 0.8 };

const entry = (id, text = '') => ({
  type: 'event',
  event: {
    _id: id,
    platform: 'bilibili',
    roomId: '1',
    kind: 'chat',
    at: 1,
    atFrom: 'platform',
    receivedAt: 1,
    connectionId: 'wtest.1',
    text,
  },
});

async function appendForEver(spool, writer) {
  for (let call = 0; ; call += 1) {
    const size = 1 + ((call * 7 + writer) % 4) ** 3;
    const ids = Array.from({ length: size }, (_, at) => `${run}.${writer}.${call}.${at}`);
    const { from } = await spool.append(ids.map((id) => entry(id, 'x'.repeat((call * 131) % 3000))));
    tell({ from, ids });
  }
}

async function drainForEver(spool) {
  for (let after = spool.state().ackedSeq; ;) {
    const range = await spool.read(after, { maxEntries: 50, maxBytes: 1e6, lingerMs: 1 }, AbortSignal.timeout(60_000));
    if (!range) return;
    tell({ stored: range.entries.map(({ event }) => event._id), first: range.from });
    await spool.acknowledge(range.to, { ...emptyBatch('b', spool.workerId, 1, 1), lastSeq: range.to });
    after = range.to;
  }
}

/** One append after the other, some of which the disk refuses, until it took enough of them again. */
async function appendThroughFaults(spool) {
  const levels = new Set();
  for (let call = 0, taken = 0; taken < 60 && call < 3_000; call += 1) {
    const id = `MARK${String(call).padStart(5, '0')}`;
    try {
      const { from } = await spool.append([entry(id, 'y'.repeat(call % 2 === 0 ? 10 : 9_000))]);
      tell({ from, ids: [id] });
      taken += 1;
    } catch (error) {
      tell({ refused: id, code: error.code });
      levels.add(spool.state().level);
      await pause(20);
    }
  }
  tell({ levels: [...levels, spool.state().level] });
}

const spool = await openSpool({ config });
tell({ opened: spool.state().nextSeq, workerId: spool.workerId });
if (mode === 'faults') await appendThroughFaults(spool);
if (mode === 'append' || mode === 'drain') {
  const writers = Array.from({ length: 6 }, (_, writer) => appendForEver(spool, writer));
  await Promise.all(mode === 'drain' ? [...writers, drainForEver(spool)] : writers);
}
if (mode === 'hold') await pause(60_000);
await spool.close();
