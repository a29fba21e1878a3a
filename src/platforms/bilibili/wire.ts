/**
 * Readers of what the platform sends: each takes anything, gives back only what our schema allows, and never throws. Hand-written, because
 * a schema library costs more per chat message than parsing its JSON.
 */

/** An object of which nothing is known but the names that are looked at. */
export type Wire<Name extends string> = { readonly [K in Name]?: unknown };

const isWire = <Name extends string>(value: unknown): value is Wire<Name> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export function readObject<Name extends string>(value: unknown): Wire<Name> | undefined {
  return isWire<Name>(value) ? value : undefined;
}

const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value);
const EMPTY: readonly unknown[] = [];

/** The list, or an empty one: places of these lists come and go, so each is read as if it might be missing. */
export const readList = (value: unknown): readonly unknown[] => (isList(value) ? value : EMPTY);

const isHighSurrogate = (unit: number) => (unit & 0xfc00) === 0xd800;

/** At most `max` UTF-16 code units of `text`; a surrogate pair at the end is left out rather than split. */
export function cutText(text: string, max: number): string {
  if (text.length <= max) return text;
  const cut = text.slice(0, isHighSurrogate(text.charCodeAt(max - 1)) ? max - 1 : max);
  return Buffer.from(cut, 'utf16le').toString('utf16le'); // a copy: a slice would keep the whole text alive
}

/** Text as UTF-8 can carry it, cut to `max` code units. */
export function readText(value: unknown, max: number): string | undefined {
  return typeof value === 'string' ? cutText(value.toWellFormed(), max) : undefined;
}

/** Like {@link readText}, without the empty text that stands for "none". */
export const readName = (value: unknown, max: number): string | undefined => readText(value, max) || undefined;

const DECIMAL = /^-?\d{1,16}$/;

/** A whole number that a double holds exactly; some fields are a number in one message and its text in the next. */
export function readInt(value: unknown): number | undefined {
  const number = typeof value === 'string' && DECIMAL.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) ? number + 0 : undefined; // + 0: no negative zero
}

/** A whole number that is not negative. */
export function readCount(value: unknown): number | undefined {
  const count = readInt(value);
  return count !== undefined && count >= 0 ? count : undefined;
}

/** Longer ids count as none: cut ones could name two messages as one. */
const MAX_ID = 96;

/** An id as text; `0`, `"0"` and `""` stand for none. A number beyond 2^53 is none, too, as it was rounded while it was parsed. */
export function readId(value: unknown, max = MAX_ID): string | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) && value > 0 ? String(value) : undefined;
  if (typeof value !== 'string' || value === '' || value === '0' || value.length > max) return undefined;
  return value.isWellFormed() ? value : undefined;
}

const EARLIEST_MS = Date.UTC(2000, 0, 1);
const LATEST_MS = Date.UTC(2100, 0, 1);

/** Milliseconds since the epoch, of a time told in units of `unitMs`; anything before 2000 or after 2099 is no time. */
export function readTime(value: unknown, unitMs: number): number | undefined {
  const number = typeof value === 'string' && value !== '' ? Number(value) : value;
  if (typeof number !== 'number') return undefined;
  const ms = Math.floor(number * unitMs);
  return ms >= EARLIEST_MS && ms < LATEST_MS ? ms : undefined;
}

export const SECONDS = 1000;
export const MILLISECONDS = 1;
export const NANOSECONDS = 1e-6;

/** An address as it came; one that would have to be cut is none. */
export function readUrl(value: unknown): string | undefined {
  return typeof value === 'string' && value.length <= 1024 && value.isWellFormed() && value !== '' ? value : undefined;
}
