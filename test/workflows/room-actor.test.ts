import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { emptyCounts } from '../../src/model/connection.js';
import { RoomOrder } from '../../src/model/room.js';
import type { StreamReport } from '../../src/model/stream.js';
import { RoomActor, type RoomLook } from '../../src/workflows/room-actor.js';
import { RoomActorState } from '../../src/model/room-state.js';

const NOW = 1_795_000_000_000;
const live: RoomLook = { isLive: true, liveStartedAt: NOW - 3_600_000, ownerId: '1', title: '标题' };
const offline: RoomLook = { isLive: false };

const actorOf = (order: object = {}): RoomActor =>
  RoomActor.create(RoomOrder.parse({ room: 'bilibili:1', ...order }), { platform: 'bilibili', roomId: '1' });

const reportOf = (end: StreamReport['end'], liveEndedAt?: number): StreamReport => ({
  end,
  detail: 'said so',
  connection: {
    connectionId: 'w1.c1',
    workerId: 'w1',
    endpoint: 'h:1',
    connectedAt: NOW,
    coveredUntil: NOW + 5,
    endedAt: NOW + 9,
    counts: { ...emptyCounts(), accepted: { chat: 3 } },
  },
  ...(liveEndedAt !== undefined && { liveEndedAt }),
});

describe('a room actor', () => {
  it('looks, streams, and streams again after a loss, with the hole told to the next connection', () => {
    const actor = actorOf();
    expect(actor.next().do).toBe('look');
    actor.looked(live, NOW);
    expect(actor.next()).toMatchObject({ do: 'stream', request: { session: { startedAt: NOW - 3_600_000 } } });
    actor.streamed(reportOf('lost'));
    expect(actor.next()).toMatchObject({
      do: 'stream',
      request: { previous: { connectionId: 'w1.c1', coveredUntil: NOW + 5 } },
    });
    expect(actor.state).toMatchObject({ events: 3, connections: 1, lastError: 'said so' });
  });

  it('closes its session and ends when the broadcast does, if it was wanted until then', () => {
    const actor = actorOf({ until: 'offline' });
    actor.looked(live, NOW);
    actor.streamed(reportOf('offline', NOW + 7));
    expect(actor.next()).toMatchObject({ do: 'close-session', closing: { end: 'offline', endedAt: NOW + 7 } });
    actor.closed();
    expect(actor.next().do).toBe('end');
  });

  it('waits for the next broadcast if it was wanted until cancelled, and stops waiting when that changes', () => {
    const actor = actorOf();
    actor.looked(offline, NOW);
    const step = actor.next();
    expect(step.do).toBe('await-live');
    expect(actor.interruption(step)).toBeUndefined();
    actor.configure({ until: 'offline' });
    expect(actor.interruption(step)).toBe('cancelled');
    expect(actor.next().do).toBe('end');
  });

  it('suspends after ten failed attempts, twice as long each time up to an hour, and looks again before it tries', () => {
    const actor = actorOf();
    const waits: number[] = [];
    for (let count = 0; count < 8; count += 1) {
      actor.looked(live, NOW);
      actor.attemptFailed('CONNECT_FAILED', 'no');
      const step = actor.next();
      waits.push(step.do === 'cool-down' ? step.ms / 60_000 : -1);
      actor.cooled();
      expect(actor.next().do).toBe('look');
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
    actor.looked(live, NOW);
    actor.streamed(reportOf('lost'));
    actor.attemptFailed('CONNECT_FAILED', 'no');
    expect(actor.next()).toMatchObject({ do: 'cool-down', ms: 60_000 });
  });

  it('does not suspend a room that was only handed over', () => {
    const actor = actorOf();
    actor.looked(live, NOW);
    actor.attemptFailed('WORKER_SHUTDOWN', 'bye');
    expect(actor.next().do).toBe('stream');
  });

  it('fails for good, after closing its session, when the platform refuses it', () => {
    const actor = actorOf();
    actor.looked(live, NOW);
    actor.attemptFailed('ROOM_LOCKED', 'locked');
    expect(actor.next()).toMatchObject({ do: 'close-session', closing: { end: 'failed' } });
    actor.closed();
    expect(actor.next()).toEqual({ do: 'fail', code: 'ROOM_LOCKED', message: 'locked' });
  });

  it('begins a new session when the streamer began anew while nobody was connected', () => {
    const actor = actorOf();
    actor.looked(live, NOW);
    actor.attemptFailed('CONNECT_FAILED', 'no');
    actor.cooled();
    actor.looked({ ...live, liveStartedAt: NOW + 60_000 }, NOW + 90_000);
    expect(actor.next()).toMatchObject({ do: 'close-session' });
    actor.closed();
    expect(actor.next()).toMatchObject({ do: 'stream', request: { session: { startedAt: NOW + 60_000 } } });
  });

  it('is not retired by discovery when a person started it', () => {
    const actor = actorOf();
    actor.looked(live, NOW);
    actor.retire('fell', NOW);
    expect(actor.next().do).toBe('stream');
  });
});

/** Anything that can happen to an actor, in any order. */
const input = fc.oneof(
  fc.record({ at: fc.constant('looked' as const), isLive: fc.boolean(), startedAt: fc.integer({ min: 0, max: 5 }) }),
  fc.record({
    at: fc.constant('streamed' as const),
    end: fc.constantFrom('lost', 'offline', 'paused', 'reconnect', 'cancelled'),
  }),
  fc.record({ at: fc.constant('failed' as const), code: fc.constantFrom('CONNECT_FAILED', 'TIMEOUT', 'ROOM_LOCKED') }),
  fc.record({
    at: fc.constantFrom('pause', 'resume', 'retire', 'reconnect', 'cooled', 'closed', 'interrupted', 'until'),
  }),
);

describe('whatever happens to a room actor', () => {
  const apply = (actor: RoomActor, what: Record<string, unknown>): void => {
    const step = actor.next();
    switch (what['at']) {
      case 'looked':
        if (step.do === 'look' || step.do === 'await-live') {
          actor.looked(
            { isLive: what['isLive'] === true, liveStartedAt: NOW + Number(what['startedAt']) * 1_000 },
            NOW,
          );
        }
        return;
      case 'streamed':
        if (step.do === 'stream') actor.streamed(reportOf(what['end'] as StreamReport['end']));
        return;
      case 'failed':
        if (step.do === 'stream') actor.attemptFailed(String(what['code']), 'no');
        return;
      case 'pause':
        return actor.pause('test');
      case 'resume':
        return actor.resume();
      case 'retire':
        return actor.retire('test', NOW);
      case 'reconnect':
        return actor.reconnect('test');
      case 'cooled':
        if (step.do === 'cool-down') actor.cooled();
        return;
      case 'closed':
        if (step.do === 'close-session') actor.closed();
        return;
      case 'interrupted':
        if (step.do === 'stream' && actor.interruption(step) !== undefined) actor.interrupted();
        return;
      default:
        return actor.configure({ until: 'offline' });
    }
  };

  it('has a next step, and survives being carried over as JSON', () => {
    fc.assert(
      fc.property(fc.array(input, { maxLength: 40 }), (inputs) => {
        let actor = actorOf({ startedBy: 'discovery' });
        for (const one of inputs) {
          apply(actor, one);
          const carried = RoomActorState.parse(JSON.parse(JSON.stringify(actor.state)));
          expect(new RoomActor(structuredClone(carried)).next().do).toBe(
            new RoomActor(structuredClone(actor.state)).next().do,
          );
          actor = new RoomActor(carried);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('ends within a few steps once it is retired', () => {
    fc.assert(
      fc.property(fc.array(input, { maxLength: 40 }), (inputs) => {
        const actor = actorOf({ startedBy: 'discovery' });
        for (const one of inputs) apply(actor, one);
        actor.retire('test', NOW);
        for (let count = 0; count < 4; count += 1) {
          const step = actor.next();
          if (step.do === 'close-session') actor.closed();
          else if (step.do === 'stream') actor.streamed(reportOf('cancelled'));
        }
        expect(['end', 'fail']).toContain(actor.next().do);
        expect(actor.state.session).toBeUndefined();
      }),
      { numRuns: 2_000 },
    );
  });
});
