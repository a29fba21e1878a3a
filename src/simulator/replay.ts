import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { SocketConnection } from './connection.js';
import type { Ledger } from './ledger.js';
import type { RoomFace } from './messages/message.js';
import { typeCode } from './messages/types.js';
import { OPERATION } from './packets.js';

const Line = z.looseObject({ dir: z.enum(['in', 'out']), t: z.number(), b64: z.base64() });

/** A captured connection, played to others: its socket messages, byte by byte, at their times. */
export class Replay {
  private constructor(
    private readonly lines: readonly { t: number; bytes: Buffer }[],
    private readonly room: RoomFace,
    private readonly ledger: Ledger,
  ) {}

  /** The answers to authentication and heartbeats are left out: the simulator gives its own. */
  static async read(file: string, room: RoomFace, ledger: Ledger): Promise<Replay> {
    const text = await readFile(file, 'utf8');
    const lines = text
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map((line) => Line.parse(JSON.parse(line)))
      .filter(({ dir }) => dir === 'in')
      .map(({ t, b64 }) => ({ t, bytes: Buffer.from(b64, 'base64') }))
      .filter(({ bytes }) => !isAnswer(bytes));
    return new Replay(lines, room, ledger);
  }

  get messages(): number {
    return this.lines.length;
  }

  play(connection: SocketConnection): void {
    const start = this.lines[0]?.t ?? 0;
    for (const { t, bytes } of this.lines)
      connection.after(t - start, () => {
        const n = this.ledger.add(typeCode('(replayed)'), this.room, Date.now());
        connection.sendRaw(bytes, () => this.ledger.deliver(n, 1, connection.record, Date.now(), 'yes'));
      });
  }
}

function isAnswer(bytes: Buffer): boolean {
  if (bytes.length < 16) return false;
  const operation = bytes.readUInt32BE(8);
  return operation === OPERATION.heartbeatReply || operation === OPERATION.authReply;
}
