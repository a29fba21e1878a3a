import { z } from 'zod';
import { Secret } from '../../model/secret.js';
import { isOwnHost } from './hosts.js';
import { CodecLimits } from './limits.js';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const MiB = 1024 * 1024;

/** What is no address is refused by its own rule, and reaches the others all the same. */
const urlOf = (text: string): URL | undefined => (URL.canParse(text) ? new URL(text) : undefined);

/** They would be shown with the address, and sent nowhere. */
const hasNoUser = (text: string): boolean => {
  const url = urlOf(text);
  return url === undefined || (url.username === '' && url.password === '');
};
const NO_USER = 'an address without user and password is wanted';

const baseUrl = (fallback: string) =>
  z
    .url({ protocol: /^https?$/ })
    .max(200)
    .refine(hasNoUser, NO_USER)
    .default(fallback);
const ms = (min: number, max: number, fallback: number) => z.int().min(min).max(max).default(fallback);

/** How barrage reaches Bilibili. */
export const BilibiliConfig = z
  .strictObject({
    apiUrl: baseUrl('https://api.bilibili.com').describe(
      'Base address of the site’s interfaces; another one for a simulator.',
    ),
    liveApiUrl: baseUrl('https://api.live.bilibili.com').describe(
      'Base address of the live interfaces. Where it is not the platform’s own, the chat is reached at that same host only.',
    ),
    wwwUrl: baseUrl('https://www.bilibili.com').describe(
      'The front page, which gives a visitor id where the interface for it fails.',
    ),
    transport: z
      .enum(['wss', 'ws', 'tcp'])
      .default('wss')
      .describe('What carries the chat. Only wss with the platform itself; ws and tcp are for a simulator.'),
    socketUrl: z
      .url({ protocol: /^wss?$/ })
      .max(200)
      .refine(hasNoUser, NO_USER)
      .optional()
      .describe('Dials this instead of what the interfaces name, under the same rule for hosts.'),
    protover: z
      .union([z.literal(0), z.literal(2), z.literal(3)])
      .default(3)
      .describe('How the platform packs messages: 0 plain, 2 zlib, 3 brotli.'),
    userAgent: z
      .string()
      .regex(/^[\x20-\x7e]{1,300}$/)
      .default('barrage/0.1 (+live chat archive)')
      .describe('What requests and sockets say they are.'),
    cookie: z
      .string()
      .min(1)
      .max(8192)
      .transform((text) => new Secret(text))
      .optional()
      .describe(
        'A user’s own cookie, `SESSDATA=…; bili_jct=…; DedeUserID=…; buvid3=…`. Secret; better in a file or the environment.',
      ),
    cookieFile: z
      .string()
      .min(1)
      .max(4096)
      .optional()
      .describe('A file that holds the cookie, in that form or as cookies.txt.'),
    requestsPerSecond: z
      .number()
      .min(0.1)
      .max(1000)
      .default(4)
      .describe('Requests to one host, of all rooms of this worker together.'),
    requestBurst: z
      .int()
      .min(1)
      .max(1000)
      .default(20)
      .describe('Requests to one host that may go at once after a pause.'),
    requestTimeoutMs: ms(500, MINUTE, 10 * SECOND).describe(
      'From asking an interface to the last byte of its answer, in ms.',
    ),
    connectTimeoutMs: ms(500, MINUTE, 10 * SECOND).describe('From dialling to an open socket, in ms.'),
    authTimeoutMs: ms(500, MINUTE, 5 * SECOND).describe('From the authentication to its answer, in ms.'),
    heartbeatMs: ms(100, MINUTE, 30 * SECOND).describe(
      'Between two heartbeats, in ms; the platform ends a connection after 60 to 70 s without.',
    ),
    readDeadlineMs: ms(200, 10 * MINUTE, 70 * SECOND).describe(
      'Silence that counts as a lost connection, in ms: two missed 30 s replies, and 10 s of grace.',
    ),
    tokenTtlMs: ms(0, 60 * MINUTE, 10 * MINUTE).describe(
      'How long a room’s token and hosts serve further connections, in ms.',
    ),
    riskControlWaitMs: ms(SECOND, 60 * MINUTE, 5 * MINUTE).describe(
      'How long signed requests rest after risk control (−352) refused one twice, in ms.',
    ),
    blockedWaitMs: ms(SECOND, 6 * 60 * MINUTE, 10 * MINUTE).describe(
      'How long a host is left alone after it blocked this address (−412) without saying for how long, in ms.',
    ),
    maxQueuedFrames: z
      .int()
      .min(2)
      .max(100_000)
      .default(512)
      .describe('Socket messages that wait for a slow reader before the socket is paused.'),
    maxQueuedBytes: z
      .int()
      .min(4096)
      .max(256 * MiB)
      .default(8 * MiB)
      .describe('The same in bytes as they came, for each connection.'),
    limits: CodecLimits.prefault({}).describe('What the other side may make one message cost.'),
  })
  .superRefine((config, context) => {
    const own = isOwnHost(urlOf(config.liveApiUrl)?.hostname ?? '');
    if (own && (config.transport !== 'wss' || config.socketUrl?.startsWith('ws:'))) {
      context.addIssue({ code: 'custom', path: ['transport'], message: 'Bilibili itself is reached over wss only.' });
    }
    for (const name of ['apiUrl', 'liveApiUrl', 'wwwUrl'] as const) {
      const url = urlOf(config[name]);
      if (url?.protocol === 'http:' && isOwnHost(url.hostname))
        context.addIssue({ code: 'custom', path: [name], message: 'Bilibili itself is reached over https only.' });
    }
    if (config.cookie && config.cookieFile) {
      context.addIssue({ code: 'custom', path: ['cookieFile'], message: 'Give the cookie or the file, not both.' });
    }
    if (config.readDeadlineMs <= config.heartbeatMs) {
      context.addIssue({
        code: 'custom',
        path: ['readDeadlineMs'],
        message: 'Must be longer than heartbeatMs, or a quiet room counts as lost.',
      });
    }
  });
export type BilibiliConfig = z.output<typeof BilibiliConfig>;
