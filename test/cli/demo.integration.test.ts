import { describe, expect, it } from 'vitest';
import { BarrageRun, runBarrage } from './run-barrage.js';

const arguments_ = ['demo', '--for', '10s', '--rooms', '10', '--rate', '100', '--faults', '--json'];

describe('barrage demo', () => {
  it('finds everything that was sent in MongoDB once, field by field, though faults happened', async () => {
    const { code, stdout, stderr, lastJson } = await runBarrage(arguments_);
    const verdict = lastJson();
    expect(verdict, stderr).toMatchObject({
      lost: 0,
      duplicates: 0,
      mismatched: 0,
      invented: 0,
      shed: 0,
      unexplainedMs: 0,
      isClean: true,
      sent: expect.any(Number),
      accepted: expect.any(Number),
      gaps: expect.any(Number),
      reconnects: expect.any(Number),
      p50Ms: expect.any(Number),
      p99Ms: expect.any(Number),
    });
    expect(Number(Object(verdict).stored)).toBeGreaterThan(300);
    expect(code).toBe(0);
    expect(stdout.trimEnd().split('\n')).toHaveLength(1);
    expect(stderr).toMatch(/Temporal UI +http:\/\/127\.0\.0\.1:\d+/);
    expect(stderr).toMatch(/mongosh "mongodb:\/\/127\.0\.0\.1:\d+\/barrage"/);
    expect(stderr).toMatch(/time +rooms +events\/s/);
  }, 150_000);

  it('ends the load at Ctrl-C, and compares what there was', async () => {
    const run = new BarrageRun(['demo', '--for', '10m', '--rooms', '3', '--rate', '30', '--json']);
    await expect.poll(() => run.stderr, { timeout: 60_000 }).toMatch(/ 3\/3 /);
    run.signal('SIGINT');
    expect(await run.ended, run.stderr).toBe(0);
    expect(run.lastJson).toMatchObject({ lost: 0, duplicates: 0, mismatched: 0, isClean: true });
  }, 150_000);

  it('ends at once at the second Ctrl-C, and leaves no process behind', async () => {
    const run = new BarrageRun(['demo', '--for', '10m', '--rooms', '3', '--rate', '30']);
    await expect.poll(() => run.stdout, { timeout: 60_000 }).toMatch(/ 3\/3 /);
    const [, address = ''] = /Temporal UI +(http:\S+)/.exec(run.stdout) ?? [];
    run.signal('SIGINT');
    await expect.poll(() => run.stderr).toContain('press Ctrl-C again');
    run.signal('SIGINT');
    expect(await run.ended).toBe(130);
    await expect
      .poll(
        () =>
          fetch(address).then(
            () => 'serves',
            () => 'gone',
          ),
        { timeout: 15_000 },
      )
      .toBe('gone');
  }, 150_000);
});
