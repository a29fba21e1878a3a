import type { Ledger } from './ledger.js';
import { encodeFrame, plainPackets } from './packets.js';

/** One socket message for all connections of a room, encoded once for each version that somebody asks for. */
export class Frame {
  #plain: Buffer | undefined;
  readonly #encoded = new Map<number, Buffer>();

  constructor(
    readonly firstN: number,
    readonly count: number,
    readonly siteWide: boolean,
    private readonly nested: boolean,
    private readonly ledger: Ledger,
  ) {}

  bytes(protover: number): Buffer {
    const version = this.siteWide ? 0 : protover === 3 ? 3 : protover === 2 ? 2 : 0;
    let bytes = this.#encoded.get(version);
    if (!bytes) {
      this.#plain ??= plainPackets(
        Array.from({ length: this.count }, (_, index) => this.ledger.textOf(this.firstN + index)),
      );
      bytes = encodeFrame(this.#plain, version, this.nested);
      this.#encoded.set(version, bytes);
    }
    return bytes;
  }
}
