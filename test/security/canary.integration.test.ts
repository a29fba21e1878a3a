import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { MetricsPage } from '../../src/cli/metrics-page.js';
import type { Logger } from '../../src/model/log.js';
import { status } from '../../src/workflows/room-messages.js';
import { type FlakyProxy, startFlakyProxy } from '../../src/drills/flaky-proxy.js';
import { startTestStack, type TestStack } from '../stack.js';
import { everythingIn, leaksIn } from './haystack.js';
import { SecretsOnTheWire } from './secrets-on-the-wire.js';
import { spoolBytes, type Surfaces, surfacesOf } from './surfaces.js';

const HEALTHY_AFTER_MS = 5_500;
const SOON = { timeout: 60_000, interval: 100 };

/** What nobody may ever see, but those whom it is for. */
const SESSDATA = 'canarySessionData7f3a';
const CSRF = 'canaryCsrfToken51bc';
const USER = '904417263518827';
const VISITOR = 'canaryVisitorId88e0';
const PASSWORD = 'canaryMongoPassw0rd';
const API_KEY = 'canaryTemporalApiKey';
const SECRETS = new Map(
  Object.entries({ SESSDATA, CSRF, USER, VISITOR, PASSWORD, API_KEY }).map(([name, text]) => [text, name]),
);

/** What everybody may see: it shows that the search looks where it says. */
const TITLE = 'openCanaryTitle';

let stack: TestStack;
let mongo: FlakyProxy;
let wire: SecretsOnTheWire;
let surfaces: Surfaces;
let spooled = '';
const lines: string[] = [];
const note =
  (level: string) =>
  (facts: object, message: string): void =>
    void lines.push(`${level} ${message} ${everythingIn(facts)} ${JSON.stringify(facts)}`);
const log: Logger = { debug: note('debug'), info: note('info'), warn: note('warn'), error: note('error') };

beforeAll(async () => {
  wire = new SecretsOnTheWire();
  mongo = await startFlakyProxy(inject('mongoUri'));
  const uri = new URL(mongo.uri);
  stack = await startTestStack({
    log,
    simulator: { rooms: 4, rate: 40 },
    temporal: { apiKey: API_KEY, tls: false },
    config: {
      // FerretDB on SQLite asks nobody for a password, and takes any that comes in the clear.
      store: {
        uri: `mongodb://operator:${PASSWORD}@${uri.host}/?directConnection=true&authMechanism=PLAIN&authSource=%24external`,
        writeTimeoutMs: 1_000,
        serverSelectionTimeoutMs: 500,
      },
      discovery: { enabled: true, everyMs: 5_000, rooms: 2 },
      bilibili: {
        cookie: `SESSDATA=${SESSDATA}; bili_jct=${CSRF}; DedeUserID=${USER}; buvid3=${VISITOR}`,
        heartbeatMs: 300,
        readDeadlineMs: 1_500,
        authTimeoutMs: 1_000,
        tokenTtlMs: 0,
      },
    },
  });
  const [room] = stack.simulator.rooms;
  if (room !== undefined) room.title = TITLE;
  await live();
  // A broadcast may get another title at any moment.
  const first = await vi.waitUntil(async () => {
    const now = await surfacesOf(stack);
    return now.mongo.includes(TITLE) && now.details.includes(TITLE) ? now : undefined;
  }, SOON);
  await breakEverything();
  await vi.waitFor(() => expect(wire.count('room token')).toBeGreaterThan(3), SOON);
  surfaces = await surfacesOf(stack);
  surfaces.spool += spooled;
  surfaces.details += first.details;
  surfaces.mongo += first.mongo;
}, 240_000);
afterAll(async () => {
  wire.stop();
  await stack.stop();
  await mongo.close();
});

const metric = async (name: string): Promise<number> => {
  const pages = stack.workers.map(async ({ monitorUrl }) => (await fetch(`${monitorUrl}/metrics`)).text());
  return (await Promise.all(pages)).reduce((sum, text) => sum + new MetricsPage(text).sum(name), 0);
};

const start = async (workflowId: string, input: unknown): Promise<void> => {
  await stack.client.workflow.start('room', { workflowId, taskQueue: 'barrage', args: [input] });
};

const allStream = (): Promise<void> =>
  vi.waitFor(async () => {
    for (const roomId of stack.liveRooms) {
      const handle = stack.client.workflow.getHandle(`room:bilibili:${roomId}`);
      expect((await handle.query(status)).phase).toBe('streaming');
    }
  }, SOON);

/** Rooms that stream, and workflows that fail in every way there is. */
async function live(): Promise<void> {
  for (const roomId of stack.liveRooms) await start(`room:bilibili:${roomId}`, `bilibili:${roomId}`);
  for (const [name, input] of Object.entries({
    unknown: 'bilibili:999999999',
    locked: 'bilibili:404001',
    encrypted: 'bilibili:404002',
    region: 'bilibili:404003',
    hidden: 'bilibili:404004',
    nonsense: { room: 7 },
    none: undefined,
  }))
    await start(`bad-${name}`, input);
  await allStream();
}

/** Everything that the other side can do wrong, and both engines' refusals. */
async function breakEverything(): Promise<void> {
  const { faults, sockets } = stack.simulator;
  const allConnected = (): Promise<void> =>
    vi.waitFor(() => expect(stack.simulator.connections().length).toBe(stack.liveRooms.length), SOON);
  // A connection lost sooner counts as one more failed attempt, and ten of those suspend a room.
  const allHealthy = (): Promise<boolean> =>
    vi.waitUntil(() => {
      const connections = stack.simulator.connections();
      const isHealthy = ({ record }: (typeof connections)[number]): boolean =>
        (record.authenticatedAt ?? Infinity) < Date.now() - HEALTHY_AFTER_MS;
      return connections.length === stack.liveRooms.length && connections.every(isHealthy);
    }, SOON);
  for (const happen of [
    () => [faults.rejectAuth(2), faults.expireTokens(), faults.riskControl(3)],
    () => [faults.block(500), faults.rateLimit(1_000)],
    () => sockets.hosts.map((_, place) => faults.endpointDown(place, 500)),
  ]) {
    await allHealthy();
    happen();
    faults.dropAll();
    await allConnected();
  }
  await allHealthy();
  for (let count = 0; count < 40; count += 1) faults.hostile();
  faults.cut();
  faults.duplicate();
  faults.slow();
  faults.sever();
  faults.close();
  await allConnected();
  faults.halfOpen(Number(stack.liveRooms[0]));
  await vi.waitUntil(() => lines.some((line) => line.includes('"end":"silent"')), SOON);
  mongo.refuse();
  await vi.waitUntil(async () => (await metric('barrage_store_failures_total')) > 2, SOON);
  faults.dropAll();
  await allConnected(); // the records of the new connections stay in the spool meanwhile
  spooled = await spoolBytes(stack.config.spool.folder);
  mongo.restore();
  await allConnected();
  const [, second, third] = stack.liveRooms;
  await stack.client.workflow.getHandle(`room:bilibili:${second}`).cancel();
  await stack.client.workflow.getHandle(`room:bilibili:${third}`).signal('pause', 'maintenance');
  await stack.client.schedule.getHandle('discovery:bilibili').trigger();
}

describe('secrets, in a run where everything goes wrong,', () => {
  it.each<keyof Surfaces>(['histories', 'descriptions', 'details', 'schedules', 'metrics', 'health', 'mongo', 'spool'])(
    'are nowhere in %s',
    (surface) => {
      expect(leaksIn(surfaces[surface], new Map([...SECRETS, ...wire.found]))).toEqual([]);
    },
  );

  it('are in no line of the log at the level debug, the SDK’s own lines included', () => {
    expect(leaksIn(lines.join('\n'), new Map([...SECRETS, ...wire.found]))).toEqual([]);
    expect(lines.join('\n')).not.toMatch(/w_rid=|SESSDATA=\w/);
  });

  it('did pass: signatures, tokens and keys were asked for, and the cookie was sent', () => {
    expect(wire.count('signature')).toBeGreaterThan(5);
    expect(wire.count('mixin key')).toBe(1);
    expect(stack.simulator.ledger.connections.length).toBeGreaterThan(15);
  });
});

describe('the search itself', () => {
  it.each<[keyof Surfaces, string]>([
    ['histories', TITLE],
    ['details', TITLE],
    ['mongo', TITLE],
    ['spool', TITLE],
    ['descriptions', 'streaming'],
    ['schedules', 'discovery'],
    ['metrics', 'barrage_connections_ended_total'],
    ['metrics', 'temporal_'],
    ['health', 'complaints'],
  ])('finds in %s what is there: %s', (surface, text) => {
    expect(leaksIn(surfaces[surface], new Map([[text, 'found']]))).toEqual(['found']);
  });

  it('heard the log of the worker and of the SDK', () => {
    expect(lines.filter((line) => line.includes('connection ended')).length).toBeGreaterThan(10);
    expect(lines.some((line) => line.includes('temporal'))).toBe(true);
  });

  it('finds a secret percent-encoded, in Base64 at any place, in bytes and in an error’s cause', () => {
    const secret = new Map([['a secret/with=marks', 'x']]);
    const [plain = ''] = secret.keys();
    const hidden: unknown[] = [
      encodeURIComponent(plain),
      ...['', 'a', 'ab'].map((before) => Buffer.from(`${before}${plain}tail`).toString('base64')),
      Buffer.from(`x${plain}`),
      new Error('outside', { cause: new Error(plain) }),
      new Map([['key', { deep: [plain] }]]),
    ];
    for (const one of hidden) expect(leaksIn(everythingIn(one), secret)).toEqual(['x']);
    expect(leaksIn(everythingIn('a secret'), secret)).toEqual([]);
  });
});
