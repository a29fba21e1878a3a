import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { CANCEL, DrivenRoom, type Input, ORDERS, OUTCOMES, SINGLE_ORDERS } from './random-actor-driver.js';
import { after, type Reached, reachable, worstWay } from './random-actor-states.js';

const isLong = process.env['BARRAGE_LONG'] === '1';
const seed = Number(process.env['BARRAGE_SEED'] ?? Date.now() % 1_000_000_000);

/** An input as fast-check's commands take it: skipped where it cannot happen. */
class Happens implements fc.Command<object, DrivenRoom> {
  constructor(readonly input: Input) {}
  check = (): boolean => true;
  run(_: object, room: DrivenRoom): void {
    if (this.input.isPossible(room)) this.input.apply(room);
  }
  toString = (): string => this.input.name;
}

const commandsOf = (inputs: readonly Input[]): fc.Arbitrary<Happens> =>
  fc.constantFrom(...inputs).map((input) => new Happens(input));

const order = fc.record({
  until: fc.constantFrom('offline' as const, 'cancelled' as const),
  startedBy: fc.constantFrom('person' as const, 'discovery' as const),
});

/** Two thirds of what happens are outcomes: a life of signals alone goes nowhere. */
const lives = fc.commands([commandsOf(OUTCOMES), commandsOf(OUTCOMES), commandsOf(ORDERS)], {
  maxCommands: 60,
  size: 'max',
});

const named = (...names: string[]): Input[] =>
  names.flatMap((wanted) => [...ORDERS, ...OUTCOMES].filter(({ name }) => name === wanted));

describe('a room actor of which anything is asked in any order', () => {
  it('keeps its promises all its life, and when it is cancelled', () => {
    fc.assert(
      fc.property(order, lives, (wanted, commands) => {
        const room = new DrivenRoom(wanted);
        fc.modelRun(() => ({ model: {}, real: room }), commands);
        if (CANCEL.isPossible(room)) CANCEL.apply(room);
        expect(room.over).toBeDefined();
      }),
      { numRuns: isLong ? 100_000 : 5_000, seed },
    );
  });
});

describe('every state of a room actor that can be reached', () => {
  let states: Reached[] = [];

  /** Where `isPromised` does not hold, and the shortest way there. */
  const broken = (isPromised: (at: Reached) => boolean): string[] =>
    states
      .filter((at) => at.room.over === undefined && !isPromised(at))
      .map(({ room, path }) => `${room.abstract} after ${path.join(', ')}`)
      .slice(0, 3);

  beforeAll(() => {
    const starts = [new DrivenRoom(), new DrivenRoom({ startedBy: 'discovery' })];
    const orders = isLong ? ORDERS : [...SINGLE_ORDERS, ...named('pause + resume', 'resume + pause')];
    states = [...reachable(starts, [...orders, ...OUTCOMES], 100_000).values()];
    expect(states.length).toBeGreaterThan(500);
  });

  it('ends when it is cancelled, with every session closed once', () => {
    expect(broken((at) => after(at, CANCEL).room.over === 'cancelled')).toEqual([]);
  });

  it('is left by some input', () => {
    const inputs = [...SINGLE_ORDERS, ...OUTCOMES];
    const isLeft = (at: Reached): boolean =>
      inputs.some((input) => input.isPossible(at.room) && after(at, input).room.abstract !== at.room.abstract);
    expect(broken(isLeft)).toEqual([]);
  });

  it('ends within four steps when discovery retires it, whatever comes of each', () => {
    const [ofDiscovery, retire] = named('of discovery', 'retire');
    if (ofDiscovery === undefined || retire === undefined) throw new Error('two inputs are missing');
    const isOver = (room: DrivenRoom): boolean => room.over !== undefined;
    const ends = (at: Reached): boolean => worstWay(after(after(at, ofDiscovery), retire), OUTCOMES, isOver) <= 4;
    expect(broken(ends)).toEqual([]);
  });

  it('leads to a stream, to a wait or to the end within four steps of "resume", when the platform answers', () => {
    const [resume] = named('resume');
    if (resume === undefined) throw new Error('an input is missing');
    const answers = named(
      'look: same',
      'look: offline',
      'cool-down: over',
      'close-session: written',
      'stream: lost, connected, false',
    );
    const isWell = ({ over, step, isHungUp }: DrivenRoom): boolean =>
      over !== undefined || step.do === 'await-live' || (step.do === 'stream' && !isHungUp);
    expect(broken((at) => worstWay(after(at, resume), answers, isWell) <= 4)).toEqual([]);
  });

  it('is left by time alone when its circuit is open', () => {
    const [over] = named('cool-down: over');
    if (over === undefined) throw new Error('an input is missing');
    const isLeft = (at: Reached): boolean => !over.isPossible(at.room) || after(at, over).room.step.do === 'look';
    expect(broken(isLeft)).toEqual([]);
  });
});
