import type { Info } from '@temporalio/activity';
import type { Client } from '@temporalio/client';

/** Something of which there may be one at a time: a connection of a room, a batch of a worker. */
export interface Held {
  readonly what: string;
  readonly workflowId: string;
  readonly runId: string;
  readonly activityId: string;
  readonly attempt: number;
  readonly since: number;
  close(): void;
}

/** Counts who holds what, and asks the server of each overlap whether it had given one of the attempts up: a task may reach a slow worker late. */
export class Ledger {
  opened = 0;
  /** Overlaps with an attempt that the server had given up: its worker was silent or slow, or its run terminated. */
  abandoned = 0;
  readonly violations: string[] = [];
  readonly #held = new Map<string, Set<Held>>();
  readonly #asking = new Set<Promise<void>>();

  constructor(readonly client: Client) {}

  open(what: string, { workflowExecution, activityId, attempt }: Info): Held {
    const all = this.#held.get(what) ?? new Set<Held>();
    this.#held.set(what, all);
    const { workflowId = '', runId = '' } = workflowExecution ?? {};
    const held = { what, workflowId, runId, activityId, attempt, since: Date.now(), close: () => all.delete(held) };
    for (const earlier of all) this.#ask(earlier, held);
    all.add(held);
    this.opened += 1;
    return held;
  }

  held(what: string): Held[] {
    return [...(this.#held.get(what) ?? [])];
  }

  async settled(): Promise<void> {
    while (this.#asking.size > 0) await Promise.all(this.#asking);
  }

  #ask(earlier: Held, later: Held): void {
    const asking = Promise.all([earlier, later].map((held) => this.isGivenUp(held)))
      .then((givenUp) => {
        if (givenUp.includes(true)) this.abandoned += 1;
        else this.violations.push(`${describe(later)} began while ${describe(earlier)} was under way`);
      })
      .catch((error: unknown) => {
        this.violations.push(`nobody knows whether ${describe(earlier)} had been given up: ${String(error)}`);
      })
      .finally(() => this.#asking.delete(asking));
    this.#asking.add(asking);
  }

  /** Whether the server waits for this attempt no more: by its history, or by the attempt that is pending instead. */
  async isGivenUp({ workflowId, runId, activityId, attempt }: Held): Promise<boolean> {
    const handle = this.client.workflow.getHandle(workflowId, runId);
    const { raw, status } = await handle.describe();
    if (status.name === 'TERMINATED') return true;
    const pending = raw.pendingActivities?.find((one) => one.activityId === activityId);
    if (pending !== undefined) return (pending.attempt ?? 0) > attempt; // one that has not returned is passed over by a timeout only
    const { events } = await handle.fetchHistory();
    const scheduled = events?.find((one) => one.activityTaskScheduledEventAttributes?.activityId === activityId);
    const isOfIt = (one: { scheduledEventId?: unknown } | null | undefined): boolean =>
      String(one?.scheduledEventId) === String(scheduled?.eventId);
    return (events ?? []).some(
      ({ activityTaskTimedOutEventAttributes: timedOut, activityTaskStartedEventAttributes: started }) =>
        isOfIt(timedOut) || (isOfIt(started) && (started?.attempt ?? 0) > attempt),
    );
  }
}

const describe = ({ what, workflowId, runId, activityId, attempt }: Held): string =>
  `attempt ${attempt} of activity ${activityId} of ${workflowId} (${runId.slice(0, 8)}) for ${what}`;
