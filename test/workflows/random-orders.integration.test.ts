import { Client, Connection } from '@temporalio/client';
import { defineSearchAttributeKey } from '@temporalio/common';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Engine, engineSettings } from '../../src/engines/engine.js';
import { startTemporal } from '../../src/engines/temporal.js';
import { silentLog } from '../../src/model/log.js';
import { SEARCH_ATTRIBUTES } from '../../src/model/search-attributes.js';
import { bundleWorkflows } from '../../src/workers/bundle.js';
import { installRuntime } from '../../src/workers/runtime.js';
import { freshNamespace } from '../namespace.js';
import { World } from './random-orders-activities.js';
import { allRuns, faultsOf, replayFaults, type Run } from './random-orders-histories.js';
import { Ledger } from './random-orders-ledger.js';
import { hastyWorkflows, Node } from './random-orders-nodes.js';
import { Operator } from './random-orders-operator.js';

const isLong = process.env['BARRAGE_LONG'] === '1';
const firstSeed = Number(process.env['BARRAGE_SEED'] ?? Date.now() % 1_000_000_000);
const size = isLong
  ? { seeds: 3, rooms: 40, chaosMs: 40_000, everyMs: 12, restarts: 5 }
  : { seeds: 1, rooms: 16, chaosMs: 6_000, everyMs: 12, restarts: 2 };
/** Far more than it takes, for machines that are busy with something else. */
const SOON = { timeout: 60_000, interval: 250 };
const ROOM_STATE = defineSearchAttributeKey('RoomState', 'KEYWORD');
const NODES = ['wnode1', 'wnode2'];

let temporal: Engine;
let connection: Connection;
let workflows: { code: string };

beforeAll(async () => {
  await installRuntime(silentLog);
  [temporal, workflows] = await Promise.all([
    startTemporal({
      settings: engineSettings(process.env),
      report: () => undefined,
      searchAttributes: SEARCH_ATTRIBUTES,
      dynamicConfig: { 'limit.historyCount.suggestContinueAsNew': 60 },
    }),
    hastyWorkflows(),
  ]);
  connection = await Connection.connect({ address: temporal.address });
});
afterAll(async () => {
  await connection.close();
  await temporal.stop();
});

/** One bad day: a namespace, its rooms and its workers, from a seed. */
class Day {
  readonly nodes = new Map<string, Node>();
  restarts = 0;

  private constructor(
    readonly client: Client,
    readonly world: World,
    readonly operator: Operator,
  ) {}

  static async begin(seed: number): Promise<Day> {
    const client = new Client({ connection, namespace: await freshNamespace(temporal.address) });
    const rooms = Array.from({ length: size.rooms }, (_, place) => String(1_000 + place));
    const world = new World(seed, rooms, new Ledger(client), new Ledger(client), client);
    const day = new Day(client, world, new Operator(client, seed, rooms));
    for (const name of NODES) await day.startNode(name);
    return day;
  }

  async startNode(name: string): Promise<void> {
    const { namespace } = this.client.options;
    this.nodes.set(name, await Node.start(this.world, name, { address: temporal.address, namespace }, workflows));
  }

  async restartNodes(): Promise<void> {
    for (let count = 0; count < size.restarts; count += 1) {
      await sleep(size.chaosMs / (size.restarts + 1));
      const name = NODES[count % NODES.length] ?? '';
      const old = this.nodes.get(name);
      await this.startNode(name); // beside the old one for a moment, as in a rolling restart
      await old?.stop();
      this.restarts += 1;
    }
  }

  async stop(): Promise<void> {
    await Promise.all([...this.nodes.values()].map((node) => node.stop()));
  }

  async running(type?: string): Promise<{ workflowId: string; runId: string }[]> {
    const found: { workflowId: string; runId: string }[] = [];
    const query = `ExecutionStatus = 'Running'${type === undefined ? '' : ` AND WorkflowType = '${type}'`}`;
    for await (const { workflowId, runId } of this.client.workflow.list({ query })) found.push({ workflowId, runId });
    return found;
  }

  /** The connections of a room, without those that the server has given up. */
  async connections(room: string): Promise<number> {
    const held = this.world.ledger.held(`bilibili:${room}`);
    const givenUp = await Promise.all(held.map((one) => this.world.ledger.isGivenUp(one)));
    return givenUp.filter((isGivenUp) => !isGivenUp).length;
  }
}

/** Starts every room, and gives orders at random while workers come and go. */
async function chaos(day: Day): Promise<void> {
  const { operator, world, client } = day;
  await Promise.all(world.rooms.map((room) => operator.start(room)));
  const ingest = (worker: string): Promise<unknown> =>
    client.workflow.start('ingest', {
      workflowId: `ingest:${worker}`,
      taskQueue: 'barrage',
      args: [{ workerId: worker }],
      workflowIdConflictPolicy: 'TERMINATE_EXISTING',
    });
  await Promise.all(NODES.map(ingest));
  const again = sleep(size.chaosMs / 2).then(() => ingest('wnode1'));
  await Promise.all([operator.orderUntil(Date.now() + size.chaosMs, size.everyMs), day.restartNodes(), again]);
}

/** The platform is well again; one `resume` each, and every room there is streams once, waits or has ended. */
async function calm(day: Day): Promise<void> {
  const { client, world } = day;
  world.isCalm = true;
  const rooms = await day.running('room');
  await Promise.all(
    rooms.map(({ workflowId }) =>
      client.workflow
        .getHandle(workflowId)
        .signal('resume')
        .catch(() => 0),
    ),
  );
  await vi.waitFor(async () => {
    const states = await Promise.all(world.rooms.map((room) => stateOf(day, room)));
    expect(states.filter((state) => state !== 'well')).toEqual([]);
  }, SOON);
}

/** `well`, or what a reader needs to know of a room that is not. */
async function stateOf(day: Day, room: string): Promise<string> {
  const handle = day.client.workflow.getHandle(`room:bilibili:${room}`);
  const { raw, status, typedSearchAttributes } = await handle.describe();
  if (status.name !== 'RUNNING') {
    await day.operator.start(room);
    return `${room} had ended and is started`;
  }
  const phase = typedSearchAttributes.get(ROOM_STATE);
  const connections = await day.connections(room);
  if (phase === 'streaming' && connections === 1) return 'well';
  const pending = raw.pendingActivities?.map(({ activityType, state, attempt, lastFailure }) => {
    return `${activityType?.name} in state ${state}, attempt ${attempt}, ${lastFailure?.message ?? 'no failure'}`;
  });
  const { attempt: tries, state: task } = raw.pendingWorkflowTask ?? {};
  return `${room} is ${phase} with ${connections} connections; ${pending?.join('; ')}; workflow task ${task}, attempt ${tries}`;
}

async function cancelAll(day: Day): Promise<number> {
  const since = performance.now();
  await vi.waitFor(async () => {
    const left = await day.running();
    await Promise.all(
      left.map(({ workflowId }) =>
        day.client.workflow
          .getHandle(workflowId)
          .cancel()
          .catch(() => 0),
      ),
    );
    expect(left.map(({ workflowId }) => workflowId)).toEqual([]);
  }, SOON);
  return performance.now() - since;
}

const times = (runs: readonly Run[], name: string): number =>
  runs.reduce(
    (sum, { history }) =>
      sum + (history.events ?? []).filter((event) => name in event && event[name as keyof typeof event]).length,
    0,
  );

function figures(day: Day, runs: readonly Run[], cancelMs: number): object {
  const { operator, world, restarts } = day;
  const orders = Object.values(operator.sent).reduce((sum, count) => sum + count, 0);
  const statuses: Record<string, number> = {};
  for (const { type, status: end } of runs) statuses[`${type} ${end}`] = (statuses[`${type} ${end}`] ?? 0) + 1;
  return {
    seed: world.seed,
    rooms: world.rooms.length,
    runs: runs.length,
    orders,
    restarts,
    calls: world.calls,
    connections: world.ledger.opened,
    batches: world.batches.opened,
    cancelMs: Math.round(cancelMs),
    overlapsAfterGivingUp: world.ledger.abandoned + world.batches.abandoned,
    signals: times(runs, 'workflowExecutionSignaledEventAttributes'),
    updates: times(runs, 'workflowExecutionUpdateAcceptedEventAttributes'),
    events: runs.reduce((sum, { history }) => sum + (history.events?.length ?? 0), 0),
    sent: operator.sent,
    statuses,
  };
}

describe('rooms of which anything is asked in any order', () => {
  const seeds = Array.from({ length: size.seeds }, (_, place) => firstSeed + place);

  it.each(seeds)(
    'keep to one connection, come back, and can be cancelled: BARRAGE_SEED=%i',
    { timeout: 300_000 },
    async (seed) => {
      const day = await Day.begin(seed);
      try {
        await chaos(day);
        await calm(day);
        const cancelMs = await cancelAll(day);
        await day.world.ledger.settled();
        await day.world.batches.settled();
        const runs = await allRuns(day.client);
        if (isLong || process.env['BARRAGE_FIGURES'] === '1') console.log(JSON.stringify(figures(day, runs, cancelMs)));
        const faults = [...day.world.ledger.violations, ...day.world.batches.violations, ...day.operator.oddities];
        faults.push(...runs.flatMap(faultsOf), ...(await replayFaults(runs, workflows)));
        if (isLong) faults.push(...(await replayFaults(runs, await bundleWorkflows())));
        expect(faults).toEqual([]);
      } finally {
        await day.stop();
      }
    },
  );
});
