import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { z } from 'zod';
import { roomWorkflowId } from '../../src/model/room.js';
import { pause, status } from '../../src/workflows/room-messages.js';
import type { TestStack } from '../stack.js';
import type { TemporalUi, WorkflowTab } from '../ui/temporal-ui.js';
import { startUiStack } from '../ui/ui-stack.js';

const SOON = { timeout: 30_000, interval: 100 };
const EVIL = /evil\.example/;

/** All that a renderer of Markdown or HTML could act on, in one title. */
const TITLE = [
  '<script>top.pwned=1</script><img src=http://evil.example/a.png onerror=top.pwned=1>',
  '![b](http://evil.example/b.png) [c](javascript:top.pwned=1) http://evil.example/d',
].join('|');
const REASON = '</td></table><iframe src=http://evil.example/e></iframe>[f](http://evil.example/f) www.evil.example';
const WORKFLOW_ID = 'bad"><img src=x onerror=top.pwned=1>';

let stack: TestStack;
let ui: TemporalUi;
let stop: (() => Promise<void>) | undefined;
let workflowId: string;
let failedRunId: string;
const asked: string[] = [];
const dialogs: string[] = [];

beforeAll(async () => {
  ({ stack, ui, stop } = await startUiStack({ simulator: { rooms: 2, rate: 20 } }));
  ui.page.on('request', (request) => void asked.push(request.url()));
  ui.page.on('dialog', (dialog) => {
    dialogs.push(dialog.message());
    void dialog.dismiss();
  });
  const [roomId = ''] = stack.liveRooms;
  stack.simulator.room(Number(roomId)).title = TITLE;
  workflowId = roomWorkflowId(stack.room(roomId));
  const start = (id: string, input: unknown) =>
    stack.client.workflow.start('room', { workflowId: id, taskQueue: 'barrage', args: [input] });
  const handle = await start(workflowId, `bilibili:${roomId}`);
  const failed = await start(WORKFLOW_ID, REASON);
  failedRunId = failed.firstExecutionRunId;
  await failed.result().catch(() => undefined);
  await vi.waitFor(async () => expect((await handle.query(status)).title).toBe(TITLE), SOON);
  await handle.signal(pause, REASON);
  await vi.waitFor(async () => expect((await handle.query(status)).pausedBecause).toBe(REASON), SOON);
}, 180_000);
afterAll(() => stop?.());

/** Runs in the page: what acts, or leads away, as HTML; and whether a script of somebody else's ran. */
const LOOK = `(() => {
  const nodes = [...document.querySelectorAll('a[href], img[src], iframe[src], script[src], form[action], object, embed, [onerror], [onload]')];
  return { html: nodes.map((node) => node.outerHTML.slice(0, 500)), pwned: 'pwned' in top };
})()`;
const Look = z.object({ html: z.array(z.string()), pwned: z.boolean() });

/** What is wrong with the page and its frames. */
async function harm(): Promise<string[]> {
  const looks = await Promise.all(ui.page.frames().map(async (frame) => Look.parse(await frame.evaluate(LOOK))));
  expect(looks.flatMap(({ html }) => html).length).toBeGreaterThan(5);
  const bad = looks.flatMap(({ html }) =>
    html.filter((one) => /evil\.example|javascript:|pwned/.test(one) && !isOwn(one)),
  );
  return [...bad, ...looks.filter(({ pwned }) => pwned).map(() => 'a script ran')];
}

/** Links of the UI’s own to the workflow whose name is hostile; they lead to this UI. */
const isOwn = (html: string): boolean =>
  /^<a [^>]*href="\/namespaces\//.test(html) && !/<(img|script|iframe)/.test(html);

describe('the Temporal UI, in a browser, with hostile words in title, reason, input and workflow id,', () => {
  it.each<[WorkflowTab, string]>([
    ['user-metadata', 'current details'],
    ['history', 'history'],
  ])('shows the room’s %s as text', async (tab) => {
    await ui.openWorkflow(workflowId, tab);
    await ui.main.waitFor();
    if (tab === 'user-metadata')
      await vi.waitFor(
        async () => expect(await ui.currentDetails.innerText()).toContain('<script>top.pwned=1</script>'),
        SOON,
      );
    expect(await harm()).toEqual([]);
  });

  it('shows the failed workflow, and the list, as text', async () => {
    const path = `${encodeURIComponent(WORKFLOW_ID)}/${failedRunId}/history`;
    await ui.page.goto(`${inject('temporalUiUrl')}/namespaces/${stack.namespace}/workflows/${path}`);
    await ui.result.getByText('evil.example').first().waitFor();
    expect(await harm()).toEqual([]);
    await ui.page.goto(`${inject('temporalUiUrl')}/namespaces/${stack.namespace}/workflows`);
    await ui.page.getByTestId('workflow-count').waitFor();
    expect(await harm()).toEqual([]);
  });

  it('has asked nobody else for anything, and opened no dialog', () => {
    expect(asked.length).toBeGreaterThan(10);
    const foreign = asked.filter((url) => !/^(data|blob|about):/.test(url) && new URL(url).hostname !== '127.0.0.1');
    expect(foreign).toEqual([]);
    expect(asked.filter((url) => EVIL.test(new URL(url).hostname))).toEqual([]);
    expect(dialogs).toEqual([]);
  });
});
