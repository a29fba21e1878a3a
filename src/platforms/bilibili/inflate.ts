import { brotliDecompressSync, inflateSync } from 'node:zlib';
import { codeOf } from '../../model/error-code.js';
import type { CodecLimits } from './limits.js';
import { VERSION } from './packet.js';

/**
 * Bodies come to two to eight times their size. One buffer in which all of it has room is a third cheaper than several, and one that is not much larger
 * spares V8 its collections: it counts what is outside its heap, too.
 */
const LARGEST_RATIO = 8;
const LEAST_CHUNK_BYTES = 4 * 1024;
const MOST_CHUNK_BYTES = 64 * 1024;

/** Why a body could not be inflated. */
interface NotInflated {
  reason: string;
}

/**
 * Inflates the bodies of one socket message within what the message may cost. Synchronous: a real body takes some 30 µs, less than
 * handing it to another thread, and the order of messages needs no care.
 */
export class Inflater {
  readonly #limits: Readonly<CodecLimits>;
  #left: number;
  #failureCost: number;

  constructor(limits: Readonly<CodecLimits>) {
    this.#limits = limits;
    this.#left = limits.maxInflatedBytes;
    this.#failureCost = Math.ceil(limits.maxInflatedBytes / 16);
  }

  /** @param version `VERSION.zlib` or `VERSION.brotli` */
  inflate(body: Uint8Array, version: number): Buffer | NotInflated {
    if (this.#left <= 0) return { reason: 'the packets of this message inflate to more than maxInflatedBytes' };
    const maxOutputLength = Math.min(this.#left, this.#limits.maxPacketInflatedBytes);
    const chunkSize = Math.min(MOST_CHUNK_BYTES, Math.max(LEAST_CHUNK_BYTES, body.length * LARGEST_RATIO));
    const options = { maxOutputLength, chunkSize };
    try {
      const inflated = version === VERSION.brotli ? brotliDecompressSync(body, options) : inflateSync(body, options);
      this.#left -= inflated.length;
      return inflated;
    } catch (error) {
      return { reason: this.#failed(error, maxOutputLength) };
    }
  }

  /** A failure pays for the work it may have caused, or thousands of bombs in one message would be free. */
  #failed(error: unknown, maxOutputLength: number): string {
    const code = codeOf(error) ?? 'unknown';
    const isTooLarge = code === 'ERR_BUFFER_TOO_LARGE';
    this.#left -= isTooLarge ? maxOutputLength : this.#failureCost;
    return isTooLarge ? `it inflates to more than ${maxOutputLength} bytes` : `it does not inflate (${code})`;
  }
}
