import { spawnSync } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { openSpool } from '../../src/spool/open-spool.js';
import { startChild, type Line } from './child-process.js';
import { configOf, EVERYTHING, idOf, newFolder, signalNow } from './entries.js';

/** For each way of use: how many folders, how often the process that uses one is killed, and how many processes there are at a time. */
const PLAN = process.env['BARRAGE_LONG'] ? { folders: 120, kills: 20, atOnce: 4 } : { folders: 1, kills: 5, atOnce: 1 };

/** Every number that was told, and its entry; fails when one number was told of two. */
function told(lines: readonly Line[], into = new Map<number, string>()): Map<number, string> {
  for (const line of lines) {
    const [first, ids] =
      'from' in line ? [line.from, line.ids] : 'stored' in line ? [line.first, line.stored] : [0, []];
    for (const [at, id] of ids.entries()) {
      expect(into.get(first + at) ?? id).toBe(id);
      into.set(first + at, id);
    }
  }
  return into;
}

async function contents(folder: string) {
  const spool = await openSpool({ config: configOf(folder, { quotaBytes: 2 ** 30 }) });
  const { ackedSeq, depth } = spool.state();
  const range = depth === 0 ? undefined : await spool.read(ackedSeq, EVERYTHING, signalNow());
  await spool.close();
  expect(range?.entries.length ?? 0).toBe(depth);
  return { ackedSeq, ids: range?.entries.map(idOf) ?? [], workerId: spool.workerId };
}

type Child = ReturnType<typeof startChild>;

/** Any moment: while it starts and opens the folder, soon after that, or when it has told some lines. */
async function randomMoment(child: Child): Promise<void> {
  const kind = Math.random();
  if (kind < 0.1) return pause(Math.random() * 300);
  if (kind < 0.3) return child.untilLines(Math.ceil(Math.random() * 300));
  await child.untilLines(1);
  await pause(Math.random() * 60);
}

/** What the kills of one way of use met. */
interface Met {
  kills: number;
  /** The process had not opened the folder yet. */
  unopened: number;
  /** Entries that were on the disk before anybody was told so. */
  untold: number;
}

/** One process after the other uses one folder and is killed; after each, everything that any of them was promised is there. */
async function killAgainAndAgain(mode: string, met: Met): Promise<void> {
  const folder = join(await newFolder(), 'spool');
  const accepted = new Map<number, string>();
  const workers = new Set<string>();
  for (let round = 0; round < PLAN.kills; round += 1) {
    const child = startChild(folder, mode, String(round));
    await randomMoment(child);
    expect(await child.kill()).toBe('SIGKILL');
    met.kills += 1;
    const lines = child.lines();
    if (lines.length === 0) met.unopened += 1;
    told(lines, accepted);
    const before = accepted.size;
    const { ackedSeq, ids, workerId } = await contents(folder); // at once: the lock went with the process
    workers.add(workerId);
    for (const [seq, id] of accepted) if (seq > ackedSeq && ids[seq - ackedSeq - 1] !== id) expect.fail(`lost ${id}`);
    for (const [at, id] of ids.entries()) accepted.set(ackedSeq + 1 + at, id);
    met.untold += accepted.size - before;
    expect(new Set(accepted.values()).size).toBe(accepted.size);
    const numbers = [...accepted.keys()].reduce((most, seq) => Math.max(most, seq), 0);
    expect(numbers).toBe(accepted.size); // whatever was acknowledged had been told
  }
  expect(workers.size).toBe(1);
  await rm(folder, { recursive: true });
}

describe('a process that is killed while it appends', () => {
  it.each(['append', 'drain'])(
    `loses nothing that was accepted, and keeps it once and in order (%s, killed ${PLAN.folders * PLAN.kills} times)`,
    { timeout: 3_600_000 },
    async (mode) => {
      const met = { kills: 0, unopened: 0, untold: 0 };
      let folders = 0;
      const lane = async () => {
        while (folders < PLAN.folders) {
          folders += 1;
          await killAgainAndAgain(mode, met);
        }
      };
      await Promise.all(Array.from({ length: PLAN.atOnce }, lane));
      expect(met.kills).toBe(PLAN.folders * PLAN.kills);
      if (PLAN.folders === 1) return;
      console.log(mode, met);
      expect(met.unopened).toBeGreaterThan(0); // or the moments were not any
      expect(met.untold).toBeGreaterThan(0);
    },
  );

  it('leaves a lock that names it while it lives, and none after', async () => {
    const folder = join(await newFolder(), 'spool');
    const child = startChild(folder, 'hold');
    await child.untilLines(1);
    await expect(openSpool({ config: configOf(folder) })).rejects.toMatchObject({
      code: 'SPOOL_LOCKED',
      facts: { pid: child.pid },
    });
    await child.kill();
    await (await openSpool({ config: configOf(folder) })).close();
  });

  it('has the folder alone, when several start at once', async () => {
    const folder = join(await newFolder(), 'spool');
    const children = [1, 2, 3].map((run) => startChild(folder, 'hold', String(run)));
    await Promise.any(children.map((child) => child.untilLines(1)));
    const others = children.filter((child) => child.lines().length === 0);
    await Promise.all(others.map(({ ended }) => ended));
    expect(others).toHaveLength(2);
    for (const { complaint } of others) expect(complaint()).toContain('SPOOL_LOCKED');
  });
});

const canTrace = spawnSync('strace', ['-f', '-o', '/dev/null', 'true']).status === 0;

describe.skipIf(!canTrace)('the system calls of an append (needs strace)', () => {
  it('write it, then sync it, then switch to it in sync, and only then resolve', { timeout: 120_000 }, async () => {
    const folder = join(await newFolder(), 'spool');
    const trace = `${folder}.trace`;
    const calls = ['-e', 'trace=openat,write,writev,pwrite64,pwritev,pwritev2,fdatasync,fsync', '-s', '20000'];
    const slowly = ['-e', 'inject=fdatasync:delay_enter=20000']; // microseconds: an answer that did not wait would come before
    const child = startChild(folder, 'faults', '0', ['strace', '-f', ...calls, ...slowly, '-o', trace]);
    await child.ended;
    const accepted = child.lines().flatMap((line) => ('from' in line ? line.ids : []));
    expect(accepted).toHaveLength(60);
    const { syncedFd, events } = await readTrace(trace);
    for (const id of accepted) {
      const answered = events.findIndex(
        ({ name, text }) => name === 'write' && /^write\(1,/.test(text) && text.includes(id),
      );
      const written = events.findIndex(({ name, text }) => /^p?write(v|64)$/.test(name) && text.includes(id));
      const sync = events.findIndex(
        (event, at) => at > written && event.name === 'fdatasync' && event.startedAt > events[written]!.endedAt,
      );
      const switched = events.findIndex(
        (event, at) =>
          at > sync && event.startedAt > events[sync]!.endedAt && event.text.startsWith(`pwrite64(${syncedFd},`),
      );
      expect(written, id).toBeGreaterThanOrEqual(0);
      expect(sync, id).toBeGreaterThan(written);
      expect(switched, id).toBeGreaterThan(sync);
      expect(events[answered]!.startedAt, id).toBeGreaterThan(events[switched]!.endedAt);
    }
  });

  it.each([
    ['syncs that fail', 'fdatasync:error=EIO:when=10'],
    ['syncs that find no space', 'fdatasync:error=ENOSPC:when=10'],
  ])(
    'may be %s: those appends are refused, nothing of them is kept, and it goes on by itself',
    { timeout: 120_000 },
    async (_what, fault) => {
      const folder = join(await newFolder(), 'spool');
      const child = startChild(folder, 'faults', '0', [
        'strace',
        '-f',
        '-o',
        '/dev/null',
        '-e',
        'trace=fdatasync',
        '-e',
        `inject=${fault}`,
      ]);
      await child.ended;
      const lines = child.lines();
      const refused = lines.flatMap((line) => ('refused' in line ? [line.refused] : []));
      expect(refused.length).toBeGreaterThan(0);
      expect(lines.find((line) => 'levels' in line)).toEqual({ levels: ['failed', 'ok'] });
      const accepted = lines.flatMap((line) => ('from' in line ? line.ids : []));
      expect((await contents(folder)).ids).toEqual(accepted);
    },
  );
});

interface Call {
  name: string;
  text: string;
  /** Lines of the trace. */
  startedAt: number;
  endedAt: number;
}

async function readTrace(path: string): Promise<{ syncedFd: string; events: Call[] }> {
  const events: Call[] = [];
  const open = new Map<string, Call>();
  let syncedFd = '';
  for (const [at, line] of (await readFile(path, 'utf8')).split('\n').entries()) {
    const [, pid = '', text = ''] = /^(\d+) +(.*)$/s.exec(line) ?? [];
    const resumed = open.get(pid);
    if (text.startsWith('<... ') && resumed) {
      resumed.endedAt = at;
      resumed.text += text;
      open.delete(pid);
    } else if (/^\w+\(/.test(text)) {
      const call = { name: /^\w+/.exec(text)?.[0] ?? '', text, startedAt: at, endedAt: at };
      events.push(call);
      if (text.endsWith('<unfinished ...>')) open.set(pid, call);
    }
    if (/data\.mdb.*O_DSYNC/.test(text)) syncedFd = / = (\d+)$/.exec(text)?.[1] ?? '';
  }
  return { syncedFd, events };
}
