/**
 * A worker of Temporal's SDK with the settings of barrage's own, and with what spares the SDK's memory there; no socket, no spool, no store. Its activities are on
 * the queue of its workflows, so they are dispatched eagerly, which streams are not. A process of its own.
 */
import { Context } from '@temporalio/activity';
import { NativeConnection, Worker } from '@temporalio/worker';
import { beatingEvery } from '../../activities/beating.js';
import { HEARTBEAT_EVERY_MS } from '../../activities/connecting-heartbeat.js';
import { silentLog } from '../../model/log.js';
import { installRuntime } from '../../workers/runtime.js';
import { WORKFLOW_SETTINGS } from '../../workers/workflow-settings.js';
import { takeOrder } from '../system/counting-process.js';
import type { BareActivities } from './bare-room.js';
import { type BareCounts, BareOrder } from './bare-order.js';

const counts: BareCounts = { isReady: false, held: 0 };

const activities: BareActivities = {
  hold: () =>
    beatingEvery(HEARTBEAT_EVERY_MS, async () => {
      counts.held += 1;
      await Context.current().cancelled.finally(() => (counts.held -= 1));
    }),
};

async function run({ address, taskQueue, rooms, code }: BareOrder): Promise<void> {
  await installRuntime(silentLog);
  const worker = await Worker.create({
    ...WORKFLOW_SETTINGS,
    connection: await NativeConnection.connect({ address }),
    taskQueue,
    workflowBundle: { code },
    activities,
    maxConcurrentActivityTaskExecutions: rooms,
  });
  counts.isReady = true;
  await worker.run();
}

takeOrder(BareOrder, counts, (order) => void run(order));
