/** A worker that has Temporal's SDK and nothing else, with the settings of barrage's own: no socket, no spool, no store. A process of its own. */
import { Context } from '@temporalio/activity';
import { NativeConnection, Worker } from '@temporalio/worker';
import { fileURLToPath } from 'node:url';
import { beatingEvery } from '../../activities/beating.js';
import { HEARTBEAT_EVERY_MS } from '../../activities/connecting-heartbeat.js';
import { silentLog } from '../../model/log.js';
import { bundleWorkflows } from '../../workers/bundle.js';
import { installRuntime } from '../../workers/runtime.js';
import { WORKFLOW_SETTINGS } from '../../workers/temporal-workers.js';
import { takeOrders } from '../system/counting-process.js';
import type { BareActivities } from './bare-room.js';
import { type BareCounts, BareOrder } from './bare-order.js';

const WORKFLOWS = fileURLToPath(new URL('./bare-room.js', import.meta.url));

const counts: BareCounts = { isReady: false, held: 0 };

const activities: BareActivities = {
  hold: () =>
    beatingEvery(HEARTBEAT_EVERY_MS, async () => {
      counts.held += 1;
      await Context.current().cancelled;
    }),
};

async function run({ address, taskQueue, rooms }: BareOrder): Promise<void> {
  await installRuntime(silentLog);
  const worker = await Worker.create({
    ...WORKFLOW_SETTINGS,
    connection: await NativeConnection.connect({ address }),
    taskQueue,
    workflowBundle: await bundleWorkflows(WORKFLOWS),
    activities,
    maxConcurrentActivityTaskExecutions: rooms,
  });
  counts.isReady = true;
  await worker.run();
}

takeOrders(BareOrder, counts, (order) => void run(order));
