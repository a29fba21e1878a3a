/**
 * How the number of a message shows in what is stored of it. Every id that the simulator gives out holds the number, in a form
 * the platform's own ids have, so that a document leads back to its message whatever the collector made of it:
 *
 * | id | form |
 * |---|---|
 * | chat id | 36 hex digits, the last 8 are the number |
 * | gift tid | `48`, 6 digits, the gift's place in the message, the number in 10 digits |
 * | nonce (msg_id, live_key, pieces of raw notices) | `21438` and the number in 13 digits |
 * | super chat id | 100,000,000 + number |
 * | user id (of who appears once only) | 3,546,000,000,000,000 + number |
 */
import { hex, type Draw } from '../random.js';

const SUPERCHAT_BASE = 100_000_000;
const USER_BASE = 3_546_000_000_000_000;

export const chatId = (draw: Draw, n: number): string => hex(draw, 28) + n.toString(16).padStart(8, '0');
export const giftTid = (draw: Draw, n: number, place: number): string =>
  `48${String(Math.floor(draw() * 1e6)).padStart(6, '0')}${place}${String(n).padStart(10, '0')}`;
export const nonce = (n: number): string => `21438${String(n).padStart(13, '0')}`;
export const messageId = (n: number): string => `${nonce(n)}:1000:1000`;
export const superChatId = (n: number): number => SUPERCHAT_BASE + n;
export const onceUserId = (n: number): number => USER_BASE + n;

/** A masked name that hardly another message of the same second in the same room has. */
export const maskedOnceName = (n: number): string => `${String.fromCodePoint(0x4e00 + (n % 20_000))}***`;

export interface Identity {
  n: number;
  /** Which of several events of one message. */
  place: number;
}

const CHAT_ID = /^[0-9a-f]{28}([0-9a-f]{8})$/;
const TID = /(?<!\d)48\d{6}(\d)(\d{10})(?!\d)/;
const NONCE = /21438(\d{13})/;
const ONCE_USER = /(?<!\d)3546(\d{12})(?!\d)/;

export const readChatId = (text: string): number | undefined => {
  const found = CHAT_ID.exec(text)?.[1];
  return found === undefined ? undefined : Number.parseInt(found, 16);
};

export const readTid = (text: string): Identity | undefined => {
  const found = TID.exec(text);
  return found ? { n: Number(found[2]), place: Number(found[1]) } : undefined;
};

export const readNonce = (text: string): number | undefined => numberIn(NONCE.exec(text));
export const readOnceUser = (text: string): number | undefined => numberIn(ONCE_USER.exec(text));

export const readSuperChatId = (text: string): number | undefined => {
  const id = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  return id >= SUPERCHAT_BASE ? id - SUPERCHAT_BASE : undefined;
};

const numberIn = (found: RegExpExecArray | null): number | undefined =>
  found?.[1] === undefined ? undefined : Number(found[1]);
