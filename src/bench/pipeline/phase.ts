import { setTimeout as sleep } from 'node:timers/promises';
import type { PartOptions } from '../part.js';
import { cpuBetween, LoadedSystem, type Role } from '../system/loaded-system.js';
import { countStolenTime } from '../system/stolen-time.js';
import { type Verdict, verdictOf } from '../system/verdict.js';

/** One load on a system of its own. */
export interface Phase {
  name: string;
  rooms: number;
  /** Messages a second, over all rooms. */
  rate: number;
  seconds: number;
  /** Before it, so that what is measured is not the compiler's; counted in what may not be lost, and in nothing else. */
  warmUp: { rate: number; seconds: number };
}

export interface PhaseFigures {
  phase: Phase;
  /** Until every room was connected. */
  connectSeconds: number;
  /** What the machine's host took away of the processors meanwhile, and during the load; undefined where that is not known. */
  stolenConnecting: number | undefined;
  stolenShare: number | undefined;
  messages: number;
  messagesPerSecond: number;
  /** Events accepted from the beginning of the load until everything was stored. */
  events: number;
  /** Of these, how many were durable when the load ended; the others were in sockets, or with the simulator. */
  acceptedShare: number;
  /** From the end of the load until what was sent was in the spool, and until it was in MongoDB. */
  acceptedAfterSeconds: number;
  drainedAfterSeconds: number;
  deepestSpool: number;
  /** For how much of the load the worker’s main thread was ready to run, and had no processor. */
  waitedShare: number;
  /** From the beginning of the load until everything was stored. */
  cpuSeconds: Record<Role, number>;
  verdict: Verdict;
}

/** Of what was lost or wrong, told as it was found. */
const EXAMPLES = 10;
const LOOK_EVERY_MS = 1_000;
const QUIET_LOOKS = 5;
const LONGEST_WAIT_MS = 300_000;

/** Starts a system, loads it, waits until everything is stored, ends it, and counts. */
export async function runPhase(
  phase: Phase,
  options: PartOptions,
  workerEnv?: NodeJS.ProcessEnv,
): Promise<PhaseFigures> {
  const { rooms, warmUp } = phase;
  const { report, signal } = options;
  const loaded = await LoadedSystem.start({ rooms, ...(workerEnv && { workerEnv }) }, { ...options, report: quietly });
  try {
    const stolenNow = await countStolenTime();
    const connectSeconds = await loaded.connect(rooms);
    const stolenConnecting = await stolenNow();
    report(`${phase.name}: ${rooms} rooms connected within ${connectSeconds.toFixed(1)} s`);
    loaded.rate = warmUp.rate;
    await sleep(warmUp.seconds * 1_000, undefined, { signal });
    const figures = await load(loaded, phase, signal);
    await loaded.system.stopWorkers();
    report(`${phase.name}: stored; comparing with the ledger`);
    const { window, ...rest } = figures;
    const verdict = await verdictOf(loaded.system, window);
    for (const example of verdict.reconciliation.examples.slice(0, EXAMPLES)) report(JSON.stringify(example));
    return { phase, connectSeconds, stolenConnecting, ...rest, verdict };
  } finally {
    await loaded.stop();
  }
}

const quietly = (): void => undefined;

async function load(loaded: LoadedSystem, phase: Phase, signal: AbortSignal) {
  const { ledger } = loaded.simulator;
  const before = { ...(await loaded.progress()), usage: await loaded.usage(), lastN: ledger.lastN };
  const stolenNow = await countStolenTime();
  const from = Date.now();
  loaded.rate = phase.rate;
  let deepestSpool = 0;
  for (const until = performance.now() + phase.seconds * 1_000; performance.now() < until;) {
    await sleep(Math.min(LOOK_EVERY_MS, Math.max(0, until - performance.now())), undefined, { signal });
    deepestSpool = Math.max(deepestSpool, (await loaded.progress()).depth);
  }
  loaded.simulator.traffic.stop(); // with a rate of 0 every room would still be told twice a minute what all are told
  const to = Date.now();
  const stolenShare = await stolenNow();
  const waitedSeconds = (await loaded.usage()).worker.waitedSeconds - before.usage.worker.waitedSeconds;
  const messages = ledger.lastN - before.lastN;
  const atEnd = await loaded.progress();
  const ending = await comesThrough(loaded);
  const events = ending.accepted - before.accepted;
  return {
    messages,
    messagesPerSecond: (messages * 1_000) / (to - from),
    events,
    acceptedShare: (atEnd.accepted - before.accepted) / Math.max(1, events),
    acceptedAfterSeconds: Math.max(0, ending.acceptedAt - to) / 1_000,
    drainedAfterSeconds: Math.max(0, ending.drainedAt - to) / 1_000,
    deepestSpool: Math.max(deepestSpool, ending.deepestSpool),
    stolenShare,
    waitedShare: (waitedSeconds * 1_000) / (to - from),
    cpuSeconds: cpuBetween(before.usage, await loaded.usage()),
    window: { from, to },
  };
}

/** Waits until the load is over: when the last event became durable, and when it was in MongoDB, in milliseconds since the epoch. */
async function comesThrough(loaded: LoadedSystem) {
  let ending = { accepted: -1, acceptedAt: Date.now(), drainedAt: Date.now(), deepestSpool: 0 };
  let quietLooks = 0;
  const isOver = async (): Promise<boolean> => {
    const { accepted, depth } = await loaded.progress();
    const now = Date.now();
    quietLooks = accepted === ending.accepted ? quietLooks + 1 : 0;
    ending = {
      accepted,
      acceptedAt: accepted === ending.accepted ? ending.acceptedAt : now,
      drainedAt: depth === 0 && quietLooks > 0 ? ending.drainedAt : now,
      deepestSpool: Math.max(ending.deepestSpool, depth),
    };
    return quietLooks >= QUIET_LOOKS && depth === 0;
  };
  if (!(await loaded.until(isOver, LONGEST_WAIT_MS))) throw new Error('the spool did not empty');
  return ending;
}
