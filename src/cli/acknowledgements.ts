import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import type { Acknowledgement } from '../simulator/latency.js';

const AckLine = z.strictObject({ workerId: z.string(), from: z.int(), to: z.int(), ackedAt: z.number() });

/** Reads what workers wrote down. A line may be cut where its writer was killed, and another one go on in it: such lines are left out. */
export async function* acknowledgementsIn(file: string): AsyncGenerator<Acknowledgement> {
  for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })) {
    const ack = AckLine.safeParse(jsonOf(line));
    if (ack.success) yield ack.data;
  }
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
