import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { BilibiliConfig } from '../../../src/platforms/bilibili/config.js';
import { hostRule } from '../../../src/platforms/bilibili/hosts.js';

describe('hosts that an interface may name', () => {
  const own = hostRule('https://api.live.bilibili.com');

  it.each(['zj-cn-live-comet.chat.bilibili.com', 'broadcastlv.chat.bilibili.com', 'x.biliapi.net', 'bilibili.com'])(
    'takes %s from the platform itself',
    (host) => expect(own(host)).toBe(true),
  );

  it.each([
    'evil.example',
    'bilibili.com.evil.example',
    'evilbilibili.com',
    '127.0.0.1',
    'localhost',
    'user@chat.bilibili.com',
    'evil.example/.bilibili.com',
    'evil.example:1#.bilibili.com',
    '..bilibili.com',
    '',
  ])('refuses %j from the platform itself', (host) => expect(own(host)).toBe(false));

  it('takes only the simulator’s own host where the addresses are a simulator’s', () => {
    const loopback = hostRule('http://127.0.0.1:7000');
    expect(['127.0.0.1', 'localhost', '::1'].map(loopback)).toEqual([true, true, true]);
    expect(['broadcastlv.chat.bilibili.com', '10.0.0.1'].map(loopback)).toEqual([false, false]);
    const named = hostRule('http://simulator:7000');
    expect(['simulator', 'localhost'].map(named)).toEqual([true, false]);
  });
});

describe('settings', () => {
  it('refuse to reach the platform itself without encryption', () => {
    expect(BilibiliConfig.safeParse({ transport: 'ws' }).success).toBe(false);
    expect(BilibiliConfig.safeParse({ transport: 'tcp' }).success).toBe(false);
    expect(BilibiliConfig.safeParse({ socketUrl: 'ws://broadcastlv.chat.bilibili.com:2244/sub' }).success).toBe(false);
    expect(BilibiliConfig.safeParse({ liveApiUrl: 'http://api.live.bilibili.com' }).success).toBe(false);
    expect(BilibiliConfig.safeParse({ transport: 'tcp', liveApiUrl: 'http://127.0.0.1:1' }).success).toBe(true);
  });

  it('refuse a read deadline within which no heartbeat is due', () => {
    expect(BilibiliConfig.safeParse({ readDeadlineMs: 20_000 }).success).toBe(false);
  });

  it('have a help text each, and two bounds for every number', () => {
    const { properties } = z.toJSONSchema(BilibiliConfig, { io: 'input' });
    for (const [name, field] of Object.entries(properties ?? {})) {
      if (typeof field === 'boolean') throw new Error(name);
      expect(field.description, name).toBeTruthy();
      if (field.type !== 'number' && field.type !== 'integer') continue;
      expect([name, typeof field.minimum, typeof field.maximum]).toEqual([name, 'number', 'number']);
    }
    expect(Object.keys(properties ?? {}).length).toBeGreaterThan(15);
  });
});
