import { describe, expect, it } from 'vitest';
import { Secret } from '../../../src/model/secret.js';
import { silentLog } from '../../../src/model/log.js';
import { BilibiliConfig } from '../../../src/platforms/bilibili/config.js';
import { RoomEndpoints } from '../../../src/platforms/bilibili/endpoints.js';
import { endpointOf } from '../../../src/platforms/socket.js';
import { ManualClock } from '../manual-clock.js';
import { never } from '../loopback-bilibili.js';

/** What `getDanmuInfo` says, for the platform's own address; nothing is dialled. */
function endpointsFor(hosts: string[]) {
  const identity = { keys: { mixin: 'x' }, buvid: new Secret('b'), cookie: new Secret('c') };
  const host_list = hosts.map((host) => ({ host, port: 2243, ws_port: 2244, wss_port: 2245 }));
  const api = { danmuInfo: async () => ({ data: { token: 't', host_list }, identity }) };
  return new RoomEndpoints(BilibiliConfig.parse({}), api, never, new ManualClock(), silentLog);
}

describe('endpoints of the platform itself', () => {
  it('are the named hosts over wss, repeated ones once, and the one that is in every list', async () => {
    const hosts = [
      'zj-cn-live-comet.chat.bilibili.com',
      'zj-cn-live-comet.chat.bilibili.com',
      'broadcastlv.chat.bilibili.com',
    ];
    const { targets } = await endpointsFor(hosts).get('1', never);
    expect(targets.map(endpointOf)).toEqual([
      'zj-cn-live-comet.chat.bilibili.com:2245',
      'broadcastlv.chat.bilibili.com:2245',
      'broadcastlv.chat.bilibili.com:443',
    ]);
    expect(new Set(targets.map(({ transport, path }) => `${transport} ${path}`))).toEqual(new Set(['wss /sub']));
  });

  it('are never a foreign host, nor an address', async () => {
    const foreign = ['evil.example', '127.0.0.1', 'broadcastlv.chat.bilibili.com.evil.example'];
    await expect(endpointsFor(foreign).get('1', never)).rejects.toMatchObject({ code: 'HOST_REFUSED' });
    const { targets } = await endpointsFor([...foreign, 'a.chat.bilibili.com']).get('1', never);
    expect(targets.every(({ host }) => host.endsWith('.chat.bilibili.com'))).toBe(true);
  });

  it('fall back on the one that is in every list where none is named', async () => {
    expect((await endpointsFor([]).get('1', never)).targets.map(endpointOf)).toEqual([
      'broadcastlv.chat.bilibili.com:443',
    ]);
  });
});
