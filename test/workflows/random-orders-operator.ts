import { type Client, ServiceError, WorkflowNotFoundError, WorkflowUpdateFailedError } from '@temporalio/client';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { reconnect } from '../../src/workflows/room-messages.js';
import { CHANGES, NONSENSE, oneOf, type Order, ORDERS, pick, randomOf } from './random-orders-script.js';

const CALL_WITHIN_MS = 20_000;
const AT_ONCE = 16;

/** Of gRPC: what a run that ends, or is reset, at this very moment is answered with. */
const NOT_FOUND = 5;
const FAILED_PRECONDITION = 9;

const codeOf = (cause: unknown): unknown =>
  typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : undefined;

const idOf = (room: string): string => `room:bilibili:${room}`;

/** Orders whatever the seed says of whatever room; keeps what was answered in a way that nobody should see. */
export class Operator {
  readonly sent: Partial<Record<Order, number>> = {};
  readonly oddities: string[] = [];
  readonly #random: () => number;
  readonly #underWay = new Set<Promise<unknown>>();
  #names = 0;

  constructor(
    readonly client: Client,
    seed: number,
    readonly rooms: readonly string[],
  ) {
    this.#random = randomOf(seed, 'operator');
  }

  async orderUntil(until: number, everyMs: number): Promise<void> {
    while (Date.now() < until) {
      const order = pick(this.#random, ORDERS);
      const room = oneOf(this.#random, this.rooms);
      this.sent[order] = (this.sent[order] ?? 0) + 1;
      const doing: Promise<unknown> = this.#order(order, room)
        .catch((error: unknown) => this.#answered(order, room, error))
        .finally(() => this.#underWay.delete(doing));
      this.#underWay.add(doing);
      await sleep(this.#random() * 2 * everyMs);
      if (this.#underWay.size >= AT_ONCE) await Promise.race(this.#underWay);
    }
    await Promise.all(this.#underWay);
  }

  start(room: string, order: object = {}): Promise<unknown> {
    return this.client.workflow
      .start('room', { workflowId: idOf(room), taskQueue: 'barrage', args: [{ room: `bilibili:${room}`, ...order }] })
      .catch((error: unknown) => {
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      });
  }

  /** What a call may be answered with: the room has ended, or refuses what it cannot do now. */
  #answered(order: Order, room: string, error: unknown): void {
    if (error instanceof WorkflowNotFoundError || error instanceof WorkflowUpdateFailedError) return;
    const code = error instanceof ServiceError ? codeOf(error.cause) : undefined;
    if (code === NOT_FOUND || code === FAILED_PRECONDITION) return;
    const words = error instanceof ServiceError ? `${error.message} ${String(error.cause)}` : String(error);
    this.oddities.push(`${order} of ${room}: ${words}`);
  }

  #order(order: Order, room: string): Promise<unknown> {
    return this.client.withDeadline(Date.now() + CALL_WITHIN_MS, () => this.#send(order, room));
  }

  async #send(order: Order, room: string): Promise<unknown> {
    const handle = this.client.workflow.getHandle(idOf(room));
    const nonsense = oneOf(this.#random, NONSENSE);
    switch (order) {
      case 'pause':
      case 'resume':
        return handle.signal(order, 'test');
      case 'configure':
        return handle.signal('configure', oneOf(this.#random, CHANGES));
      case 'retire':
        return handle.signal('retire', 'It is no longer among the live rooms listed.');
      case 'configure nonsense':
      case 'observed nonsense':
      case 'retire nonsense':
        return handle.signal(order.split(' ', 1)[0] ?? '', nonsense);
      case 'observed':
        return handle.signal('observed', {
          state: oneOf(this.#random, ['connecting', 'streaming', 'paused']),
          workerId: 'wgone1',
        });
      case 'reconnect':
        return handle.executeUpdate(reconnect, { args: ['test'] });
      case 'burst':
        return Promise.all(['pause', 'resume', 'pause', 'resume'].map((signal) => handle.signal(signal, 'burst')));
      case 'start':
        return this.start(room, {
          until: oneOf(this.#random, ['offline', 'cancelled']),
          startedBy: oneOf(this.#random, ['person', 'discovery']),
        });
      case 'cancel':
        return handle.cancel();
      case 'terminate':
        await handle.terminate('test');
        return this.start(room);
      case 'alias':
      case 'sweep':
      case 'reset':
        return this.#seldom(order, room);
    }
  }

  async #seldom(order: 'alias' | 'sweep' | 'reset', room: string): Promise<unknown> {
    this.#names += 1;
    const taskQueue = 'barrage';
    if (order === 'alias') {
      const args = [`https://live.bilibili.com/${room}`];
      return this.client.workflow.start('room', { workflowId: `alias-${this.#names}`, taskQueue, args });
    }
    if (order === 'sweep')
      return this.client.workflow.start('discovery', { workflowId: `discovery:${this.#names}`, taskQueue, args: [{}] });
    return this.reset(room);
  }

  /** To one of its first workflow tasks, with what was sent to it since. */
  async reset(room: string): Promise<unknown> {
    const handle = this.client.workflow.getHandle(idOf(room));
    const { runId } = await handle.describe();
    const { events } = await this.client.workflow.getHandle(idOf(room), runId).fetchHistory();
    const points = (events ?? []).filter(({ workflowTaskCompletedEventAttributes: done }) => done);
    if (points.length === 0) return undefined;
    return this.client.workflowService.resetWorkflowExecution({
      namespace: this.client.options.namespace,
      workflowExecution: { workflowId: idOf(room), runId },
      reason: 'test',
      requestId: randomUUID(),
      workflowTaskFinishEventId: oneOf(this.#random, points).eventId ?? null,
    });
  }
}
