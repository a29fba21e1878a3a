import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkSpools } from '../../src/cli/doctor/spool.js';
import { loadSettings } from '../../src/cli/settings.js';

let cwd: string;
beforeEach(async () => (cwd = await mkdtemp(join(tmpdir(), 'barrage-doctor-'))));
afterEach(() => rm(cwd, { recursive: true }));

const findings = async (...set: string[]) => {
  const env = { BARRAGE_DATA: join(cwd, 'data'), TEMPORAL_CONFIG_FILE: join(cwd, 'none.toml') };
  return checkSpools(await loadSettings({ cwd, env, set }));
};

describe('the doctor', () => {
  it('looks at the disk that the spool will be on, and makes nothing', async () => {
    const folder = join(cwd, 'elsewhere', 'spool');
    const found = await findings(`spool.folder=${folder}`);
    expect(found).toContainEqual({
      name: 'disk',
      status: expect.stringMatching(/^(ok|warn)$/),
      message: expect.stringContaining(`are free on the disk of ${folder}`),
      ...(found.some(({ status }) => status === 'warn') && { remedy: expect.any(String) }),
    });
    expect(await readdir(cwd)).toEqual([]);
  });

  it('warns where the disk has less than a spool may grow to, which is twice its quota', async () => {
    const quota = 1024 ** 4;
    expect(await findings(`spool.quotaBytes=${quota}`)).toContainEqual(
      expect.objectContaining({
        name: 'disk',
        status: 'warn',
        message: expect.stringContaining('less than a spool may grow to (2048 GiB)'),
      }),
    );
  });
});
