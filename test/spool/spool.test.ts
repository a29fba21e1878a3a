import { describe, expect, it, onTestFinished } from 'vitest';
import { openSpool } from '../../src/spool/open-spool.js';
import type { SpoolEntry } from '../../src/model/records.js';
import type { SpoolConfig } from '../../src/spool/config.js';
import {
  configOf,
  connection,
  entry,
  EVERYTHING,
  idOf,
  MiB,
  newFolder,
  progress,
  signalNow,
  written,
} from './entries.js';

async function fresh(settings: Partial<SpoolConfig> = {}) {
  const folder = await newFolder();
  const spool = await openSpool({ config: configOf(folder, settings) });
  onTestFinished(() => spool.close());
  const reopen = async () => {
    await spool.close();
    const again = await openSpool({ config: configOf(folder, settings) });
    onTestFinished(() => again.close());
    return again;
  };
  return { spool, folder, reopen };
}

describe('appending', () => {
  it('numbers entries from 1 on, in call order, also across calls that run together', async () => {
    const { spool } = await fresh();
    const calls = [1, 2, 3].map((size) =>
      spool.append(Array.from({ length: size }, (_, at) => entry(`${size}.${at}`))),
    );
    expect(await Promise.all(calls)).toEqual([
      { from: 1, to: 1 },
      { from: 2, to: 3 },
      { from: 4, to: 6 },
    ]);
    const range = await spool.read(0, EVERYTHING, signalNow());
    expect(range?.entries.map(idOf)).toEqual(
      ['1.0', '2.0', '2.1', '3.0', '3.1', '3.2'].map((id) => `bilibili:1:${id}`),
    );
  });

  it('gives back from the disk exactly what was appended, line breaks and all', async () => {
    const { spool, reopen } = await fresh();
    const entries = [
      entry(1, 'a\nb\u2028\r\n"\\'),
      entry(2, '弹幕😀\ud800'),
      { type: 'connection' as const, connection: connection('wtest.1') },
    ];
    await spool.append(entries);
    const before = await spool.read(0, EVERYTHING, signalNow());
    const after = await (await reopen()).read(0, EVERYTHING, signalNow());
    expect(after).toEqual(before);
    expect(after?.entries).toEqual(entries);
    expect(after?.bytes).toBe(entries.reduce((sum, each) => sum + Buffer.byteLength(JSON.stringify(each)), 0));
  });

  it('takes an append of several blocks, and an entry larger than one, whole', async () => {
    const { spool, reopen } = await fresh();
    const entries = Array.from({ length: 40 }, (_, at) => entry(at, 'x'.repeat(at === 7 ? 3 * MiB : 100_000)));
    expect(await spool.append(entries)).toEqual({ from: 1, to: 40 });
    const range = await (await reopen()).read(0, EVERYTHING, signalNow());
    expect(range?.entries).toEqual(entries);
  });

  it('keeps numbers and the worker’s id when everything was acknowledged and the folder was closed', async () => {
    const { spool, reopen } = await fresh();
    await spool.append([entry(1), entry(2)]);
    await spool.read(0, EVERYTHING, signalNow());
    await spool.acknowledge(2, written(2));
    const again = await reopen();
    expect(again.workerId).toBe(spool.workerId);
    expect(again.workerId).toMatch(/^w[a-z0-9]{8}$/);
    expect(again.state()).toMatchObject({ depth: 0, bytes: 0, nextSeq: 3, ackedSeq: 2 });
    expect(await again.append([entry(3)])).toEqual({ from: 3, to: 3 });
  });

  it('refuses once it was closed', async () => {
    const { spool } = await fresh();
    await spool.close();
    await expect(spool.append([entry(1)])).rejects.toMatchObject({ code: 'SPOOL_FAILED' });
  });
});

describe('quota', () => {
  it('says tight, then full, refuses beyond the quota, and still takes records', async () => {
    const { spool } = await fresh({ quotaBytes: MiB });
    const tenth = () => spool.append([entry('x', 'x'.repeat(MiB / 10 - 300))]);
    for (let at = 0; at < 7; at += 1) await tenth();
    expect(spool.state().level).toBe('ok');
    for (let at = 7; at < 9; at += 1) await tenth();
    expect(spool.state().level).toBe('tight');
    await spool.append([entry('y', 'x'.repeat(0.08 * MiB))]);
    expect(spool.state().level).toBe('full');
    const { nextSeq, bytes } = spool.state();
    await expect(tenth()).rejects.toMatchObject({ code: 'SPOOL_FULL' });
    expect(spool.state()).toMatchObject({ nextSeq, bytes });
    await spool.finish('wtest.1', [{ type: 'connection', connection: connection('wtest.1') }]);
    expect(spool.state().nextSeq).toBe(nextSeq + 1);
  });

  it('leaves a level only when it is well below it', async () => {
    const { spool } = await fresh({ quotaBytes: MiB });
    for (let at = 0; at < 41; at += 1) await spool.append([entry(at, 'x'.repeat(MiB / 50 - 300))]);
    expect(spool.state().level).toBe('tight');
    await spool.read(0, EVERYTHING, signalNow());
    await spool.acknowledge(2, written(2));
    expect(spool.state().level).toBe('tight');
    await spool.acknowledge(5, written(5));
    expect(spool.state().level).toBe('ok');
  });
});

describe('reading', () => {
  it('keeps to the bounds, but gives at least one entry', async () => {
    const { spool } = await fresh();
    await spool.append(Array.from({ length: 10 }, (_, at) => entry(at)));
    const three = await spool.read(2, { maxEntries: 3, maxBytes: 1_000_000, lingerMs: 0 }, signalNow());
    expect(three).toMatchObject({ from: 3, to: 5 });
    expect(await spool.read(9, { maxEntries: 3, maxBytes: 1, lingerMs: 0 }, signalNow())).toMatchObject({
      from: 10,
      to: 10,
    });
    const bytes = three?.bytes ?? 0;
    expect(await spool.read(0, { maxEntries: 9, maxBytes: bytes, lingerMs: 0 }, signalNow())).toMatchObject({
      from: 1,
      to: 3,
    });
  });

  it('waits for an entry, then lingers for more', async () => {
    const { spool } = await fresh();
    const reading = spool.read(0, { maxEntries: 100, maxBytes: MiB, lingerMs: 10_000 }, signalNow());
    await spool.append([entry(1)]);
    await spool.append([entry(2)]);
    await spool.append(Array.from({ length: 98 }, (_, at) => entry(3 + at)));
    expect(await reading).toMatchObject({ from: 1, to: 100 });
  });

  it('does not linger when there is enough', async () => {
    const { spool } = await fresh();
    await spool.append([entry(1), entry(2)]);
    const bounds = { maxEntries: 2, maxBytes: MiB, lingerMs: 600_000 };
    expect(await spool.read(0, bounds, signalNow())).toMatchObject({ from: 1, to: 2 });
    expect(await spool.read(0, { ...bounds, maxEntries: 9, maxBytes: 10 }, signalNow())).toMatchObject({
      from: 1,
      to: 1,
    });
  });

  it('lingers longer where there are records alone, until an event comes or a connection ends', async () => {
    const { spool } = await fresh();
    const bounds = { maxEntries: 100, maxBytes: MiB, lingerMs: 0, recordsLingerMs: 600_000 };
    const record = (id: string): SpoolEntry => ({ type: 'connection', connection: connection(id) });
    const reading = spool.read(0, bounds, signalNow());
    await spool.append([record('wtest.1')]);
    await spool.append([record('wtest.2')]);
    await spool.append([entry(1), record('wtest.3')]);
    expect(await reading).toMatchObject({ from: 1, to: 4 });
    const rest = spool.read(3, bounds, signalNow());
    await spool.append([entry(2)]);
    expect(await rest).toMatchObject({ from: 4, to: 5 });
    const ended = { ...connection('wtest.3'), endedAt: 1_760_000_001_000 };
    const last = spool.read(5, bounds, signalNow());
    await spool.append([record('wtest.4')]);
    await spool.append([{ type: 'connection', connection: ended }]);
    expect(await last).toMatchObject({ from: 6, to: 7 });
  });

  it('does not linger over what an earlier process left', async () => {
    const { spool, reopen } = await fresh();
    await spool.append([{ type: 'connection', connection: connection('wtest.1') }]);
    const bounds = { maxEntries: 100, maxBytes: MiB, lingerMs: 0, recordsLingerMs: 600_000 };
    expect(await (await reopen()).read(0, bounds, signalNow())).toMatchObject({ from: 1, to: 1 });
  });

  it('gives nothing once its signal aborts, or the spool closes', async () => {
    const { spool } = await fresh();
    const stop = new AbortController();
    const reading = spool.read(0, EVERYTHING, stop.signal);
    const other = spool.read(0, EVERYTHING, signalNow());
    stop.abort();
    expect(await reading).toBeUndefined();
    await spool.close();
    expect(await other).toBeUndefined();
  });

  it('refuses a place that no entry has reached', async () => {
    const { spool } = await fresh();
    await expect(spool.read(1, EVERYTHING, signalNow())).rejects.toMatchObject({ code: 'SPOOL_FAILED' });
  });
});

describe('acknowledging', () => {
  it('drops entries and adds up the batch, in the middle of a block, over a restart', async () => {
    const { spool, reopen } = await fresh();
    await spool.append(Array.from({ length: 10 }, (_, at) => entry(at)));
    const { bytes } = spool.state();
    await spool.read(0, EVERYTHING, signalNow());
    await Promise.all([spool.acknowledge(3, written(3)), spool.acknowledge(4, written(4))]);
    expect(spool.state()).toMatchObject({ depth: 6, ackedSeq: 4, bytes: 0.6 * bytes });
    const again = await reopen();
    expect(again.state()).toMatchObject({ depth: 6, ackedSeq: 4, bytes: 0.6 * bytes });
    const rooms = { 'bilibili:3': 1, 'bilibili:4': 1 };
    expect(again.batch('wtest:1')).toEqual({ ...written(4, 'wtest:1', 2), writes: 2, rooms });
    expect(again.openBatch()).toEqual(again.batch('wtest:1'));
    expect(await again.read(4, EVERYTHING, signalNow())).toMatchObject({ from: 5, to: 10 });
    await again.acknowledge(10, written(10));
    expect(again.state()).toMatchObject({ depth: 0, bytes: 0 });
    expect(again.state().oldestAt).toBeUndefined();
    await again.forgetBatch('wtest:1');
    expect(again.batch('wtest:1')).toBeUndefined();
  });

  it('refuses what was not read, and to go back', async () => {
    const { spool } = await fresh();
    await spool.append([entry(1), entry(2), entry(3)]);
    await spool.read(0, { ...EVERYTHING, maxEntries: 2 }, signalNow());
    await expect(spool.acknowledge(3, written(3))).rejects.toMatchObject({ code: 'SPOOL_FAILED' });
    await spool.acknowledge(2, written(2));
    await expect(spool.acknowledge(1, written(1))).rejects.toMatchObject({ code: 'SPOOL_FAILED' });
    await spool.acknowledge(2, written(2, 'wtest:3'));
    expect(spool.state()).toMatchObject({ ackedSeq: 2, depth: 1 });
  });
});

describe('progress', () => {
  it('is there after a restart as of the last append, until the stream finishes', async () => {
    const { spool, reopen } = await fresh();
    await spool.append([entry(1)], progress('wtest.a', 'b25l'));
    await Promise.all([spool.append([], progress('wtest.a', 'dHdv')), spool.append([entry(2)], progress('wtest.b'))]);
    await spool.finish('wtest.b', [{ type: 'connection', connection: connection('wtest.b') }]);
    expect(spool.unfinished()).toEqual([]);
    const again = await reopen();
    expect(again.unfinished()).toEqual([progress('wtest.a', 'dHdv')]);
    await again.finish('wtest.a', []);
    expect(again.unfinished()).toEqual([]);
    expect(again.state().depth).toBe(3);
  });
});
