import { z } from 'zod';

const perMinute = (what: string) =>
  z.number().min(0).max(60_000).default(0).describe(`How often a minute, over all connections: ${what}`);

/** How often each fault happens by itself; all of them can also be called for one by one. */
export const FaultRates = z.strictObject({
  drop: perMinute('a socket is cut without a close frame.'),
  close: perMinute('a socket is closed by the server, with a close frame.'),
  halfOpen: perMinute('a socket stays open, but nothing is sent or answered any more.'),
  slow: perMinute('a socket gets what is meant for it in small pieces, seconds late.'),
  cut: perMinute('a frame is cut in the middle; the next one is whole again.'),
  severed: perMinute('a socket is cut in the middle of a frame.'),
  hostile: perMinute('a frame made to do harm, from the catalogue.'),
  duplicate: perMinute('a frame is sent twice.'),
  rejectAuth: perMinute('the next authentication is refused, though its token is good.'),
  expireTokens: perMinute('every token given out so far becomes invalid.'),
  rateLimit: perMinute('the interfaces answer 429 for half a second.'),
  riskControl: perMinute('the next signed request is answered with -352.'),
  block: perMinute('the interfaces answer -412 for a second.'),
  endpointDown: perMinute('one of the socket hosts refuses connections for three seconds.'),
});
export type FaultRates = z.output<typeof FaultRates>;
export type FaultName = keyof FaultRates;

/** A mix in which 50 connections see each fault a dozen times a minute, and still spend most of their time connected. */
export const FAULT_PRESET: FaultRates = {
  drop: 20,
  close: 16,
  halfOpen: 14,
  slow: 16,
  cut: 16,
  severed: 14,
  hostile: 30,
  duplicate: 40,
  rejectAuth: 16,
  expireTokens: 14,
  rateLimit: 14,
  riskControl: 14,
  block: 12,
  endpointDown: 14,
};

/** Everything a caller may choose; the description is the help text. */
export const SimulatorOptions = z.strictObject({
  host: z.string().default('127.0.0.1').describe('Address to listen on.'),
  port: z.int().min(0).max(65_535).default(0).describe('Port of the interfaces and of the first socket host; 0 = any.'),
  seed: z.int().min(0).default(1).describe('Same seed, same rooms, users and texts.'),
  rooms: z.int().min(1).max(100_000).default(50).describe('How many rooms there are.'),
  rate: z.number().min(0).max(200_000).default(500).describe('Messages a second, over all rooms that are live.'),
  zipf: z.number().min(0).max(3).default(1).describe('Exponent of the popularity: 0 = all rooms alike.'),
  cadence: z.enum(['bursts', 'smooth']).default('bursts').describe('Bursts about every 1.3 s, as captured, or evenly.'),
  maskedShare: z.number().min(0).max(1).default(0.8).describe('Share of rooms that mask names and hide user ids.'),
  offlineShare: z.number().min(0).max(0.9).default(0).describe('Share of rooms that are offline at the start.'),
  liveChanges: z.number().min(0).max(6_000).default(0).describe('How often a minute a room goes live or offline.'),
  extraHosts: z.int().min(0).max(8).default(2).describe('Further socket hosts in host_list, each on its own port.'),
  deadHosts: z
    .int()
    .min(0)
    .max(4)
    .default(0)
    .describe('Hosts in host_list, before the others, that refuse connections.'),
  tcp: z.boolean().default(true).describe('Serve the same packets over plain TCP, too.'),
  connectionLimit: z.int().min(1).max(100_000).default(150).describe('Connections an address may hold.'),
  apiPerSecond: z.number().min(0.1).max(100_000).default(100).describe('Requests a second an address may make.'),
  apiBurst: z.int().min(1).max(1_000_000).default(300).describe('Requests an address may make at once.'),
  tokenTtlMs: z.int().min(100).max(86_400_000).default(1_200_000).describe('How long a token is good, in ms.'),
  authDeadlineMs: z
    .int()
    .min(100)
    .max(60_000)
    .default(5_000)
    .describe('The first packet must come within this, in ms.'),
  idleCloseMs: z
    .int()
    .min(500)
    .max(600_000)
    .default(70_000)
    .describe('Without a heartbeat for so long: closed, in ms.'),
  replyVersion: z
    .union([z.literal(0), z.literal(1)])
    .default(0)
    .describe('Version in the header of answers: 0 as of 2026-09, 1 as before (some older clients need 1).'),
  nestedShare: z.number().min(0).max(1).default(0.005).describe('Share of bodies that are compressed twice.'),
  maxBufferedBytes: z
    .int()
    .min(65_536)
    .max(1_073_741_824)
    .default(33_554_432)
    .describe('A reader that leaves more than this unread is cut off.'),
  faults: FaultRates.partial().default({}).describe('Faults that happen by themselves, a minute.'),
});
export type SimulatorOptions = z.output<typeof SimulatorOptions>;
export type SimulatorInput = z.input<typeof SimulatorOptions>;
