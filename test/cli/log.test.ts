import { describe, expect, it } from 'vitest';
import { openLog } from '../../src/cli/log.js';
import { loadSettings } from '../../src/cli/settings.js';

/** What is written when everything secret is put into a line, in every way that comes to mind. */
async function lines(
  env: NodeJS.ProcessEnv,
  isVerbose = false,
): Promise<{ text: string; write: (facts: object, message: string) => void; debug: () => void }> {
  const written = { text: '' };
  const settings = await loadSettings({ env: { TEMPORAL_CONFIG_FILE: '/no-such-file', ...env }, cwd: '/' });
  const { log } = openLog(settings, isVerbose, { write: (line) => void (written.text += line) });
  return Object.assign(written, { write: log.info.bind(log), debug: () => log.debug({}, 'detail') });
}

describe('the log', () => {
  it('is one line of JSON an occurrence, with time and level', async () => {
    const log = await lines({});
    log.write({ room: 'bilibili:1' }, 'connected');
    expect(JSON.parse(log.text)).toMatchObject({ level: 'info', room: 'bilibili:1', msg: 'connected' });
    expect(log.text).toMatch(/^[^\n]+"time":"\d{4}-\d\d-\d\dT[^"]+Z"[^\n]+\n$/);
  });

  it('keeps to the level that is set; --verbose shows all', async () => {
    const warn = await lines({ BARRAGE_LOG_LEVEL: 'warn' });
    warn.write({}, 'unheard');
    expect(warn.text).toBe('');
    const verbose = await lines({ BARRAGE_LOG_LEVEL: 'warn' }, true);
    verbose.debug();
    expect(verbose.text).toContain('detail');
  });

  it('holds no secret, wherever it was put', async () => {
    const log = await lines({
      BARRAGE_PLATFORMS_BILIBILI_COOKIE: 'SESSDATA=canary-a%2C1; bili_jct=canary-b',
      MONGODB_URI: 'mongodb://me:canary-c@h/',
      TEMPORAL_API_KEY: 'canary-d',
    });
    log.write(
      { cookie: 'canary-e', request: { headers: { authorization: 'canary-f' }, token: 'canary-g' } },
      'by name',
    );
    log.write({ text: 'canary-a%2C1 canary-a,1 canary-b canary-c canary-d' }, 'canary-b by its own text');
    log.write(
      { err: new Error('GET https://h/?w_rid=canary-h&x=1 failed for mongodb://u:canary-i@h/') },
      'in an error',
    );
    expect(log.text).toContain('[secret]');
    expect(log.text).not.toContain('canary');
  });
});
