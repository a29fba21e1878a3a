import { setTimeout as sleep } from 'node:timers/promises';
import type { Report } from '../engines/engine.js';
import { between, type Draw, drawFrom, mixSeed } from '../simulator/random.js';
import { type Comparison, compare } from './compare.js';
import type { Drill, DrillRun, InjectedFault } from './drill.js';
import { settle } from './settle.js';
import { DrillSystem, type SystemPlan } from './system.js';

export interface DrillOptions {
  seed: number;
  /** Absent: what the drill itself says. */
  faults?: number | undefined;
  rooms?: number | undefined;
  rate?: number | undefined;
  /** Keeps the folder of a drill that is not ok: data, spools and logs. */
  keep?: boolean | undefined;
  env: NodeJS.ProcessEnv;
  report: Report;
  /** Ends the drill; everything is stopped before it rejects. */
  signal: AbortSignal;
}

/** What machines are told of one drill. */
export interface DrillResult {
  name: string;
  ok: boolean;
  seed: number;
  faults: number;
  sent: number;
  accepted: number;
  shed: number;
  undecodable: number;
  stored: number;
  lost: number;
  duplicated: number;
  mismatched: number;
  /** Time without a connection that no gap tells of, and time in gaps in which that very connection delivered; in ms, all rooms together. */
  unrecordedGapMs: number;
  falseGapMs: number;
  recordedGapMs: number;
  trueGapMs: number;
  /** By how much the worst gap is longer than the platform was without a connection. */
  longestBeyondMs: number;
  /** What was sent and not stored, in recorded gaps, in frames that were cut, and while a reader was closing in good order. */
  excused: { inGaps: number; inCutFrames: number; atClose: number };
  worstRecoveryMs: number;
  /** In words; none where it is ok. */
  complaints: string[];
}

const DEFAULT_PLAN = { rooms: 30, rate: 300, workers: 1, settings: {}, simulator: {}, proxied: false };
/** Until all rooms are connected at first, on a machine that does other things, too. */
const WHOLE_WITHIN_MS = { atAll: 60_000, aRoom: 500 };
/** A load that is undisturbed, before the first fault and after the last. */
const CALM_MS = 2_000;
const SHORTEST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 3_000;

/** Runs one drill on a system of its own: load, faults at moments from the seed, silence, comparison. Rejects where the drill itself could not be run. */
export async function runDrill(drill: Drill, options: DrillOptions): Promise<DrillResult> {
  const { seed, rooms, rate, env, report, signal } = options;
  const plan: SystemPlan = { ...DEFAULT_PLAN, ...drill.plan, seed };
  if (rooms !== undefined) plan.rooms = rooms;
  if (rate !== undefined) plan.rate = rate;
  const quietly = (): void => undefined;
  const system = await DrillSystem.start(plan, env, quietly, signal);
  let run: DrillRun | undefined;
  let isOk = false;
  try {
    run = await drill.begin(system);
    for (let count = 0; count < plan.workers; count += 1) await system.startWorker();
    await system.startRooms();
    const wholeWithinMs = WHOLE_WITHIN_MS.atAll + plan.rooms * WHOLE_WITHIN_MS.aRoom;
    if (!(await system.until(() => system.isWhole(), wholeWithinMs))) throw new Error('the rooms never connected');
    report(`${drill.name}: ${plan.rooms} rooms connected, ${plan.rate} messages a second, seed ${seed}`);
    const from = Date.now();
    await sleep(CALM_MS, undefined, { signal });
    const faults = await injectAll(drill, run, system, options);
    await run.restore?.();
    await sleep(CALM_MS, undefined, { signal });
    const to = Date.now();
    const complaints = await settle(system);
    const compared = await compare(system, to);
    const note = (text: string): void => report(`${drill.name}: ${text}`);
    const outcome = { system, ...compared, faults, load: { from, to }, note };
    complaints.push(...complaintsOf(compared, faults, drill.sheds), ...((await run.verify?.(outcome)) ?? []));
    isOk = complaints.length === 0;
    return resultOf(drill.name, seed, faults, compared, complaints);
  } finally {
    const isKept = options.keep === true && !isOk;
    if (isKept) report(`${drill.name}: its data and logs are in ${system.folder}`);
    await system.stopWorkers();
    await run?.dispose?.();
    await system.stop(isKept);
  }
}

async function injectAll(
  drill: Drill,
  run: DrillRun,
  system: DrillSystem,
  { seed, faults = drill.faults, report, signal }: DrillOptions,
): Promise<InjectedFault[]> {
  const draw: Draw = drawFrom(mixSeed(seed, 0xd211));
  const injected: InjectedFault[] = [];
  for (let count = 1; count <= faults; count += 1) {
    await sleep(between(draw, SHORTEST_PAUSE_MS, drill.pauseMs ?? LONGEST_PAUSE_MS), undefined, { signal });
    const at = Date.now();
    const { since, isOver = () => Promise.resolve(system.isWhole()) } = await run.inject(draw);
    const isRecovered = await system.until(isOver, drill.recoverWithinMs);
    const recoveredAt = Date.now();
    injected.push({ at, since, ...(isRecovered && { recoveredAt }) });
    report(
      `${drill.name}: fault ${count} of ${faults}, ${isRecovered ? `over after ${recoveredAt - since} ms` : 'not over'}`,
    );
    signal.throwIfAborted();
  }
  return injected;
}

/** What is not as promised, in words. */
export function complaintsOf(
  { reconciliation, gaps, unexplainedMs, records }: Comparison,
  faults: InjectedFault[],
  mayShed = false,
): string[] {
  const { lost, duplicates, mismatched, invented, accepted, shed, undecodable, hostile, examples } = reconciliation;
  const complaints: string[] = [];
  const expectNone = (count: number, what: string): void => void (count > 0 && complaints.push(`${count} ${what}`));
  expectNone(lost, 'events were lost');
  expectNone(duplicates, 'were stored twice');
  expectNone(mismatched, 'have a wrong field');
  expectNone(invented, 'were never sent');
  expectNone(gaps.unrecordedMs, 'ms without a connection are in no gap');
  expectNone(gaps.falseMs, 'ms of gaps are not true');
  if (!mayShed) expectNone(shed, 'were shed, though the spool had room');
  if (undecodable < hostile) complaints.push(`${hostile} harmful messages came, and ${undecodable} are counted`);
  expectNone(unexplainedMs, 'ms of the sessions are in no connection and no gap');
  const batched = records.batches.reduce((sum, { events }) => sum + events, 0);
  if (batched !== accepted) complaints.push(`${accepted} events were accepted, and ${batched} left the spools`);
  expectNone(faults.filter(({ recoveredAt }) => recoveredAt === undefined).length, 'faults were not over in time');
  complaints.push(...gaps.examples.slice(0, 3));
  // What was shed is missing, too, and is no loss.
  const shown = examples.filter(({ what }) => what !== 'lost' || lost > 0);
  complaints.push(...shown.slice(0, 3).map((example) => JSON.stringify(example)));
  return complaints;
}

function resultOf(
  name: string,
  seed: number,
  faults: readonly InjectedFault[],
  { reconciliation, gaps, unexplainedMs }: Comparison,
  complaints: string[],
): DrillResult {
  const { sent, accepted, shed, undecodable, stored, lost, duplicates, mismatched } = reconciliation;
  const { missingInGaps, missingInCutFrames, missingAtClose } = reconciliation;
  return {
    name,
    ok: complaints.length === 0,
    seed,
    faults: faults.length,
    sent,
    accepted,
    shed,
    undecodable,
    stored,
    lost,
    duplicated: duplicates,
    mismatched,
    unrecordedGapMs: gaps.unrecordedMs + unexplainedMs,
    falseGapMs: gaps.falseMs,
    recordedGapMs: gaps.recordedMs,
    trueGapMs: gaps.trueMs,
    longestBeyondMs: gaps.longerByMs,
    excused: { inGaps: missingInGaps, inCutFrames: missingInCutFrames, atClose: missingAtClose },
    worstRecoveryMs: Math.max(0, ...faults.map(({ since, recoveredAt = Infinity }) => recoveredAt - since)),
    complaints,
  };
}
