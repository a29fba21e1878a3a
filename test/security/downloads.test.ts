import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { request } from '../../src/engines/download.js';

const servers: Server[] = [];
afterEach(() => {
  vi.restoreAllMocks();
  for (const server of servers.splice(0)) server.close();
});

const never = new AbortController().signal;

/** Stands for publishers that answer as told, by URL; what else is asked for is noted, and fails. */
function publishers(answers: Readonly<Record<string, string>>): string[] {
  const asked: string[] = [];
  vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
    const url = input instanceof Request ? input.url : input.toString();
    asked.push(url);
    expect(init?.redirect).toBe('manual');
    const to = answers[url];
    if (to === undefined) throw new Error(`nobody is at ${url}`);
    return to === 'here' ? new Response('a program') : new Response(null, { status: 302, headers: { location: to } });
  });
  return asked;
}

describe('an engine’s download, which is run afterwards,', () => {
  it('follows its publisher from one encrypted address to another', async () => {
    const asked = publishers({
      'https://a.example/x': '/y',
      'https://a.example/y': 'https://b.example/z',
      'https://b.example/z': 'here',
    });
    expect(await (await request('https://a.example/x', never)).text()).toBe('a program');
    expect(asked).toEqual(['https://a.example/x', 'https://a.example/y', 'https://b.example/z']);
  });

  it.each([
    'http://a.example/y',
    'file:///etc/passwd',
    'ftp://a.example/',
    'data:text/plain,x',
    '//[::1',
    'javascript:1',
  ])('is not led to what anybody on the way could replace: %s', async (to) => {
    const asked = publishers({ 'https://a.example/x': to, [to]: 'here' });
    await expect(request('https://a.example/x', never)).rejects.toThrow(/sends on to/);
    expect(asked).toEqual(['https://a.example/x']);
  });

  it('is not led in a circle', async () => {
    const asked = publishers({ 'https://a.example/x': '/x' });
    await expect(request('https://a.example/x', never)).rejects.toThrow(/sends on/);
    expect(asked.length).toBeLessThan(12);
  });

  it('follows a server of a test, too, to its own kind', async () => {
    const server = createServer((asked, response) => {
      if (asked.url === '/there') response.end('a program');
      else response.writeHead(307, { location: '/there' }).end();
    });
    servers.push(server.listen(0, '127.0.0.1'));
    await new Promise((resolve) => server.once('listening', resolve));
    const answer = await request(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`, never);
    expect(await answer.text()).toBe('a program');
  });
});
