import type { ConnectionCounts } from '../model/connection.js';
import { BarrageError } from '../model/errors.js';
import type { EventKind } from '../model/event-kind.js';
import type { Logger } from '../model/log.js';
import type { SpoolEntry } from '../model/records.js';
import { APPENDS_UNDER_WAY, type Spool, type StreamProgress } from '../spool/spool.js';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Metrics } from './metrics.js';

/** How long, in all, a stream waits for a nearly full spool before it goes on and sheds. */
const LONGEST_WAIT_MS = 5_000;
const WAIT_STEP_MS = 50;

/** The way of one stream into the spool: bounded, in order, and honest about what the spool did not take. */
export class SpoolWriter {
  readonly #underWay: Promise<void>[] = [];
  #waitedMs = 0;

  constructor(
    private readonly deps: { spool: Spool; metrics: Metrics; log: Logger },
    private readonly platform: string,
    private readonly counts: ConnectionCounts,
  ) {}

  /** How full the spool is, 0…1. */
  fill(): number {
    const { bytes, quotaBytes } = this.deps.spool.state();
    return bytes / quotaBytes;
  }

  /**
   * Appends. Gives back what to wait for until there is room for the next one, where there is none; that it is durable, `durable` tells. What the spool
   * refuses is counted as shed.
   * @param kinds the kinds of the events among `entries`, counted as accepted already
   */
  write(
    entries: readonly SpoolEntry[],
    kinds: readonly EventKind[],
    progress: StreamProgress,
    durable: (to: number) => void,
  ): Promise<void> | undefined {
    const append = (): Promise<void> | undefined => this.#append(entries, kinds, progress, durable);
    if (this.deps.spool.state().level !== 'ok') return this.#waitForRoom().then(append);
    this.#waitedMs = 0;
    return append();
  }

  #append(
    entries: readonly SpoolEntry[],
    kinds: readonly EventKind[],
    progress: StreamProgress,
    durable: (to: number) => void,
  ): Promise<void> | undefined {
    const appended = this.deps.spool.append(entries, progress).then(
      ({ to }) => {
        durable(to);
        this.deps.metrics.accepted(this.platform, kinds);
      },
      (error: unknown) => this.#refused(kinds, error),
    );
    this.#underWay.push(appended);
    return this.#underWay.length >= APPENDS_UNDER_WAY ? this.#underWay.shift() : undefined;
  }

  /** Resolves when nothing is under way. */
  async settled(): Promise<void> {
    await Promise.all([this.deps.spool.flush(), ...this.#underWay.splice(0)]);
  }

  #refused(kinds: readonly EventKind[], error: unknown): void {
    for (const kind of kinds) {
      this.counts.accepted[kind] = (this.counts.accepted[kind] ?? 0) - 1;
      this.counts.shed[kind] = (this.counts.shed[kind] ?? 0) + 1;
    }
    this.deps.metrics.shed(this.platform, kinds);
    const code = error instanceof BarrageError ? error.code : 'SPOOL_FAILED';
    this.deps.log.error({ code, events: kinds.length }, 'the spool refused events; they are counted as shed');
  }

  async #waitForRoom(): Promise<void> {
    while (this.#waitedMs < LONGEST_WAIT_MS && this.deps.spool.state().level !== 'ok') {
      this.#waitedMs += WAIT_STEP_MS;
      await sleep(WAIT_STEP_MS);
    }
  }
}
