import { describe, expect, it } from 'vitest';
import { earlierOf } from '../../src/activities/earlier-connections.js';

const beat = {
  state: 'closing',
  workerId: 'w1',
  connectionId: 'w1.a',
  coveredUntil: 5,
  accepted: { chat: 3 },
  earlier: { events: { chat: 1, gift: 2 }, connections: 1 },
};

describe('what earlier attempts received', () => {
  it('is that of the last heartbeat’s connection and of those before it', () => {
    expect(earlierOf({ heartbeatDetails: beat })).toEqual({
      earlier: { events: { chat: 4, gift: 2 }, connections: 2 },
    });
  });

  it('leaves out the connection that this attempt has taken over', () => {
    expect(earlierOf({ heartbeatDetails: beat }, 'w1.a')).toEqual({ earlier: beat.earlier });
  });

  it('is counted once when attempts that never connected lie between', () => {
    const connecting = { state: 'connecting', workerId: 'w1', ...earlierOf({ heartbeatDetails: beat }) };
    expect(earlierOf({ heartbeatDetails: connecting })).toEqual(earlierOf({ heartbeatDetails: beat }));
  });

  it.each([undefined, null, 'text', { state: 'new' }])(
    'is nothing where there is no heartbeat that can be read: %j',
    (details) => {
      expect(earlierOf({ heartbeatDetails: details })).toEqual({});
    },
  );
});
