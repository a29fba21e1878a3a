import { describe, expect, it } from 'vitest';
import { openingEntries } from '../../src/activities/connection-records.js';
import { heartbeatOfKnown, knownConnections } from '../../src/activities/known-connections.js';
import type { StreamRequest } from '../../src/model/stream.js';

const SESSION = 'bilibili:1:0';
const first = { connectionId: 'w1.a', sessionId: SESSION, coveredUntil: 1_000 };
/** Of a connection that has just begun, after the first one. */
const begun = {
  state: 'streaming',
  workerId: 'w1',
  connectionId: 'w1.b',
  sessionId: SESSION,
  connectedAt: 2_000,
  coveredUntil: 2_000,
  previous: first,
};
const second = { connectionId: 'w1.b', sessionId: SESSION, coveredUntil: 2_000 };
const request: StreamRequest = {
  platform: 'bilibili',
  roomId: '1',
  session: { id: SESSION, startedAt: 0 },
  until: 'cancelled',
  exclude: [],
  offlineGraceMs: 0,
};
const record = {
  _id: 'w1.c',
  platform: 'bilibili',
  roomId: '1',
  workerId: 'w1',
  endpoint: 'a:1',
  attempt: 3,
  connectedAt: 5_000,
};

/** The holes that the third connection writes down. */
const gapsOf = (details: unknown, ...others: (typeof first)[]) =>
  openingEntries(record, request, knownConnections(details, others)).flatMap((entry) =>
    entry.type === 'gap' ? [[entry.gap._id, entry.gap.from, entry.gap.to, entry.gap.nextConnectionId]] : [],
  );

const BETWEEN = ['after:w1.a', 1_000, 2_000, 'w1.b'];
const SINCE = ['after:w1.b', 2_000, 5_000, 'w1.c'];

describe('the holes before a connection', () => {
  it('are two where the worker of the one before died before it had written anything down', () => {
    expect(gapsOf(begun)).toEqual([BETWEEN, SINCE]);
  });

  it('are the same where attempts that never connected lie between', () => {
    const connecting = { state: 'connecting', workerId: 'w1', ...heartbeatOfKnown(knownConnections(begun, [])) };
    expect(gapsOf(connecting)).toEqual([BETWEEN, SINCE]);
  });

  it('begin where the record of the one before ends, when that tells more than its heartbeat', () => {
    expect(gapsOf(begun, { ...second, coveredUntil: 3_000 })).toEqual([BETWEEN, ['after:w1.b', 3_000, 5_000, 'w1.c']]);
  });

  it('is one where nothing is known of another one before', () => {
    expect(gapsOf({ ...begun, previous: undefined })).toEqual([SINCE]);
    expect(gapsOf(undefined, first)).toEqual([['after:w1.a', 1_000, 5_000, 'w1.c']]);
  });

  it('leaves out a connection of another broadcast', () => {
    expect(gapsOf({ ...begun, previous: { ...first, sessionId: 'bilibili:1:9' } })).toEqual([SINCE]);
  });
});
