import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { HOSTILE_FRAMES } from '../simulator/hostile-frames.js';
import { between, type Draw, pick } from '../simulator/random.js';
import type { SocketConnection } from '../simulator/connection.js';
import type { Drill, DrillOutcome } from './drill.js';
import type { DrillSystem } from './system.js';

const MiB = 1024 * 1024;
const FRAMES_A_FAULT = 10;
/** Beyond what the process had before, in bytes. A bomb may be inflated up to its cap while others wait for the collector. */
const MORE_MEMORY = 256 * MiB;

export const hostile: Drill = {
  name: 'hostile',
  fault:
    'the platform misbehaves to half of the rooms: every frame of the catalogue, cut ones, random bytes, silence, floods',
  shows: 'no crash, bounded memory, and the other half of the rooms keeps its connections',
  faults: 12,
  pauseMs: 600,
  recoverWithinMs: 60_000,
  begin: (system) => {
    const victims = new Set(system.roomIds.filter((_, at) => at % 2 === 0));
    const memory = { before: 0, most: 0 };
    let next = 0;
    return {
      async inject(draw) {
        memory.before ||= await residentBytes(system);
        for (let count = 0; count < FRAMES_A_FAULT; count += 1) {
          const connection = victimOf(system, victims, draw);
          if (connection) misbehave(system, connection, next++, draw);
        }
        memory.most = Math.max(memory.most, await residentBytes(system));
        return { since: Date.now() };
      },
      verify: (outcome) => [
        ...disturbedOthers(outcome, victims),
        ...(memory.most > memory.before + MORE_MEMORY
          ? [`a worker took ${Math.round((memory.most - memory.before) / MiB)} MiB more than before`]
          : []),
        ...(next < HOSTILE_FRAMES.length ? [`only ${next} of ${HOSTILE_FRAMES.length} hostile frames were sent`] : []),
      ],
    };
  },
};

function victimOf(system: DrillSystem, victims: ReadonlySet<number>, draw: Draw): SocketConnection | undefined {
  const healthy = system.simulator.connections().filter(({ roomId, isHalfOpen }) => victims.has(roomId) && !isHalfOpen);
  return healthy.length === 0 ? undefined : pick(draw, healthy);
}

/** The catalogue first, one frame after the other; then, and in between, what is in none. */
function misbehave({ simulator }: DrillSystem, connection: SocketConnection, count: number, draw: Draw): void {
  const frame = HOSTILE_FRAMES[count % HOSTILE_FRAMES.length];
  simulator.faults.hostile(connection, frame);
  if (count % 5 === 4) connection.sendRaw(randomBytes(between(draw, 1, 4_096)), () => undefined);
  if (count % 7 === 6) simulator.faults.cut(connection);
  if (count % 11 === 10) simulator.faults.freeze(connection);
  if (count % 13 === 12) simulator.faults.duplicate(connection);
}

function disturbedOthers({ system, load }: DrillOutcome, victims: ReadonlySet<number>): string[] {
  const others = system.simulator.ledger.connections.filter(
    ({ roomId, openedAt }) => roomId > 0 && !victims.has(roomId) && openedAt > load.from && openedAt <= load.to,
  );
  return others.length === 0 ? [] : [`${others.length} connections of rooms that were left alone were made anew`];
}

/** Of all workers; 0 where the machine does not tell. */
async function residentBytes({ workers }: DrillSystem): Promise<number> {
  const each = workers.map(({ pid }) => readFile(`/proc/${pid}/status`, 'utf8').catch(() => ''));
  return (await Promise.all(each)).reduce(
    (sum, text) => sum + Number(/VmRSS:\s+(\d+)/.exec(text)?.[1] ?? 0) * 1_024,
    0,
  );
}
