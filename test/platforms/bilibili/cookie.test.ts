import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BilibiliConfig } from '../../../src/platforms/bilibili/config.js';
import { parseCookie, readCookieFile } from '../../../src/platforms/bilibili/cookie.js';

describe('cookie', () => {
  let folder: string;
  beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'barrage-cookie-'))));
  afterEach(() => rm(folder, { recursive: true }));

  it('keeps what a login needs and sends nothing else of a browser’s export', () => {
    const cookie = parseCookie('SESSDATA=ab%2C1*c; theme=dark; bili_jct=ff; DedeUserID=42; buvid3=B3; _uuid=x');
    expect(cookie.header.reveal()).toBe('SESSDATA=ab%2C1*c; bili_jct=ff; DedeUserID=42; buvid3=B3');
    expect(cookie.uid).toBe(42);
    expect(cookie.buvid3?.reveal()).toBe('B3');
  });

  it('names no user where nobody is logged in', () => {
    expect(parseCookie('DedeUserID=42; buvid3=B3').uid).toBe(0);
  });

  it('drops a value that would break the header', () => {
    expect(parseCookie('SESSDATA=a\u0000b; bili_jct="x y"; sid=ok').header.reveal()).toBe('sid=ok');
  });

  it('reads lines, and cookies.txt of this site only', async () => {
    const file = join(folder, 'cookie');
    await writeFile(file, 'SESSDATA=abc\nDedeUserID=7\n');
    expect(readCookieFile(file).uid).toBe(7);
    const line = (domain: string, value: string) => `${domain}\tTRUE\t/\tTRUE\t1900000000\tSESSDATA\t${value}`;
    await writeFile(
      file,
      `# Netscape HTTP Cookie File\n#HttpOnly_${line('.bilibili.com', 'own')}\n${line('.evilbilibili.com', 'other')}`,
    );
    expect(readCookieFile(file).header.reveal()).toBe('SESSDATA=own');
  });

  it('says in one sentence, and without its content, why a file cannot be used', async () => {
    expect(() => readCookieFile(join(folder, 'absent'))).toThrow(/cannot be read: ENOENT/);
    const file = join(folder, 'cookie');
    await writeFile(file, 'canary-secret');
    expect(() => readCookieFile(file)).toThrow(/holds no cookie of Bilibili/);
    await writeFile(file, 'x'.repeat(70_000));
    expect(() => readCookieFile(file)).toThrow(/70000 bytes/);
  });

  it('is never shown by printing a configuration', () => {
    const config = BilibiliConfig.parse({ cookie: 'SESSDATA=canary-secret' });
    const shown = [
      JSON.stringify(config),
      inspect(config, { depth: 9, showHidden: true }),
      String(config.cookie),
    ].join();
    expect(shown).not.toContain('canary');
    expect(config.cookie?.reveal()).toContain('canary');
  });
});
