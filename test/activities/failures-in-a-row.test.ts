import { describe, expect, it } from 'vitest';
import { connectingHeartbeat } from '../../src/activities/connecting-heartbeat.js';
import { retryOf } from '../../src/activities/failure-interceptor.js';
import { failuresInARow } from '../../src/activities/failures-in-a-row.js';
import { BarrageError } from '../../src/model/errors.js';

const beat = (attempt: number, failures: number): object => ({ state: 'streaming', workerId: 'w1', attempt, failures });
const refused = new BarrageError('AUTH_REFUSED', 'No.');
const retry = (error: BarrageError | undefined, attempt: number, heartbeatDetails?: unknown) =>
  retryOf(error, { activityType: 'streamRoom', attempt, heartbeatDetails }, () => 0);

describe('failures in a row', () => {
  it.each([
    ['the first attempt follows none', 1, undefined, 0],
    ['without a connection every attempt is one', 4, undefined, 3],
    ['a worker that died with a living connection is none', 31, beat(30, 0), 0],
    ['attempts after a connection that lived are counted from it', 33, beat(30, 0), 2],
    ['those before a connection that did not live long count on', 9, beat(7, 4), 5],
    ['after a reset they begin anew', 1, beat(7, 0), 0],
    ['a heartbeat that cannot be read says nothing', 3, 'text', 2],
  ])('%s', (_, attempt, heartbeatDetails, expected) => {
    expect(failuresInARow({ attempt, heartbeatDetails })).toBe(expected);
  });
});

describe('the heartbeat of an attempt that has no connection on record', () => {
  it('counts it as failed, and passes on what came before', () => {
    const previous = { connectionId: 'w1.a', sessionId: 's', coveredUntil: 5 };
    const info = { attempt: 9, heartbeatDetails: beat(7, 4) };
    const heartbeat = connectingHeartbeat('w1', info, { previous });
    expect(heartbeat).toMatchObject({ state: 'connecting', attempt: 9, failures: 6, ...previous });
    expect(failuresInARow({ attempt: 10, heartbeatDetails: heartbeat })).toBe(6);
  });
});

describe('the retry of a stream', () => {
  it('waits longer with each failure, and is over with the tenth', () => {
    expect(retry(refused, 1)).toEqual({ nextRetryDelay: 100, nonRetryable: false });
    expect(retry(refused, 9)).toEqual({ nextRetryDelay: 25_600, nonRetryable: false });
    expect(retry(refused, 10).nonRetryable).toBe(true);
    expect(retry(undefined, 10).nonRetryable).toBe(true);
  });

  it('after thirty hand-overs is the retry of a first failure', () => {
    expect(retry(refused, 31, beat(30, 0))).toEqual({ nextRetryDelay: 100, nonRetryable: false });
  });

  it('follows a hand-over at once, however many there were', () => {
    const shutdown = new BarrageError('WORKER_SHUTDOWN', 'It ends.');
    expect(retry(shutdown, 50)).toEqual({ nextRetryDelay: 1, nonRetryable: false });
  });

  it('of a spool that is drained is never more than a second away, however long MongoDB was', () => {
    const drain = { activityType: 'drainSpool', attempt: 40, heartbeatDetails: undefined };
    expect(retryOf(new BarrageError('STORE_UNAVAILABLE', 'It is away.'), drain, () => 0)).toEqual({
      nextRetryDelay: 1_000,
      nonRetryable: false,
    });
  });

  it('keeps to what the platform asks for', () => {
    const blocked = new BarrageError('RISK_CONTROL', 'Later.', {}, 7_000);
    expect(retry(blocked, 2).nextRetryDelay).toBe(7_000);
  });
});
