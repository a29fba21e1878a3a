import { readFile } from 'node:fs/promises';
import { HOSTILE_FRAMES } from '../simulator/hostile-frames.js';
import { OPERATION, packet } from '../simulator/packets.js';
import { between, type Draw, drawFrom, pick } from '../simulator/random.js';
import type { SocketConnection } from '../simulator/connection.js';
import type { Drill, DrillOutcome } from './drill.js';
import type { DrillSystem } from './system.js';

const MiB = 1024 * 1024;
const FRAMES_A_FAULT = 10;
/** By how much more one of the rooms is sent. */
const FLOOD = 30;
const WAIT_MS = 10_000;
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
    let flooded = system.simulator.room(pick(drawFrom(0), [...victims]));
    const sendNext = (draw: Draw): boolean => {
      const connection = victimOf(system, victims, draw);
      if (connection) misbehave(system, connection, next++, draw);
      return connection !== undefined;
    };
    return {
      async inject(draw) {
        memory.before ||= await peakBytes(system);
        flooded.boost = 1;
        flooded = system.simulator.room(pick(draw, [...victims]));
        flooded.boost = FLOOD;
        for (let count = 0; count < FRAMES_A_FAULT; count += 1) sendNext(draw);
        return { since: Date.now() };
      },
      restore: async () => {
        flooded.boost = 1;
        // A run with few faults has the rest of the catalogue here.
        while (next < HOSTILE_FRAMES.length && (await system.until(() => sendNext(drawFrom(next)), WAIT_MS)));
        memory.most = await peakBytes(system);
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
  if (count % 3 === 2) connection.sendRaw(pick(draw, ODD_PACKETS)(draw), () => undefined);
  if (count % 5 === 4) connection.sendRaw(bytes(draw, between(draw, 1, 4_096)), () => undefined);
  if (count % 7 === 6) simulator.faults.cut(connection);
  if (count % 11 === 10) simulator.faults.freeze(connection);
  if (count % 13 === 12) simulator.faults.duplicate(connection);
}

const bytes = (draw: Draw, length: number): Buffer => Buffer.from(Array.from({ length }, () => between(draw, 0, 255)));

function ofVersion(version: number, whole: Buffer): Buffer {
  whole.writeUInt16BE(version, 6);
  return whole;
}

/** Well framed, and out of place: answers that nobody asked for, operations and versions that nobody knows. */
const ODD_PACKETS: readonly ((draw: Draw) => Buffer)[] = [
  () => packet(1, OPERATION.authReply, Buffer.from('{"code":-101}')),
  () => packet(1, OPERATION.authReply, Buffer.from('[')),
  (draw) => packet(1, OPERATION.heartbeatReply, bytes(draw, between(draw, 0, 6))),
  (draw) => packet(0, between(draw, 9, 60), bytes(draw, 20)),
  (draw) => ofVersion(between(draw, 4, 60), packet(0, OPERATION.message, bytes(draw, 20))),
  () => packet(0, OPERATION.message, Buffer.alloc(0)),
];

function disturbedOthers({ system, load }: DrillOutcome, victims: ReadonlySet<number>): string[] {
  const others = system.simulator.ledger.connections.filter(
    ({ roomId, openedAt }) => roomId > 0 && !victims.has(roomId) && openedAt > load.from && openedAt <= load.to,
  );
  return others.length === 0 ? [] : [`${others.length} connections of rooms that were left alone were made anew`];
}

/** The most that each worker ever had, all together; 0 where the machine does not tell. */
async function peakBytes({ workers }: DrillSystem): Promise<number> {
  const each = workers.map(({ pid }) => readFile(`/proc/${pid}/status`, 'utf8').catch(() => ''));
  return (await Promise.all(each)).reduce(
    (sum, text) => sum + Number(/VmHWM:\s+(\d+)/.exec(text)?.[1] ?? 0) * 1_024,
    0,
  );
}
