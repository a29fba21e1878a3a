import type { Client } from '@temporalio/client';
import { ServiceError, WorkflowNotFoundError } from '@temporalio/client';
import type { Logger } from '../model/log.js';
import type { Observation } from '../model/stream.js';

const RETRY_AFTER_MS = 5_000;
const CALL_DEADLINE_MS = 10_000;

/** Tells an actor, by signal, how its stream is doing. Only the last word counts: while Temporal is away, newer ones replace older ones. */
export class Notifier {
  #waiting: Observation | undefined;
  #isSending = false;
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(
    private readonly client: Client,
    private readonly execution: { workflowId: string; runId: string },
    private readonly log: Logger,
  ) {}

  tell(observation: Observation): void {
    if (this.#isStopped) return;
    this.#waiting = { ...this.#waiting, ...observation };
    void this.#send();
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  async #send(): Promise<void> {
    if (this.#isSending) return;
    const observation = this.#waiting;
    if (observation === undefined || this.#isStopped) return;
    this.#waiting = undefined;
    this.#isSending = true;
    try {
      const { workflowId, runId } = this.execution;
      const handle = this.client.workflow.getHandle(workflowId, runId);
      await this.client.withDeadline(Date.now() + CALL_DEADLINE_MS, () => handle.signal('observed', observation));
    } catch (error) {
      this.#failed(error, observation);
    } finally {
      this.#isSending = false;
    }
    if (this.#waiting !== undefined && this.#timer === undefined) void this.#send();
  }

  #failed(error: unknown, observation: Observation): void {
    if (error instanceof WorkflowNotFoundError) return this.stop(); // its heartbeat will tell the stream
    this.#waiting = { ...observation, ...this.#waiting };
    const reason = error instanceof ServiceError ? error.message : 'unknown';
    this.log.debug({ workflowId: this.execution.workflowId, reason }, 'an actor could not be told; trying again');
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.#send();
    }, RETRY_AFTER_MS);
  }
}
