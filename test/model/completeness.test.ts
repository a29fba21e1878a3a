import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { completeness } from '../../src/model/completeness.js';

const at = (ms: number): Date => new Date(ms);
const END = 60;

const anySpan = fc.tuple(fc.nat(END + 20), fc.option(fc.nat(END + 20), { nil: undefined }));
const toConnection = ([from, to]: readonly [number, number | undefined]) => ({
  connectedAt: at(from),
  ...(to !== undefined && { endedAt: at(to + 3), coveredUntil: at(to) }),
});
const toGap = ([from, to]: readonly [number, number | undefined]) => ({
  from: at(from),
  ...(to !== undefined && { to: at(to) }),
});
const holds = ([from, to]: readonly [number, number | undefined], ms: number): boolean =>
  from <= ms && ms < (to ?? END);

describe('completeness', () => {
  it('is what counting millisecond by millisecond gives, however connections and gaps overlap', () =>
    fc.assert(
      fc.property(fc.array(anySpan), fc.array(anySpan), fc.nat(END), (connections, gaps, start) => {
        const session = { startedAt: at(start), endedAt: at(END) };
        const weighed = completeness(session, connections.map(toConnection), gaps.map(toGap), at(END + 5));
        let [coveredMs, gapMs, unexplainedMs] = [0, 0, 0];
        for (let ms = start; ms < END; ms += 1) {
          if (connections.some((span) => holds(span, ms))) coveredMs += 1;
          else if (gaps.some((span) => holds(span, ms))) gapMs += 1;
          else unexplainedMs += 1;
        }
        expect(weighed).toMatchObject({ totalMs: END - start, coveredMs, gapMs, unexplainedMs });
      }),
    ));

  it('counts an open connection and an open gap until now', () => {
    const open = completeness({ startedAt: at(0) }, [{ connectedAt: at(0) }], [], at(50));
    expect(open).toEqual({ totalMs: 50, coveredMs: 50, gapMs: 0, unexplainedMs: 0, percent: 100 });
    expect(completeness({ startedAt: at(0) }, [], [{ from: at(10) }], at(50))).toMatchObject({
      gapMs: 40,
      unexplainedMs: 10,
    });
  });

  it('lets what was received over another connection win over a gap', () => {
    const connections = [{ connectedAt: at(0), endedAt: at(100) }];
    expect(
      completeness({ startedAt: at(0), endedAt: at(100) }, connections, [{ from: at(20), to: at(80) }], at(200)),
    ).toMatchObject({ coveredMs: 100, gapMs: 0 });
  });

  it('leaves an empty gap out, and calls a session without length complete', () => {
    const session = { startedAt: at(0), endedAt: at(10) };
    expect(
      completeness(
        session,
        [],
        [
          { from: at(8), to: at(8) },
          { from: at(9), to: at(3) },
        ],
        at(10),
      ),
    ).toMatchObject({ gapMs: 0 });
    expect(completeness({ startedAt: at(5), endedAt: at(5) }, [], [], at(9)).percent).toBe(100);
  });

  it('begins with what is first known where the beginning was not seen', () => {
    expect(completeness({}, [{ connectedAt: at(30) }], [{ from: at(20), to: at(30) }], at(50))).toMatchObject({
      totalMs: 30,
      coveredMs: 20,
    });
    expect(completeness({}, [], [], at(50)).totalMs).toBe(0);
  });
});
