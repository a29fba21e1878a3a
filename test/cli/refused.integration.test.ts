import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { freshNamespace } from '../namespace.js';
import { REFUSAL, RefusingTemporal } from './refusing-temporal.js';
import { runBarrage } from './run-barrage.js';

const CANCELLED = 1;
const INVALID_ARGUMENT = 3;
const PERMISSION_DENIED = 7;
const FAILED_PRECONDITION = 9;

describe('a call that Temporal answers with an error', () => {
  const open: RefusingTemporal[] = [];
  let namespace = '';
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'barrage-refused-'));
    namespace = await freshNamespace(inject('temporalAddress'));
  });
  afterAll(async () => {
    for (const temporal of open) temporal.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function run(refused: Record<string, number>, args: readonly string[], variables = {}) {
    const temporal = await RefusingTemporal.listen(inject('temporalAddress'), refused);
    open.push(temporal);
    const { address } = temporal;
    const env = { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace, ...variables };
    return { address, ...(await runBarrage(args, env)) };
  }

  it.each([PERMISSION_DENIED, INVALID_ARGUMENT])(
    'and means it (status %i) ends in its own words, with 2: the same again fails again',
    async (status) => {
      const { code, stderr, address } = await run({ ListWorkflowExecutions: status }, ['room', 'list']);
      expect(stderr).toContain(`barrage: Temporal at ${address} refused: ${REFUSAL}. `);
      expect(code).toBe(2);
    },
  );

  it('because there is no such namespace ends so, too', async () => {
    const variables = { TEMPORAL_NAMESPACE: 'no-such-namespace' };
    for (const command of ['list', 'stop']) {
      const { code, stderr } = await run({}, ['room', command, ...(command === 'stop' ? ['1'] : [])], variables);
      expect(stderr).toMatch(/^barrage: Temporal at \S+ refused: Namespace not found: 'no-such-namespace'\. /);
      expect(code).toBe(2);
    }
  });

  it('that may be another one later ends with 3', async () => {
    const refused = { ListWorkflowExecutions: FAILED_PRECONDITION };
    const { code, stderr, address } = await run(refused, ['room', 'list']);
    expect(stderr).toContain(`barrage: Temporal at ${address} cannot do it now: ${REFUSAL}. `);
    expect(code).toBe(3);
  });

  it('that is none, since the call was cut off, ends with 3', async () => {
    const { code, stderr, address } = await run({ ListWorkflowExecutions: CANCELLED }, ['room', 'list']);
    expect(stderr).toContain(`barrage: Temporal at ${address} did not answer: `);
    expect(code).toBe(3);
  });

  it('is told by the doctor with what was refused', async () => {
    const variables = {
      MONGODB_URI: inject('mongoUri'),
      BARRAGE_PLATFORMS_BILIBILI_LIVE_API_URL: 'http://127.0.0.1:1', // nobody listens there
      BARRAGE_PLATFORMS_BILIBILI_TRANSPORT: 'ws',
    };
    const args = ['doctor', '--json', '--data', folder];
    const { lastJson, address } = await run({ DescribeNamespace: PERMISSION_DENIED }, args, variables);
    const message = `The namespace "${namespace}" cannot be used. Temporal at ${address} refused: ${REFUSAL}.`;
    expect(lastJson()).toMatchObject({
      findings: expect.arrayContaining([expect.objectContaining({ name: 'namespace', status: 'fail', message })]),
    });
  });
});
