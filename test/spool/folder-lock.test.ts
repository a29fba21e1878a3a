import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { BarrageError } from '../../src/model/errors.js';
import type { Logger } from '../../src/model/log.js';
import { lockFolder } from '../../src/spool/folder-lock.js';
import { openSpool } from '../../src/spool/open-spool.js';
import { startChild } from './child-process.js';
import { configOf, newFolder } from './entries.js';

const ROUNDS = process.env['BARRAGE_LONG'] ? 300 : 25;
const ELSEWHERE = 'another-container';
/** Runs a command with a network and a host name of its own, as a container has. */
const APART = ['unshare', '-rnu', 'sh', '-c', `hostname ${ELSEWHERE} && exec "$@"`, 'sh'];

const loud: Logger = {
  debug() {},
  info() {},
  warn: (_facts, message) => expect.fail(message),
  error: (_facts, message) => expect.fail(message),
};

const lock = async (folder: string, log = loud) => {
  const held = await lockFolder(folder, log);
  onTestFinished(() => held.release());
  return held;
};

/** What became of several attempts: how many have the lock, and the codes of the others. */
async function outcomes(attempts: readonly Promise<unknown>[]) {
  const settled = await Promise.allSettled(attempts);
  const codes = settled.flatMap((one) => (one.status === 'rejected' ? [codeOf(one.reason)] : []));
  return { holders: settled.length - codes.length, codes: [...new Set(codes)] };
}

const codeOf = (reason: unknown) => (reason instanceof BarrageError ? reason.code : String(reason));

async function leaveStaleLock(folder: string): Promise<void> {
  const child = startChild(folder, 'hold', 'dead');
  await child.untilLines(1);
  await child.kill();
  expect((await readdir(folder)).filter((name) => name.startsWith('owner.'))).toHaveLength(1);
}

describe('the lock of a folder', () => {
  it('goes to exactly one of many calls at once, again and again', async () => {
    const folder = await newFolder();
    for (let round = 0; round < ROUNDS; round += 1) {
      const attempts = Array.from({ length: 20 }, () => lockFolder(folder, loud));
      expect(await outcomes(attempts)).toEqual({ holders: 1, codes: ['SPOOL_LOCKED'] });
      for (const attempt of attempts)
        await attempt.then(
          (held) => held.release(),
          () => undefined,
        );
    }
    expect(await readdir(folder)).toEqual([expect.stringMatching(/^owner\.\d+$/)]);
  });

  it.each([
    ['a new folder', false],
    ['a folder whose last owner was killed', true],
  ])('goes to exactly one of many processes that start at once, in %s', async (_what, hasStale) => {
    const folder = join(await newFolder(), 'spool');
    if (hasStale) await leaveStaleLock(folder);
    const children = Array.from({ length: 10 }, (_, run) => startChild(folder, 'hold', String(run)));
    await Promise.any(children.map((child) => child.untilLines(1)));
    const holder = children.find((child) => child.lines().length > 0);
    const others = children.filter((child) => child !== holder);
    await Promise.all(others.map(({ ended }) => ended)); // the holder stays for a minute
    for (const { complaint, lines } of others) {
      expect(lines()).toEqual([]);
      expect(complaint()).toContain(`is in use by process ${holder?.pid}.`);
    }
  });

  it('is never with two processes, however often they take it, give it back and are killed with it', async () => {
    const folder = join(await newFolder(), 'spool');
    await mkdir(folder);
    const contender = join(import.meta.dirname, 'contender.js');
    const contend = async (deaths: number): Promise<string> => {
      const deathRate = deaths > 0 ? '0.2' : '0';
      const child = spawn(process.execPath, [contender, folder, String(ROUNDS), deathRate], { stdio: 'pipe' });
      onTestFinished(() => void child.kill('SIGKILL'));
      let told = '';
      for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (told += String(chunk)));
      await once(child, 'close');
      return child.signalCode && deaths > 0 ? told + (await contend(deaths - 1)) : told;
    };
    expect(await Promise.all([3, 3, 2, 2, 0].map(contend))).toEqual(Array.from({ length: 5 }, () => 'done\n'));
  });

  it('is seen under a path far longer than the name of a socket may be', async () => {
    const folder = join(await newFolder(), ...Array.from({ length: 5 }, () => 'long'.repeat(50)));
    await mkdir(folder, { recursive: true });
    const held = await lock(folder);
    await expect(lockFolder(folder, loud)).rejects.toMatchObject({ facts: { pid: process.pid, host: hostname() } });
    await held.release();
    await lock(folder);
  });

  it('leaves one file behind, with a number that no later owner gets again', async () => {
    const folder = await newFolder();
    for (const number of [1, 2, 3]) {
      const held = await lock(folder);
      await expect(lockFolder(folder, loud)).rejects.toMatchObject({ code: 'SPOOL_LOCKED' });
      await held.release();
      expect(await readdir(folder)).toEqual([`owner.${number}`]);
    }
  });

  it('takes no number from a file that is no socket, and clears what others began', async () => {
    const folder = await newFolder();
    for (const name of ['owner.7', 'owner.new-0123456789abcdef', 'owner.txt']) await writeFile(join(folder, name), '');
    await lock(folder);
    expect((await readdir(folder)).sort()).toEqual(['owner.8', 'owner.txt']);
    expect((await stat(join(folder, 'owner.8'))).isSocket()).toBe(true);
  });

  it('counts as held by somebody when its owner does not answer', async () => {
    const folder = await newFolder();
    const mute = createServer();
    await new Promise<void>((resolve) => mute.listen(join(folder, 'owner.1'), resolve));
    onTestFinished(() => void mute.close());
    await expect(lockFolder(folder, loud)).rejects.toMatchObject({
      code: 'SPOOL_LOCKED',
      message: expect.stringMatching(/ is in use by another process\.$/),
    });
  });
});

describe('a process in another container', () => {
  it('sees the lock and names its holder and that one’s host, both ways, and has it when the holder was killed', async ({
    skip,
  }) => {
    if (spawnSync(APART[0] ?? '', [...APART.slice(1), 'true']).status !== 0)
      return skip('needs unshare and its rights');
    const folder = join(await newFolder(), 'spool');
    const there = startChild(folder, 'hold', 'there', APART);
    await there.untilLines(1);
    await expect(openSpool({ config: configOf(folder) })).rejects.toMatchObject({
      code: 'SPOOL_LOCKED',
      message: expect.stringContaining(`is in use by process ${there.pid} on ${ELSEWHERE}.`),
      facts: { pid: there.pid, host: ELSEWHERE },
    });
    await there.kill();
    const here = await openSpool({ config: configOf(folder) });
    onTestFinished(() => here.close());
    const late = startChild(folder, 'hold', 'late', APART);
    await late.ended;
    expect(late.complaint()).toContain(`is in use by process ${process.pid} on ${hostname()}.`);
  });
});

describe('a filesystem without sockets', () => {
  it('is warned of, and its lock still holds between processes of one container', async ({ skip }) => {
    const mountPoint = await newFolder();
    // One that has files for nothing but BPF.
    if (spawnSync('mount', ['-t', 'bpf', 'bpf', mountPoint]).status !== 0) return skip('needs the right to mount');
    onTestFinished(() => void spawnSync('umount', [mountPoint]));
    const warnings: string[] = [];
    const log: Logger = { ...loud, warn: (_facts, message) => void warnings.push(message) };
    const held = await lock(mountPoint, log);
    expect(warnings).toEqual([expect.stringContaining('has no sockets')]);
    await expect(lockFolder(mountPoint, log)).rejects.toMatchObject({ facts: { pid: process.pid, host: hostname() } });
    await held.release();
  });
});
