import type { SimulatorOptions } from './options.js';

/** An answer that says no before the question is looked at. */
export interface Refusal {
  status: number;
  code: number;
  message: string;
  retryAfterSeconds?: number;
}

interface Bucket {
  tokens: number;
  filledAt: number;
}

/** What an address may ask for, and when the whole site says no. */
export class RequestGate {
  /** Until then (ms since the epoch) every interface answers -412. */
  blockedUntil = 0;
  /** Until then every interface answers 429. */
  limitedUntil = 0;
  readonly #buckets = new Map<string, Bucket>();

  constructor(private readonly options: SimulatorOptions) {}

  refusal(address: string): Refusal | undefined {
    const now = Date.now();
    if (this.blockedUntil > now) return { status: 412, code: -412, message: '请求被拦截' };
    if (this.limitedUntil > now) return tooOften(this.limitedUntil - now);
    const { apiBurst, apiPerSecond } = this.options;
    const bucket = this.#buckets.get(address) ?? { tokens: apiBurst, filledAt: now };
    bucket.tokens = Math.min(apiBurst, bucket.tokens + ((now - bucket.filledAt) / 1000) * apiPerSecond);
    bucket.filledAt = now;
    this.#buckets.set(address, bucket);
    if (bucket.tokens < 1) return tooOften(((1 - bucket.tokens) / apiPerSecond) * 1000);
    bucket.tokens--;
    return undefined;
  }
}

const tooOften = (waitMs: number): Refusal => ({
  status: 429,
  code: -799,
  message: '请求过于频繁，请稍后再试',
  retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1000)),
});
