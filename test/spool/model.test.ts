import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BatchTotals } from '../../src/model/batch.js';
import { openSpool } from '../../src/spool/open-spool.js';
import type { Spool } from '../../src/spool/spool.js';
import { startChild } from './child-process.js';
import { configOf, connection, entry, idOf, MiB, progress, signalNow, written } from './entries.js';

const RUNS = process.env['BARRAGE_LONG'] ? 10_000 : 100;

/** What a spool ought to know. */
interface Model {
  ids: string[];
  acked: number;
  readTo: number;
  /** What each write of the batch came to that was acknowledged. */
  writes: BatchTotals[];
  running: Set<string>;
  /** Running when the folder was last opened, and not finished since. */
  unfinished: Set<string>;
}

interface Real {
  folder: string;
  quotaBytes: number;
  spool: Spool;
  calls: number;
}

type Command = fc.AsyncCommand<Model, Real>;

const always = (name: string, run: (model: Model, real: Real) => Promise<void>): Command => ({
  check: () => true,
  run: async (model, real) => {
    await run(model, real);
    const { depth, nextSeq, ackedSeq, level, bytes, quotaBytes } = real.spool.state();
    const expected = { depth: model.ids.length - model.acked, nextSeq: model.ids.length + 1, ackedSeq: model.acked };
    expect({ depth, nextSeq, ackedSeq }).toEqual(expected);
    if (bytes >= 0.95 * quotaBytes) expect(level).toBe('full');
    if (bytes < 0.75 * quotaBytes) expect(level).toBe('ok');
    expect(real.spool.batch('wtest:1')).toEqual(sumOf(model.writes));
    expect(real.spool.unfinished().map((each) => each.connection._id)).toEqual([...model.unfinished].sort());
  },
  toString: () => name,
});

/** Of writes with one event each. */
function sumOf(writes: readonly BatchTotals[]): BatchTotals | undefined {
  const last = writes.at(-1);
  if (last === undefined) return undefined;
  const count = writes.length;
  const rooms: Record<string, number> = {};
  for (const room of writes.flatMap((write) => Object.keys(write.rooms))) rooms[room] = (rooms[room] ?? 0) + 1;
  return { ...written(last.lastSeq, 'wtest:1', count), writes: count, rooms };
}

const nameOf = (stream: number) => `wtest.s${stream}`;

const append = fc
  .array(fc.record({ count: fc.nat(5), length: fc.oneof(fc.nat(50), fc.nat(40_000)), stream: fc.nat(3) }), {
    minLength: 1,
    maxLength: 4,
  })
  .map((calls) =>
    always(`append(${JSON.stringify(calls)})`, async (model, real) => {
      let used = real.spool.state().bytes;
      const done = Promise.all(
        calls.map(async ({ count, length, stream }) => {
          const ids = Array.from({ length: count }, () => String((real.calls += 1)));
          const entries = ids.map((id) => entry(id, '弹'.repeat(length)));
          const running = progress(nameOf(stream));
          const given = real.spool.append(entries, running);
          const bytes = entries.reduce((sum, each) => sum + Buffer.byteLength(JSON.stringify(each)), 0);
          if (used + bytes > real.quotaBytes) return expect(given).rejects.toMatchObject({ code: 'SPOOL_FULL' });
          used += bytes + JSON.stringify(running).length; // as long as it is queued
          const from = model.ids.length + 1;
          model.ids.push(...entries.map(idOf));
          model.running.add(nameOf(stream));
          const wanted = { from, to: model.ids.length };
          expect(await given).toEqual(wanted);
        }),
      );
      await real.spool.flush(); // where all of them are empty, they would wait
      await done;
    }),
  );

const finish = fc.nat(3).map((stream) =>
  always(`finish(${stream})`, async (model, { spool }) => {
    await spool.finish(nameOf(stream), [{ type: 'connection', connection: connection(nameOf(stream)) }]);
    model.ids.push('connection');
    model.running.delete(nameOf(stream));
    model.unfinished.delete(nameOf(stream));
  }),
);

const read = fc
  .record({ skip: fc.nat(10), maxEntries: fc.integer({ min: 1, max: 12 }), maxBytes: fc.nat(100_000) })
  .map(({ skip, ...bounds }) =>
    always(`read(${skip}, ${JSON.stringify(bounds)})`, async (model, { spool }) => {
      const after = Math.min(model.acked + skip, model.ids.length);
      if (after === model.ids.length) return; // it would wait
      const range = await spool.read(after, { ...bounds, lingerMs: 0 }, signalNow());
      expect(range?.from).toBe(after + 1);
      expect(range?.entries.map(idOf)).toEqual(model.ids.slice(after, range?.to));
      expect(range?.bytes).toBe(range?.entries.reduce((sum, each) => sum + Buffer.byteLength(JSON.stringify(each)), 0));
      const isWhole = range?.to === model.ids.length || range?.entries.length === bounds.maxEntries;
      expect(range?.entries.length === 1 || (range?.bytes ?? 0) <= bounds.maxBytes).toBe(true);
      expect(isWhole || (range?.bytes ?? 0) > 0).toBe(true);
      model.readTo = Math.max(model.readTo, range?.to ?? 0);
    }),
  );

const acknowledge = fc.integer({ min: -2, max: 12 }).map((step) =>
  always(`acknowledge(${step})`, async (model, { spool }) => {
    const to = model.acked + step;
    const write = written(to);
    const call = spool.acknowledge(to, write);
    if (step < 0 || to > model.readTo) return expect(call).rejects.toMatchObject({ code: 'SPOOL_FAILED' });
    await call;
    model.acked = to;
    model.writes.push(write);
  }),
);

const opened = ({ folder, quotaBytes }: Pick<Real, 'folder' | 'quotaBytes'>) =>
  openSpool({ config: configOf(folder, { quotaBytes }) });

const reopened = (model: Model) => {
  model.unfinished = new Set(model.running);
  model.readTo = model.acked;
};

const reopen = fc.constant(
  always('reopen', async (model, real) => {
    await real.spool.close();
    real.spool = await opened(real);
    reopened(model);
  }),
);

const canTrace = spawnSync('strace', ['-f', '-o', '/dev/null', 'true']).status === 0;
const CHANGES = 'write,writev,pwrite64,pwritev,pwritev2,fdatasync,fsync,ftruncate,mkdir,rename,unlink';

/** Kills a process in the `nth` system call of one of its threads that changes something. */
const killedIn = (nth: number): string[] => [
  ...['strace', '-f', '-qq', '-o', '/dev/null', '-e', `trace=${CHANGES}`],
  ...['-e', `inject=${CHANGES}:signal=KILL:when=${nth}`],
];

/** Another process takes the folder, appends, and is killed: in a system call where there is strace, else when it has told some lines. */
const kill = fc.integer({ min: 1, max: 120 }).map((nth) =>
  always(`kill(${nth})`, async (model, real) => {
    await real.spool.close();
    const child = startChild(real.folder, 'append', `k${(real.calls += 1)}`, canTrace ? killedIn(nth) : []);
    if (canTrace) await child.ended;
    else {
      await child.untilLines(nth);
      await child.kill();
    }
    real.spool = await opened(real);
    reopened(model);
    const before = model.ids.length;
    const { nextSeq } = real.spool.state();
    while (model.ids.length < nextSeq - 1) {
      const rest = await real.spool.read(
        model.ids.length,
        { maxEntries: 1e6, maxBytes: 1e9, lingerMs: 0 },
        signalNow(),
      );
      model.ids.push(...(rest?.entries ?? []).map(idOf));
      model.readTo = model.ids.length;
    }
    for (const line of child.lines())
      if ('ids' in line) expect(model.ids.slice(line.from - 1, line.from - 1 + line.ids.length)).toEqual(line.ids);
    const hasAppended = child.lines().some((line) => 'from' in line);
    if (hasAppended) expect(model.ids.length).toBeGreaterThan(before);
  }),
);

async function behaves(quotaBytes: number, commands: Iterable<Command>): Promise<void> {
  const parent = await mkdtemp(join(tmpdir(), 'barrage-spool-'));
  const folder = join(parent, 'spool');
  const real: Real = { folder, quotaBytes, spool: await opened({ folder, quotaBytes }), calls: 0 };
  const model: Model = { ids: [], acked: 0, readTo: 0, writes: [], running: new Set(), unfinished: new Set() };
  try {
    await fc.asyncModelRun(() => ({ model, real }), commands);
  } finally {
    await real.spool.close();
    await rm(parent, { recursive: true }); // megabytes each, and there are many runs
  }
}

describe('any sequence of calls', () => {
  it('gives what a list in memory would give, over restarts', { timeout: 3_600_000 }, async () => {
    const commands = fc.commands([append, append, finish, read, read, acknowledge, acknowledge, reopen], {
      maxCommands: 30,
    });
    const quotas = fc.constantFrom(MiB, 64 * MiB);
    await fc.assert(fc.asyncProperty(quotas, commands, behaves), { numRuns: RUNS });
  });

  it(
    'gives that also when processes are killed between any two of their system calls',
    { timeout: 3_600_000 },
    async () => {
      const commands = fc.commands([append, finish, read, acknowledge, kill], { maxCommands: 10 });
      await fc.assert(fc.asyncProperty(fc.constant(1_024 * MiB), commands, behaves), { numRuns: RUNS / 20 });
    },
  );
});
