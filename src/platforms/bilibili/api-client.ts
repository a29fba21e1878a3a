import type { z } from 'zod';
import { BarrageError } from '../../model/errors.js';
import type { Logger } from '../../model/log.js';
import type { RequestBudget } from '../budget.js';
import type { Clock } from '../clock.js';
import { ask, facts, jsonOf, place, type HttpAnswer } from '../http.js';
import { meaningOf } from './api-codes.js';
import { Envelope } from './api-wire.js';
import type { BilibiliConfig } from './config.js';

/** The largest answer in use is the gift table's 1.5 MB. */
const MAX_ANSWER_BYTES = 8 * 1024 * 1024;

/** Where a server says "too often" without saying how long. */
const RATE_LIMIT_WAIT_MS = 10_000;

/** One request to an interface that answers in the envelope `{code, message, data}`. */
export interface Call<Data extends z.ZodType> {
  url: URL;
  data: Data;
  /** Whom an error is about, as the beginning of a sentence: `Room 123`. */
  subject: string;
  /** The interface tells of one room, so that a bad request means that there is none. */
  aboutRoom?: boolean;
  /** Codes that carry data beside 0. */
  alsoFine?: readonly number[];
  cookie?: string;
  /** Requests that risk control refuses together; the interface alone where absent. */
  scope?: string;
}

/** Asks Bilibili's HTTP interfaces: within the budget, once, and with every way to fail in one of our codes. */
export class BilibiliClient {
  constructor(
    private readonly config: BilibiliConfig,
    private readonly budget: RequestBudget,
    private readonly clock: Clock,
    private readonly log: Logger,
  ) {}

  /** The parsed `data`. Throws a `BarrageError`, and whatever `signal` aborts with. */
  async call<Data extends z.ZodType>(call: Call<Data>, signal: AbortSignal): Promise<z.output<Data>> {
    const answer = await this.send(call, signal);
    if (answer.status !== 200) throw this.#failure(answer.status, call, answer.retryAfterMs);
    const body = jsonOf(answer, call.url);
    const envelope = shaped(Envelope, body, call.url);
    if (envelope.code !== 0 && !call.alsoFine?.includes(envelope.code)) {
      throw this.#failure(envelope.code, call, answer.retryAfterMs);
    }
    return shaped(call.data, envelope.data, call.url);
  }

  /** Any answer, as it came; for the one page that is no interface. */
  async send(call: Pick<Call<z.ZodType>, 'url' | 'cookie' | 'scope'>, signal: AbortSignal): Promise<HttpAnswer> {
    await this.budget.take(call.url.host, signal, call.scope ?? call.url.pathname);
    const startedAt = this.clock.monotonicMs();
    const answer = await ask(
      {
        url: call.url,
        headers: {
          accept: 'application/json',
          'user-agent': this.config.userAgent,
          ...(call.cookie ? { cookie: call.cookie } : {}),
        },
        timeoutMs: this.config.requestTimeoutMs,
        maxBytes: MAX_ANSWER_BYTES,
      },
      () => this.clock.now(),
      signal,
    );
    const ms = Math.round(this.clock.monotonicMs() - startedAt);
    this.log.debug({ ...facts(call.url), status: answer.status, bytes: answer.body.byteLength, ms }, 'asked Bilibili');
    return answer;
  }

  /** Notes the pause that the code asks for, so that every other request keeps it, too. */
  #failure(code: number, call: Call<z.ZodType>, retryAfterMs?: number): BarrageError {
    const meaning = meaningOf(code, call.aboutRoom);
    const waitMs = this.#pause(meaning.code, call, retryAfterMs) ?? retryAfterMs;
    return new BarrageError(
      meaning.code,
      `${call.subject}: ${meaning.words} (${place(call.url)} answered ${code}).`,
      { ...facts(call.url), code },
      waitMs,
    );
  }

  #pause(code: BarrageError['code'], { url, scope }: Call<z.ZodType>, retryAfterMs?: number): number | undefined {
    switch (code) {
      case 'ADDRESS_BLOCKED':
        return this.budget.block(url.host, retryAfterMs ?? this.config.blockedWaitMs, code);
      case 'RATE_LIMITED':
        return this.budget.block(url.host, retryAfterMs ?? RATE_LIMIT_WAIT_MS, code);
      case 'RISK_CONTROL':
        // A signed request is worth a second try with new keys: its caller decides when to give up.
        return scope === undefined
          ? this.budget.block(url.host, this.config.riskControlWaitMs, code, url.pathname)
          : this.config.riskControlWaitMs;
      default:
        return undefined;
    }
  }
}

function shaped<Shape extends z.ZodType>(shape: Shape, value: unknown, url: URL): z.output<Shape> {
  const parsed = shape.safeParse(value);
  if (parsed.success) return parsed.data;
  const at = parsed.error.issues[0]?.path.join('.') || 'the answer itself';
  throw new BarrageError('PLATFORM_ERROR', `${place(url)} answered in a shape that barrage does not know (${at}).`, {
    ...facts(url),
    at,
  });
}
