import type { ConnectionEnd } from '../model/connection.js';
import type { RoomStream } from './room-stream.js';

/** A place in the registry: an attempt to connect, and later its stream. */
export interface StreamSlot {
  /** Aborts while connecting. */
  readonly connecting: AbortController;
  /** Why `connecting` was aborted. */
  reason?: ConnectionEnd;
  stream?: RoomStream;
  /** Settles when the slot is free again. */
  readonly released: Promise<void>;
  release(): void;
}

/**
 * The streams of this worker, one a room. A new attempt for a room that still streams here (Temporal had been away, and gave the attempt up)
 * finds the stream and takes it over: a second connection would record the same minutes twice.
 */
export class StreamRegistry {
  readonly #slots = new Map<string, StreamSlot>();

  get(room: string): StreamSlot | undefined {
    return this.#slots.get(room);
  }

  /** Takes the free place of a room. */
  claim(room: string): StreamSlot {
    let free: () => void = () => undefined;
    const released = new Promise<void>((resolve) => (free = resolve));
    const slot: StreamSlot = {
      connecting: new AbortController(),
      released,
      release: () => {
        if (this.#slots.get(room) === slot) this.#slots.delete(room);
        free();
      },
    };
    this.#slots.set(room, slot);
    return slot;
  }

  /** True where there was something to hang up. */
  hangUp(room: string, reason: ConnectionEnd): boolean {
    const slot = this.#slots.get(room);
    if (slot === undefined) return false;
    slot.reason ??= reason;
    slot.connecting.abort();
    slot.stream?.stop(reason);
    return true;
  }

  /** Ends whatever is left, and waits for it: a stream may outlive the attempt that began it. */
  async close(): Promise<void> {
    const slots = [...this.#slots];
    for (const [room] of slots) this.hangUp(room, 'worker-shutdown');
    await Promise.all(slots.map(([, { released }]) => released));
  }

  /** What each room of this worker is doing. */
  states(): { platform: string; state: 'connecting' | 'streaming' | 'closing' }[] {
    return [...this.#slots].map(([room, { stream }]) => {
      const platform = room.slice(0, room.indexOf(':'));
      if (stream === undefined) return { platform, state: 'connecting' };
      return { platform, state: stream.isClosing ? 'closing' : 'streaming' };
    });
  }
}
