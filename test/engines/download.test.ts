import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { downloadSource } from '../../src/engines/download-source.js';

const { signal } = new AbortController();
let folder: string;
let server: Server | undefined;

const serve = (listener: RequestListener): Promise<string> =>
  new Promise((resolve) => {
    server = createServer(listener).listen(0, '127.0.0.1', () => {
      const address = server?.address();
      resolve(`http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`);
    });
  });

/** A .tgz as publishers make them: the program two folders down. */
const archive = async (script: string): Promise<Buffer> => {
  await mkdir(join(folder, 'made', 'bin'), { recursive: true });
  await writeFile(join(folder, 'made', 'bin', 'engine'), script);
  await chmod(join(folder, 'made', 'bin', 'engine'), 0o644);
  execFileSync('tar', ['-czf', join(folder, 'made.tgz'), '-C', folder, 'made']);
  return readFile(join(folder, 'made.tgz'));
};
const download = (base: string, sha256Url?: string): Promise<void> =>
  downloadSource({
    name: 'Engine',
    version: '1.0.0',
    locate: async () => ({
      url: `${base}/engine.tgz`,
      program: 'engine',
      ...(sha256Url === undefined ? {} : { sha256Url }),
    }),
  }).fetch(join(folder, 'engine'), signal, () => undefined);

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'barrage-download-'));
});
afterEach(async () => {
  server?.closeAllConnections();
  server?.close();
  await rm(folder, { recursive: true, force: true });
});

describe('downloadSource', () => {
  it('unpacks the program, checks its SHA-256, and makes it executable', async () => {
    const body = await archive('#!/bin/sh\necho 1.0.0\n');
    const sum = createHash('sha256').update(body).digest('hex');
    const base = await serve((request, response) =>
      response.end(request.url === '/sum' ? `${sum}  engine.tgz\n` : body),
    );
    await download(base, `${base}/sum`);
    expect(execFileSync(join(folder, 'engine'), { encoding: 'utf8' })).toBe('1.0.0\n');
  });

  it('refuses an archive whose SHA-256 is another', async () => {
    const body = await archive('#!/bin/sh\n');
    const base = await serve((request, response) => response.end(request.url === '/sum' ? '00ff  engine.tgz' : body));
    await expect(download(base, `${base}/sum`)).rejects.toThrow('its SHA-256 is not the published one');
  });

  it('refuses a program that does not run on this system', async () => {
    const body = await archive('#!/bin/sh\necho "wrong libc" >&2; exit 1\n');
    const base = await serve((_request, response) => response.end(body));
    await expect(download(base)).rejects.toThrow('wrong libc');
  });

  it('gives up within five seconds where nothing answers', async () => {
    const base = await serve(() => undefined);
    const startedAt = Date.now();
    await expect(download(base)).rejects.toThrow('no answer within 5 s');
    expect(Date.now() - startedAt).toBeLessThan(8_000);
  });

  it('refuses an error page, and a file that ends before its end', async () => {
    const missing = await serve((_request, response) => response.writeHead(404).end('gone'));
    await expect(download(missing)).rejects.toThrow('status 404');
    server?.close();
    const cut = await serve((_request, response) => {
      response.writeHead(200, { 'content-length': 1_000 }).write('half');
      setTimeout(() => response.destroy(), 100);
    });
    await expect(download(cut)).rejects.toThrow(/terminated|other side closed|aborted/);
  });
});
