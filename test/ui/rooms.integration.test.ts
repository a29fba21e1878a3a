import type { WorkflowHandle } from '@temporalio/client';
import { afterAll, beforeAll, expect, inject, it, vi } from 'vitest';
import { roomWorkflowId } from '../../src/model/room.js';
import { status } from '../../src/workflows/room-messages.js';
import { startTestStack, type TestStack } from '../stack.js';
import { type Browser, openBrowser } from './browser.js';
import { TemporalUi } from './temporal-ui.js';
const SOON = { timeout: 20_000, interval: 100 };
let stack: TestStack;
let browser: Browser;
let ui: TemporalUi;
beforeAll(async () => {
  console.time('open');
  [browser, stack] = await Promise.all([openBrowser(), startTestStack({ simulator: { rooms: 12, rate: 60 } })]);
  console.timeEnd('open');
  ui = new TemporalUi(await browser.context.newPage(), inject('temporalUiUrl'), stack.namespace);
});
afterAll(async () => {
  await browser?.close();
  await stack?.stop();
});
const start = (roomId: string): Promise<WorkflowHandle> =>
  stack.client.workflow.start('room', { workflowId: roomWorkflowId(stack.room(roomId)), taskQueue: 'barrage', args: [`bilibili:${roomId}`] });
it('explores', async () => {
  const a = stack.liveRooms[0] ?? '', b = stack.liveRooms[1] ?? '';
  const h = await start(a);
  await vi.waitFor(async () => expect((await h.query(status)).phase).toBe('streaming'), SOON);
  await ui.openWorkflow(h.workflowId);
  await ui.page.waitForTimeout(6000);
  stack.simulator.faults.dropRoom(Number(a));
  for (const place of stack.simulator.sockets.hosts.keys()) stack.simulator.faults.endpointDown(place, 60_000);
  const hb = await start(b);
  await ui.page.waitForTimeout(2000);
  await ui.openWorkflow(h.workflowId);
  await ui.page.getByTestId('All').first().click().catch((e: unknown) => console.log(String(e).slice(0, 200)));
  await ui.page.waitForTimeout(1000);
  console.log('STATUS', await ui.workflowStatus.innerText());
  const rows = ui.page.getByTestId('event-summary-row').filter({ hasText: 'streamRoom' });
  console.log('ROWS', await rows.allInnerTexts());
  const done = ui.page.getByTestId('event-summary-row').filter({ hasText: 'Activity Task Completed' });
  console.log('DONE', await done.allInnerTexts());
  await done.first().click();
  await ui.page.waitForTimeout(1000);
  console.log('AFTER', (await done.first().locator('xpath=..').innerText()).slice(0, 3000), ui.page.url());
  await ui.page.screenshot({ path: '/tmp/j1.png', fullPage: true });
  for (let i = 0; i < 5; i += 1) {
    await ui.openWorkflow(hb.workflowId, 'pending-activities');
    await ui.page.waitForTimeout(1500);
    console.log('PEND', (await ui.main.innerText()).split('\n').filter(Boolean).slice(30).join(' | ').slice(0, 1500));
  }
  await ui.page.screenshot({ path: '/tmp/j2.png', fullPage: true });
}, 100_000);
