import { spawnSync } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EVENT_KINDS, type EventKind } from '../model/event-kind.js';
import { SHED_FROM } from '../model/shedding.js';
import { hasCaughtUp } from './caught-up.js';
import type { Drill } from './drill.js';
import { attemptsTooSoon } from './reconnects.js';
import type { DrillSystem } from './system.js';

const MiB = 1024 * 1024;
/** So much that what lies between the kinds' shares of it takes longer than a moment to come. */
const QUOTA_BYTES = 6 * MiB;
const SHEDS_WITHIN_MS = 60_000;
const SHEDDING_MS = 3_000;
/** Connections that are lost while nothing can be written down: new ones can have no record, either. */
const DROPS = 5;

export const diskFull: Drill = {
  name: 'disk-full',
  fault:
    'MongoDB is away until the spool has reached its quota, or (by root) its small disk is full; connections are lost meanwhile',
  shows:
    'shed in the order of kinds, all of it counted; attempts to connect keep to the policy; goes on when there is room',
  faults: 2,
  recoverWithinMs: 90_000,
  sheds: true,
  plan: { proxied: true, workers: 0, rate: 600, settings: { 'spool.quotaBytes': QUOTA_BYTES } },
  begin: async (system) => {
    const folder = join(system.folder, 'spool');
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const isMounted = mountSmallDisk(folder);
    const unmount = (): void => void (isMounted && spawnSync('umount', [folder]));
    try {
      await system.startWorker();
    } catch (error) {
      unmount();
      throw error;
    }
    const complaints: string[] = [];
    const classes: Classes = new Map();
    let count = 0;
    return {
      async inject() {
        const isOfDisk = isMounted && count % 2 === 1;
        count += 1;
        const before = await countsOf(system);
        if (isOfDisk) await fillDisk(folder);
        system.proxy?.refuse();
        const sheds = await system.until(async () => shedSince(before, await countsOf(system)) > 0, SHEDS_WITHIN_MS);
        for (let drop = 0; drop < DROPS; drop += 1) system.simulator.faults.drop();
        await sleep(SHEDDING_MS);
        if (!sheds) complaints.push('nothing was shed');
        else if (!isOfDisk) add(classes, before, await countsOf(system));
        if (isOfDisk) await rm(join(folder, 'ballast'));
        system.proxy?.restore();
        return { since: Date.now(), isOver: () => hasCaughtUp(system) };
      },
      verify: ({ reconciliation, load, note }) => {
        const tooSoon = attemptsTooSoon(system.simulator.ledger, load.to);
        if (!isMounted) note('no disk was full, only the quota: a small one is mounted by root alone');
        note(`shed, the cheapest kinds first: ${sharesOf(classes)}`);
        return [
          ...complaints,
          ...outOfOrder(classes),
          ...tooSoon.slice(0, 3).map((what) => `an attempt to connect came too soon: ${what}`),
          ...(reconciliation.shed === 0 ? ['no connection counted anything as shed'] : []),
        ];
      },
      dispose: async () => unmount(),
    };
  },
};

/** False where this user may not. */
function mountSmallDisk(folder: string): boolean {
  return spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'barrage-drill', folder]).status === 0;
}

async function fillDisk(folder: string): Promise<void> {
  for (const size of [MiB, 4_096]) {
    for (;;) {
      const isFull = await writeFile(join(folder, 'ballast'), Buffer.alloc(size), { flag: 'a' }).then(
        () => false,
        () => true,
      );
      if (isFull) break;
    }
  }
}

interface Count {
  accepted: number;
  shed: number;
}

type Counts = ReadonlyMap<EventKind, Count>;

/** By the class in which kinds are shed. */
export type Classes = Map<number, Count>;

async function countsOf(system: DrillSystem): Promise<Counts> {
  const pages = await system.metrics();
  const sum = (name: string, kind: EventKind): number =>
    pages.reduce((total, page) => total + page.sum(name, { kind }), 0);
  return new Map(
    EVENT_KINDS.map((kind) => [
      kind,
      { accepted: sum('barrage_events_accepted_total', kind), shed: sum('barrage_events_shed_total', kind) },
    ]),
  );
}

const shedSince = (before: Counts, now: Counts): number =>
  [...now].reduce((sum, [kind, { shed }]) => sum + shed - (before.get(kind)?.shed ?? 0), 0);

const shareOf = ({ accepted, shed }: Count): number => shed / Math.max(1, accepted + shed);

/** A full spool refuses all kinds alike, and some kinds are rare: what is within three standard deviations may be chance. */
function isShedMore(dearer: Count, cheaper: Count): boolean {
  const [some, others] = [dearer.accepted + dearer.shed, cheaper.accepted + cheaper.shed];
  const share = shareOf({ accepted: dearer.accepted + cheaper.accepted, shed: dearer.shed + cheaper.shed });
  const deviation = Math.sqrt(share * (1 - share) * (1 / Math.max(1, some) + 1 / Math.max(1, others)));
  return shareOf(dearer) > shareOf(cheaper) + 3 * deviation;
}

/** What came since `before`, added to that of earlier faults. */
function add(classes: Classes, before: Counts, now: Counts): void {
  for (const [kind, { accepted, shed }] of now) {
    const sum = classes.get(SHED_FROM[kind]) ?? { accepted: 0, shed: 0 };
    sum.accepted += accepted - (before.get(kind)?.accepted ?? 0);
    sum.shed += shed - (before.get(kind)?.shed ?? 0);
    classes.set(SHED_FROM[kind], sum);
  }
}

const inOrder = (classes: Classes): Count[] => [...classes].sort(([a], [b]) => a - b).map(([, sum]) => sum);

const sharesOf = (classes: Classes): string =>
  inOrder(classes)
    .map((sum) => `${shareOf(sum).toFixed(2)} of ${sum.accepted + sum.shed}`)
    .join(', ');

/** The share that was shed must not be greater for a kind that is dearer, and it must be greater for the cheapest than for all others. */
export function outOfOrder(classes: Classes): string[] {
  const sums = inOrder(classes);
  const [cheapest, ...others] = sums;
  const rest = others.reduce(
    (all, { accepted, shed }) => ({ accepted: all.accepted + accepted, shed: all.shed + shed }),
    {
      accepted: 0,
      shed: 0,
    },
  );
  const isOrdered = sums.every((sum, at) => !sums.slice(0, at).some((cheaper) => isShedMore(sum, cheaper)));
  if (isOrdered && (cheapest === undefined || isShedMore(cheapest, rest))) return [];
  return [`shed out of order: ${sharesOf(classes)}, the cheapest first`];
}
