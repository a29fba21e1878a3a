import { Buffer } from 'node:buffer';
import { endOfNested, endOfString, MAX_SKIPPED_DEPTH } from './skip-json.js';

/**
 * Chat is half of all messages and most of all bytes, and two thirds of a chat are never looked at: an object `user`, which repeats the sender, and
 * `extra`, JSON text within the JSON of which only the id matters where nobody is answered.
 */

/** Whether a message that begins like a chat is one after all: what else there is may be kept as it came, and needs its whole text. */
export const isChat = (cmd: unknown): cmd is string =>
  cmd === 'DANMU_MSG' || (typeof cmd === 'string' && cmd.startsWith('DANMU_MSG:'));

const CHAT = Buffer.from('{"cmd":"DANMU_MSG');
/**
 * A quote within a text has a backslash before it. So where one of these is found, its first quote opens a name, or the JSON before it is broken, which
 * stays as it is and is found by the parser.
 */
const EXTRA = Buffer.from('{"extra":"{');
const USER = Buffer.from(',"user":{');
const ID = Buffer.from(',\\"id_str\\":\\"');
const NO_REPLY = Buffer.from(',\\"reply_mid\\":0,');

const MAX_ID = 64;
const MAX_CHAT = 16 * 1024;
const scratch = Buffer.alloc(MAX_CHAT + 256);

/** The chat's text, and how much deeper than it the whole may nest. */
interface ShortChat {
  text: string;
  deeper: number;
}

/**
 * The JSON text of a chat without what is never looked at. Nothing where the message is no such chat, or not written as the platform writes it: then
 * the whole is parsed. What is left out has been checked to be JSON, so this text is JSON where the whole is, and says the same.
 */
export function shortChat(bytes: Buffer, start: number, end: number): ShortChat | undefined {
  if (end - start > MAX_CHAT || !beginsLikeChat(bytes, start)) return undefined;
  // Nothing is searched for beyond the chat: each of many short ones would be searched to the end of all.
  return shorten(bytes.subarray(start, end));
}

function shorten(chat: Buffer): ShortChat | undefined {
  const extra = chat.indexOf(EXTRA);
  if (extra < 0) return undefined;
  const extraStart = extra + EXTRA.length - 1;
  const extraEnd = endOfString(chat, extraStart, chat.length);
  if (extraEnd < 0) return undefined;
  const id = chat.indexOf(ID, extraStart);
  if (id < 0 || id >= extraEnd) return undefined;
  const idEnd = endOfId(chat, id + ID.length);
  const noReply = idEnd < 0 ? -1 : chat.indexOf(NO_REPLY, idEnd);
  if (noReply < 0 || noReply + NO_REPLY.length >= extraEnd) return undefined;
  let length = chat.copy(scratch, 0, 0, extraStart);
  length += chat.copy(scratch, length, id, idEnd);
  length += chat.copy(scratch, length, noReply, noReply + NO_REPLY.length);
  return withoutUser(chat, extraEnd - 1, length);
}

function beginsLikeChat(bytes: Buffer, start: number): boolean {
  for (let at = CHAT.length - 1; at >= 0; at -= 1) if (bytes[start + at] !== CHAT[at]) return false;
  return true;
}

/** The place behind the quote that ends the id. */
function endOfId(bytes: Buffer, start: number): number {
  let at = start;
  while (isIdByte(bytes[at] ?? 0)) at += 1;
  const length = at - start;
  return length > 0 && length <= MAX_ID && bytes[at] === 0x5c && bytes[at + 1] === 0x22 ? at + 2 : -1;
}

/** As in `[\w-]`. */
const isIdByte = (byte: number): boolean =>
  (byte >= 0x30 && byte <= 0x39) ||
  (byte >= 0x41 && byte <= 0x5a) ||
  (byte >= 0x61 && byte <= 0x7a) ||
  byte === 0x5f ||
  byte === 0x2d;

/** Adds what is behind `extra` to the `length` bytes there are. */
function withoutUser(chat: Buffer, from: number, length: number): ShortChat | undefined {
  const user = chat.indexOf(USER, from);
  const userStart = user + USER.length - 1;
  const userEnd = user < 0 ? -1 : endOfNested(chat, userStart, chat.length);
  if (userEnd < 0) return undefined;
  let written = length + chat.copy(scratch, length, from, userStart);
  scratch[written] = 0x30; // a number in its place
  written += 1;
  written += chat.copy(scratch, written, userEnd);
  return { text: scratch.toString('utf8', 0, written), deeper: MAX_SKIPPED_DEPTH };
}
