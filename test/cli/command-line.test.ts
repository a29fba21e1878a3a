import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { allCommands } from './command-tree.js';
import { runBarrage } from './run-barrage.js';

/** Nobody listens there. */
const NOWHERE = '127.0.0.1:1';

describe('the command line', () => {
  it('explains every command with --help, and exits with 0', async () => {
    const runs = allCommands().map(async ([path]) => ({ path, ...(await runBarrage([...path, '--help'])) }));
    for (const { path, code, stdout, stderr } of await Promise.all(runs)) {
      expect({ path, code, stderr }).toEqual({ path, code: 0, stderr: '' });
      expect(stdout).toContain('Usage: barrage');
    }
  });

  it('prints its version', async () => {
    expect((await runBarrage(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it.each([
    [['worke'], 'There is no command "worke"; did you mean worker?'],
    [['zzz'], 'There is no command "zzz".'],
    [['worker', '--conections', '5'], 'There is no option --conections; did you mean --connections?'],
    [['worker', '--connections'], "Option '--connections <number>' argument missing."],
    [['worker', 'extra'], "Too many arguments for 'worker'. Expected 0 arguments but got 1."],
    [
      ['worker', '--connections', '0'],
      'worker.connections is 0 (from --connections); it must be a whole number from 1 to 10000.',
    ],
    [['up', '--workers', 'two'], '--workers: a whole number from 1 to 16 is wanted.'],
    [['up', '--rate', '5'], '--simulate: is wanted for --rate and --faults: they are about the simulated platform.'],
    [['schema', '--write', '--check'], '--check: give --write or --check, not both.'],
    [['config', '--config', 'missing.json'], 'The configuration file missing.json does not exist.'],
    [['config', '--set', 'log.level=loud'], 'log.level is "loud" (from --set); it must be debug, info, warn or error.'],
  ])('refuses `barrage %s` in one line, with exit code 2', async (args, sentence) => {
    const { code, stdout, stderr } = await runBarrage(args);
    expect(stderr).toMatch(/^barrage: [^\n]+\n$/);
    expect(stderr).toContain(`barrage: ${sentence} `);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });

  it('tells a failure with --json as one JSON object, the last line of stdout', async () => {
    const usage = await runBarrage(['worker', '--json', '--oops']);
    expect(usage).toMatchObject({ code: 2, stderr: '' });
    expect(usage.lastJson()).toEqual({
      error: { code: 'BAD_USAGE', message: 'There is no option --oops.', help: expect.any(String) },
    });
    const setting = await runBarrage(['config', '--json'], { BARRAGE_NONSENSE: '1' });
    expect(setting.lastJson()).toMatchObject({ error: { code: 'BAD_CONFIG' } });
  });

  it('exits with 3 when Temporal does not answer, says where it was looked for, and shows a stack only with --verbose', async () => {
    const env = { TEMPORAL_ADDRESS: NOWHERE };
    const [short, long] = await Promise.all([runBarrage(['worker'], env), runBarrage(['worker', '--verbose'], env)]);
    expect(short.code).toBe(3);
    expect(short.stderr).toContain(`Temporal does not answer at ${NOWHERE}`);
    expect(short.stderr).not.toContain('    at ');
    expect(long.stderr).toContain('    at ');
  });

  it('shows no colours where stdout is no terminal', async () => {
    expect((await runBarrage(['config', '--all'])).stdout).not.toContain('\u001b');
  });
});

describe('barrage config', () => {
  it('prints each value with where it came from, and no secret', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'barrage-config-'));
    try {
      await writeFile(join(folder, 'c.json'), '{"worker": {"connections": 7}}');
      const env = { MONGODB_URI: 'mongodb://me:canary@h/', BARRAGE_PLATFORMS_BILIBILI_COOKIE: 'SESSDATA=canary' };
      const args = ['config', '--config', join(folder, 'c.json'), '--set', 'log.level=warn', '--data', folder];
      const { code, stdout } = await runBarrage([...args, '--json'], env);
      expect(code).toBe(0);
      expect(JSON.parse(stdout)).toEqual({
        dataDir: folder,
        settings: [
          { key: 'store.uri', value: 'mongodb://[secret]@h/', origin: { kind: 'environment', name: 'MONGODB_URI' } },
          { key: 'worker.connections', value: 7, origin: { kind: 'file', name: join(folder, 'c.json') } },
          {
            key: 'platforms.bilibili.cookie',
            value: '[secret]',
            origin: { kind: 'environment', name: 'BARRAGE_PLATFORMS_BILIBILI_COOKIE' },
          },
          { key: 'log.level', value: 'warn', origin: { kind: 'flag', name: '--set' } },
        ],
      });
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('barrage schema', () => {
  it('prints the schema, and finds the published one up to date', async () => {
    const { stdout } = await runBarrage(['schema']);
    expect(JSON.parse(stdout)).toMatchObject({ $id: 'urn:barrage:event' });
    expect(await runBarrage(['schema', '--check'])).toMatchObject({ code: 0 });
  });
});

describe('barrage doctor', () => {
  const away = {
    TEMPORAL_ADDRESS: NOWHERE,
    MONGODB_URI: `mongodb://me:canary@${NOWHERE}/`,
    BARRAGE_STORE_SERVER_SELECTION_TIMEOUT_MS: '200',
    BARRAGE_PLATFORMS_BILIBILI_LIVE_API_URL: `http://${NOWHERE}`,
    BARRAGE_PLATFORMS_BILIBILI_TRANSPORT: 'ws',
  };

  it('says of everything that is away what to do about it, and exits with 1', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'barrage-doctor-'));
    const { code, stdout, stderr, lastJson } = await runBarrage(['doctor', '--json', '--data', folder], away);
    await rm(folder, { recursive: true });
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(stdout).not.toContain('canary');
    const find = (name: string, status: string) =>
      expect.objectContaining({ name, status, remedy: expect.any(String) });
    expect(lastJson()).toMatchObject({
      ok: false,
      findings: expect.arrayContaining([
        expect.objectContaining({ name: 'versions', status: 'ok' }),
        find('temporal', 'fail'),
        find('mongodb', 'fail'),
        expect.objectContaining({ name: 'spool', status: 'ok' }),
        expect.objectContaining({ name: `clock (${NOWHERE})`, status: 'skipped' }),
      ]),
    });
  });

  it('tells of a configuration that is wrong as a finding', async () => {
    const { code, stdout } = await runBarrage(['doctor'], { BARRAGE_WORKER_CONNECTIONS: '0' });
    expect(code).toBe(1);
    expect(stdout).toContain('worker.connections is 0 (from BARRAGE_WORKER_CONNECTIONS)');
  });
});
