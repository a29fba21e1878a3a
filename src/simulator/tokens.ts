import { randomBytes } from 'node:crypto';

/** Tokens for the socket: each for one room, for a while. */
export class Tokens {
  readonly #issued = new Map<string, { roomId: number; expiresAt: number }>();

  constructor(private readonly ttlMs: number) {}

  issue(roomId: number): string {
    const now = Date.now();
    for (const [token, { expiresAt }] of this.#issued) {
      if (expiresAt > now) break; // the oldest come first
      this.#issued.delete(token);
    }
    const token = randomBytes(144).toString('base64url');
    this.#issued.set(token, { roomId, expiresAt: now + this.ttlMs });
    return token;
  }

  isGood(token: string, roomId: number): boolean {
    const found = this.#issued.get(token);
    return found?.roomId === roomId && found.expiresAt > Date.now();
  }

  /** From now on, none of those given out so far is good. */
  expireAll(): void {
    this.#issued.clear();
  }
}
