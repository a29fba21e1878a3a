import { setTimeout as sleep } from 'node:timers/promises';
import { compare, type Comparison } from '../drills/compare.js';
import { checkGaps, type RecordedHole } from '../drills/gap-check.js';
import { complaintsOf } from '../drills/run-drill.js';
import { settle } from '../drills/settle.js';
import { DrillSystem, type SystemPlan } from '../drills/system.js';
import type { Report } from '../engines/engine.js';
import { Broadcasts } from './broadcasts.js';
import type { FigureName, Sample } from './figures.js';
import { limitsOf, takeSample } from './sample.js';
import { type Figure, judge } from './verdict.js';

export interface SoakOptions {
  forMs: number;
  everyMs: number;
  rooms: number;
  rate: number;
  seed: number;
  env: NodeJS.ProcessEnv;
  report: Report;
  /** Ends the load early; what was seen by then is reported. */
  signal: AbortSignal;
}

export interface SoakResult {
  ok: boolean;
  seed: number;
  seconds: number;
  sent: number;
  accepted: number;
  stored: number;
  lost: number;
  duplicated: number;
  /** Of rooms, by connections beyond the first. */
  reconnects: number;
  broadcastsEnded: number;
  figures: Figure[];
  /** In words; none where it is ok. */
  complaints: string[];
}

const WHOLE_WITHIN_MS = 120_000;
const TELL_EVERY_MS = 60_000;
const FEWEST_SAMPLES = 24;

/** A minute's share of what goes wrong on an ordinary evening, sped up, for fifty rooms. */
const FAULTS_A_MINUTE = {
  drop: 4,
  close: 2,
  halfOpen: 1,
  slow: 2,
  cut: 1,
  severed: 1,
  hostile: 2,
  duplicate: 4,
  rejectAuth: 1,
  expireTokens: 1,
  rateLimit: 1,
  riskControl: 1,
  endpointDown: 1,
};
const BROADCASTS_END_A_MINUTE = 6;
/** Where a history is begun anew; the server's own suggestion, 4,096, would take a room a week. */
const SUGGESTED_HISTORY = 64;

const planOf = ({ rooms, rate, seed }: SoakOptions): SystemPlan => ({
  rooms,
  rate,
  seed,
  workers: 1,
  proxied: false,
  settings: { 'worker.progressEveryMs': 300_000 }, // as by default: each report is four events of a history
  simulator: { faults: FAULTS_A_MINUTE },
  temporalConfig: { 'limit.historyCount.suggestContinueAsNew': SUGGESTED_HISTORY },
});

/** Loads a whole system for as long as it is told, looks at it all the while, and compares with the ledger at the end. */
export async function runSoak(options: SoakOptions): Promise<{ result: SoakResult; samples: Sample[] }> {
  const { report, env, signal, seed } = options;
  const system = await DrillSystem.start(planOf(options), env, () => undefined, signal);
  try {
    await system.startWorker();
    await system.startRooms();
    if (!(await system.until(() => system.isWhole(), WHOLE_WITHIN_MS))) throw new Error('the rooms never connected');
    report(`${options.rooms} rooms connected, ${options.rate} messages a second, seed ${seed}`);
    const limits = await limitsOf(system);
    const broadcasts = new Broadcasts(system.simulator, system.roomIds, BROADCASTS_END_A_MINUTE, seed);
    const samples = await watch(system, options).finally(() => broadcasts.stop());
    const endedAt = Date.now();
    report('the load has ended; comparing with the ledger');
    const complaints = await settle(system);
    const compared = withoutOffline(system, await compare(system, endedAt), broadcasts.offline, endedAt);
    complaints.push(...complaintsOf(compared, []));
    const figures = judge(samples, limits);
    if (samples.length < FEWEST_SAMPLES) complaints.push('the load was too short to say what grows');
    complaints.push(...figures.filter(({ ok }) => !ok).map(({ name }) => `${name} grows, and nothing explains it`));
    return { result: resultOf(system, compared, { samples, figures, complaints, broadcasts, seed }), samples };
  } finally {
    await system.stop(false);
  }
}

async function watch(system: DrillSystem, { forMs, everyMs, signal, report }: SoakOptions): Promise<Sample[]> {
  const samples: Sample[] = [];
  const startedAt = Date.now();
  let toldAt = startedAt;
  while (Date.now() - startedAt < forMs && !signal.aborted) {
    samples.push(perMillion(await takeSample(system, startedAt), samples[0]));
    if (Date.now() - toldAt >= TELL_EVERY_MS) {
      toldAt = Date.now();
      const { at, values } = samples.at(-1) ?? { at: 0, values: {} };
      report(`${Math.round(at / 60)} min: ${values['events stored'] ?? '?'} events stored`);
    }
    const untilNext = startedAt + samples.length * everyMs - Date.now();
    await sleep(Math.max(100, untilNext), undefined, { signal }).catch(() => undefined);
  }
  return samples;
}

/** What the events since the first sample took of the disk. */
function perMillion(sample: Sample, first: Sample | undefined): Sample {
  const grown = (name: FigureName): number => (sample.values[name] ?? NaN) - (first?.values[name] ?? NaN);
  const bytes = (grown('MongoDB database') / grown('events stored')) * 1_000_000;
  if (!Number.isFinite(bytes)) return sample;
  return { ...sample, values: { ...sample.values, 'MongoDB bytes per million events': bytes } };
}

/** While a room was offline there was nothing to be connected to. */
function withoutOffline(
  { simulator }: DrillSystem,
  compared: Comparison,
  offline: readonly RecordedHole[],
  endedAt: number,
): Comparison {
  const { unrecordedMs, examples } = checkGaps(simulator.ledger, compared.records.gaps, new Map(), endedAt, offline);
  return { ...compared, gaps: { ...compared.gaps, unrecordedMs, examples } };
}

interface Seen {
  samples: readonly Sample[];
  figures: Figure[];
  complaints: string[];
  broadcasts: Broadcasts;
  seed: number;
}

function resultOf({ simulator, roomIds }: DrillSystem, { reconciliation }: Comparison, seen: Seen): SoakResult {
  const { sent, accepted, stored, lost, duplicates } = reconciliation;
  const { figures, complaints, seed } = seen;
  const authenticated = simulator.ledger.connections.filter((one) => one.authenticatedAt !== undefined).length;
  return {
    ok: complaints.length === 0,
    seed,
    seconds: Math.round(seen.samples.at(-1)?.at ?? 0),
    sent,
    accepted,
    stored,
    lost,
    duplicated: duplicates,
    reconnects: authenticated - roomIds.length,
    broadcastsEnded: seen.broadcasts.offline.length,
    figures,
    complaints,
  };
}
