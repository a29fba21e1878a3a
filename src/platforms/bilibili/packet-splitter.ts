import { framingFault, HEADER_BYTES } from './packet.js';

/** What one chunk completed. `lost` says why no further packet can be found in this stream: end it. */
interface Split {
  packets: Buffer[];
  lost?: string;
}

/** Finds whole packets in a TCP stream whose chunks end anywhere. Holds at most one packet and one chunk. */
export class PacketSplitter {
  #buffer = Buffer.alloc(4096);
  #start = 0;
  #end = 0;
  #lost: string | undefined;

  /** @param maxFrameBytes largest packet; a longer one loses the stream */
  constructor(readonly maxFrameBytes: number) {}

  /** Bytes of a packet whose end has not come yet. */
  get pendingBytes(): number {
    return this.#end - this.#start;
  }

  /** Takes the next chunk; the packets are copies, header included, each fit for `decodeFrame`. */
  push(chunk: Uint8Array): Split {
    if (this.#lost !== undefined) return { packets: [], lost: this.#lost };
    this.#append(chunk);
    const packets: Buffer[] = [];
    while (this.pendingBytes >= HEADER_BYTES) {
      const total = this.#buffer.readUInt32BE(this.#start);
      this.#lost = this.#fault(total);
      if (this.#lost !== undefined) return { packets, lost: this.#lost };
      if (this.pendingBytes < total) break;
      packets.push(this.#take(total));
    }
    return { packets };
  }

  /** Counts what is still to come of a packet as if it were there: over TCP a short rest is no fault. */
  #fault(total: number): string | undefined {
    if (total > this.maxFrameBytes) return `a packet of ${total} bytes, more than maxFrameBytes`;
    return framingFault(this.#buffer, this.#start, this.#start + Math.max(total, this.pendingBytes));
  }

  #take(total: number): Buffer {
    const packet = Buffer.from(this.#buffer.subarray(this.#start, this.#start + total));
    this.#start += total;
    return packet;
  }

  #append(chunk: Uint8Array): void {
    const pending = this.pendingBytes;
    if (this.#end + chunk.length > this.#buffer.length) {
      const fits = pending + chunk.length <= this.#buffer.length;
      const target = fits ? this.#buffer : Buffer.alloc(Math.max(2 * this.#buffer.length, pending + chunk.length));
      this.#buffer.copy(target, 0, this.#start, this.#end);
      this.#buffer = target;
      this.#start = 0;
      this.#end = pending;
    }
    this.#buffer.set(chunk, this.#end);
    this.#end += chunk.length;
  }
}
