import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ListOptions, queryOf } from '../../src/cli/room/list.js';
import { namedRoom } from '../../src/cli/room/room-argument.js';
import { parseLimit, parseRoomKey } from '../../src/store/asking.js';
import { parseDaily } from '../../src/store/collections.js';
import { gapUpsert, sessionUpsert } from '../../src/store/documents.js';
import { roomPieces, roomUpsert } from '../../src/store/room-pieces.js';
import { statementsOf } from '../../src/store/update-command.js';
import { hostileText } from './hostile-text.js';

/** What means something to MongoDB, to Temporal's list filters, or to JavaScript's objects. */
const MEANINGFUL = [
  ...['$where', '{"$gt":""}', '$title', '$$ROOT', 'a.b', '__proto__', 'constructor', 'bilibili:$ne', "' OR '1'='1"],
  ...[
    "bilibili' OR Platform != '",
    '"; db.dropDatabase(); "',
    'bilibili:1\u0000',
    'bilibili:1\n',
    '/.*/',
    'bilibili:01',
  ],
];
const text = fc.oneof(
  fc.constantFrom(...MEANINGFUL),
  hostileText,
  fc.constantFrom('bilibili:', 'bilibili:1').chain((head) => hostileText.map((tail) => head + tail)),
);
/** Anything that JSON could bring in the place of a text. */
const anything = fc.oneof(
  text,
  fc.anything({ withNullPrototype: true }),
  fc.dictionary(fc.constantFrom('$gt', '$ne', '$where', '$regex', 'length'), fc.string()),
);

/** What a call gives; undefined where it refuses. */
function given<T>(call: () => T): T | undefined {
  try {
    return call();
  } catch (error) {
    expect(error).toBeInstanceOf(Error);
    return undefined;
  }
}

describe('a filter of MongoDB', () => {
  it('is made of two texts, whatever stands for a room: no operator, no expression', () => {
    fc.assert(
      fc.property(anything, (value) => {
        const filter = given(() => parseRoomKey(value as string));
        if (filter === undefined) return;
        expect(Object.keys(filter)).toEqual(['platform', 'roomId']);
        expect(Object.values(filter).map((part) => typeof part)).toEqual(['string', 'string']);
        expect(filter.platform).toMatch(/^[a-z][a-z0-9]+$/);
      }),
      { numRuns: 1_000 },
    );
  });

  it('has a limit that is a number, and a collection that is one of ours', () => {
    fc.assert(
      fc.property(anything, (value) => {
        const limit = given(() => parseLimit(value as number, 100));
        expect(limit === undefined || (Number.isInteger(limit) && limit >= 1 && limit <= 100)).toBe(true);
        const daily = typeof value === 'string' ? parseDaily(`events_${value}`) : undefined;
        expect(daily === undefined || /^\d{8}$/.test(daily.day)).toBe(true);
      }),
    );
  });
});

describe('an update of MongoDB', () => {
  it('has the operators and the fields that it would have without hostile words in it: they are values, and stay as they are', () => {
    const shapeOf = (update: object): unknown =>
      Object.entries(update).map(([operator, fields]) => [operator, Object.keys(fields as object)]);
    const own = { platform: 'bilibili', roomId: '1' };
    const make = (word: string) =>
      statementsOf([
        roomUpsert(
          roomPieces({
            ...own,
            _id: 'bilibili:1',
            title: word,
            ownerName: word,
            state: word,
            lastConnection: { connectionId: word, coveredUntil: 1 },
            seenAt: 1,
          }),
        ),
        sessionUpsert({ ...own, _id: 'bilibili:1:1', startedAt: 1, openedAt: 1, endedAt: 1, title: word }),
        gapUpsert({ _id: word, platform: 'bilibili', roomId: word, from: 1, to: 2, nextConnectionId: word }),
      ]).updates;
    const shapes = make('harmless').map(({ u }) => shapeOf(u));
    const filters = make('harmless').map(({ q: { _id, ...where } }) => where);
    fc.assert(
      fc.property(text, (word) => {
        const made = make(word);
        expect(made.some(({ u }) => Array.isArray(u))).toBe(false); // a list would be expressions
        expect(made.map(({ u }) => shapeOf(u))).toEqual(shapes);
        expect(made.map(({ q: { _id, ...where } }) => where)).toEqual(filters);
        expect([made[1]?.['u']['$set'], made[2]?.['u']['$set']]).toMatchObject([{ ownerName: word }, { title: word }]);
      }),
    );
  });
});

describe('a list filter of Temporal', () => {
  it('holds no word of a person: a state that is none is refused', () => {
    fc.assert(
      fc.property(anything, (state) => {
        const parsed = ListOptions.safeParse({ state, limit: '10' });
        if (parsed.success) expect(queryOf(parsed.data)).toMatch(/^[A-Za-z' =]+$/);
        else expect(state).not.toBe('streaming');
      }),
    );
  });
});

describe('a room as a person names it', () => {
  it('is a number on a platform that is known, whatever else is typed', () => {
    fc.assert(
      fc.property(text, (word) => {
        const room = given(() => namedRoom(word));
        if (room === undefined) return;
        expect(room.key).toMatch(/^bilibili:\d{1,15}$/);
        expect(room.workflowId).toBe(`room:${room.key}`);
      }),
      { numRuns: 1_000 },
    );
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});
