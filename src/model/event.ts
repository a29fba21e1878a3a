import { z } from 'zod';
import { EventKind } from './event-kind.js';

const text = (max: number) => z.string().max(max);
const money = z.int().describe("An integer of the currency's smallest unit.");
const currency = z
  .enum(['CNY', 'bilibili:gold', 'bilibili:silver'])
  .describe('CNY counts fen (100 = 1 CNY); bilibili:gold counts gold coins (1000 = 1 CNY); silver coins are free.');

const User = z.strictObject({
  id: text(64).optional().describe('Absent where the platform hides it.'),
  name: text(256),
  masked: z.boolean().optional().describe('The platform shows anonymous readers a masked name.'),
  level: z.int().optional(),
  badge: z
    .strictObject({ name: text(64), level: z.int(), roomId: text(64).optional(), anchorName: text(256).optional() })
    .optional(),
  role: z.enum(['anchor', 'moderator']).optional(),
  tier: z.int().optional().describe("Paid membership, the platform's own number (bilibili: 1 总督, 2 提督, 3 舰长)."),
});

const Gift = z.strictObject({
  id: text(64),
  name: text(256),
  count: z.int(),
  price: money.describe('Of one, in the smallest unit of `currency`.'),
  total: money.describe('Paid for all, in the smallest unit of `currency`.'),
  currency,
  comboId: text(256).optional(),
  original: z
    .strictObject({ name: text(256), price: money })
    .optional()
    .describe('What was bought, where the gift came out of a blind box.'),
});

const Moderation = z.strictObject({
  action: text(64),
  targets: z.array(text(64)).max(1000).optional(),
  operator: text(256).optional(),
});

const RoomFacts = z.strictObject({
  title: text(512).optional(),
  areaId: text(32).optional(),
  areaName: text(128).optional(),
  parentAreaId: text(32).optional(),
  parentAreaName: text(128).optional(),
});

const eventShape = <Time extends z.ZodType>(time: Time) => ({
  _id: text(200).describe(
    "Deterministic: from the platform's own message id, or else from the connection and the frame's place in it.",
  ),
  platform: z.string().regex(/^[a-z][a-z0-9]{1,15}$/),
  roomId: text(64).describe("The platform's canonical room id."),
  kind: EventKind,
  at: time.describe('When it happened, by the platform; by the receiver where `atFrom` says so.'),
  atFrom: z.enum(['platform', 'receiver']),
  receivedAt: time.describe('When its frame left the socket, by the clock of the worker.'),
  storedAt: time.describe('When the write that stored it was sent, by the clock of the worker.'),
  seq: z.int().positive().describe('Its place in the spool of the worker that `connectionId` begins with.'),
  connectionId: text(80),
  sessionId: text(120).optional().describe('The broadcast it belongs to, where one was known.'),
  messageId: text(160).optional().describe("The platform's own id of the message."),
  user: User.optional(),
  text: text(4096).optional(),
  sticker: z.strictObject({ id: text(160), url: text(1024).optional() }).optional(),
  replyTo: z.strictObject({ id: text(64).optional(), name: text(256) }).optional(),
  color: z.int().min(0).max(0xffffff).optional().describe('24-bit RGB.'),
  gift: Gift.optional(),
  superchat: z
    .strictObject({ price: money, currency, durationSeconds: z.int(), translation: text(4096).optional() })
    .optional(),
  membership: z
    .strictObject({
      tier: z.int(),
      name: text(64).optional(),
      count: z.int(),
      unit: text(32).optional(),
      price: money,
      currency,
      startsAt: time.optional(),
      endsAt: time.optional(),
    })
    .optional(),
  moderation: Moderation.optional(),
  room: RoomFacts.optional(),
  live: z
    .strictObject({ key: text(64).optional(), startedAt: time.optional(), rebroadcast: z.boolean().optional() })
    .optional(),
  type: text(96)
    .optional()
    .describe("The platform's own name of the message, where `kind` says less than it (always on a notice)."),
  raw: text(32_768).optional().describe("The platform's own JSON text, cut where it is longer; always on a notice."),
});

/** A document of `events_YYYYMMDD`. Published as `schema/event.schema.json`. */
export const EventDocument = z
  .strictObject(eventShape(z.date()))
  .describe('One event of a live room, as stored by barrage.');
export type EventDocument = z.output<typeof EventDocument>;

/** The same event on its way there; times are milliseconds since the Unix epoch. `seq` and `storedAt` come later. */
export const SpooledEvent = z.strictObject(eventShape(z.int())).omit({ seq: true, storedAt: true });
export type SpooledEvent = z.output<typeof SpooledEvent>;

/**
 * What a platform's codec makes of one message: times in milliseconds since the Unix epoch.
 * `key` names the message within its room (`chat:<id>`) where the platform gives it an identity that a replay repeats.
 */
export type EventDraft = Omit<
  SpooledEvent,
  '_id' | 'platform' | 'roomId' | 'at' | 'atFrom' | 'receivedAt' | 'connectionId' | 'sessionId'
> & {
  key?: string;
  at?: number;
};
