import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { RunningTokens } from '../../src/workers/running-tokens.js';

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'barrage-tokens-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

const SOON = { timeout: 10_000 };

const fileOf = async (folder: string): Promise<string[]> =>
  (await readFile(join(folder, 'running-tokens'), 'utf8').catch(() => ''))
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.replace(/;$/, ''));

describe('the task tokens of what runs', () => {
  it('are there for the next process, from the first moment of an attempt, though nothing was closed', async () => {
    const folder = await newFolder();
    const tokens = await RunningTokens.open(folder);
    for (let count = 0; count < 300; count += 1) tokens.begin(`dG9rZW4${count}`);
    await vi.waitFor(async () => expect(await fileOf(folder)).toHaveLength(300), SOON);
    expect((await RunningTokens.open(folder)).all).toEqual(tokens.all);
  });

  it('outlive a second crash before they were used, and are gone once they were', async () => {
    const folder = await newFolder();
    (await RunningTokens.open(folder)).begin('Zmlyc3Q=');
    await vi.waitFor(async () => expect(await fileOf(folder)).toEqual(['Zmlyc3Q=']), SOON);
    const second = await RunningTokens.open(folder);
    second.begin('c2Vjb25k');
    await vi.waitFor(async () => expect(await fileOf(folder)).toContain('c2Vjb25k'), SOON);
    expect((await RunningTokens.open(folder)).all).toEqual(['Zmlyc3Q=', 'c2Vjb25k']);
    second.drop('Zmlyc3Q=');
    await vi.waitFor(async () => expect(await fileOf(folder)).toEqual(['c2Vjb25k']), SOON);
  });

  it('come into the file and leave it, while it is written anew as while it is not', async () => {
    const folder = await newFolder();
    const tokens = await RunningTokens.open(folder);
    for (let round = 0; round < 3; round += 1) {
      tokens.begin(`b3Zlcg${round}`);
      tokens.begin(`a2VwdA${round}`);
      tokens.drop(`b3Zlcg${round}`);
      for (let count = 0; (await fileOf(folder)).includes(`b3Zlcg${round}`); count += 1) {
        tokens.begin(`bWVhbnRpbWU${round}${count}`);
      }
      tokens.begin(`YWZ0ZXI${round}`);
      await vi.waitFor(async () => expect((await fileOf(folder)).toSorted()).toEqual(tokens.all.toSorted()), SOON);
    }
  });

  it('are there after all where the disk had refused them', async () => {
    const folder = await newFolder();
    const tokens = await RunningTokens.open(folder);
    await rm(folder, { recursive: true });
    tokens.begin('Zmlyc3Q=');
    await vi.waitFor(async () => expect(await readdir(folder).catch(() => 'gone')).toBe('gone'));
    await mkdir(folder);
    await vi.waitFor(async () => expect(await fileOf(folder)).toEqual(['Zmlyc3Q=']), SOON);
  });

  it('are none where a full disk kept only a part of the line', async () => {
    const folder = await newFolder();
    await writeFile(join(folder, 'running-tokens'), '\nd2hvbGU=;\ncGFyd');
    const tokens = await RunningTokens.open(folder);
    expect(tokens.all).toEqual(['d2hvbGU=']);
    tokens.begin('bmV4dA==');
    await vi.waitFor(async () => expect((await RunningTokens.open(folder)).all).toEqual(tokens.all), SOON);
  });

  it('stay for a while after the attempt has ended, for its end may not have reached Temporal', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const tokens = await RunningTokens.open(await newFolder());
    tokens.begin('b25l')();
    expect(tokens.all).toEqual(['b25l']);
    vi.advanceTimersByTime(10_000);
    expect(tokens.all).toEqual([]);
  });

  it('are none where the file is something else', async () => {
    const folder = await newFolder();
    await writeFile(join(folder, 'running-tokens'), '{"not": "ours"}\n\0\n');
    expect((await RunningTokens.open(folder)).all).toEqual([]);
  });
});
