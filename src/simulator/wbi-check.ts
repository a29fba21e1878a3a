/** The signature of the platform's web interfaces, as its own pages make it (seen in public clients, and in captures of 2026-09). */
import { createHash } from 'node:crypto';

const PLACES = [
  46, 47, 18, 2, 53, 8, 23, 32, 15, 50, 10, 31, 58, 3, 45, 35, 27, 43, 5, 49, 33, 9, 42, 19, 29, 28, 14, 39, 12, 38, 41,
  13,
];
const MAX_AGE_SECONDS = 3_600;

export interface WbiKeys {
  img: string;
  sub: string;
}

/** The pair that was served in 2023-12 and again in 2026-09. */
export const PUBLISHED_KEYS: WbiKeys = {
  img: '7cd084941338484aae1ad9425b84077c',
  sub: '4932caff0ff746eab6f01bf08b70ac45',
};

/** The signature that a query without `w_rid` must have. */
export function signatureOf(query: ReadonlyMap<string, string>, { img, sub }: WbiKeys): string {
  const keys = img + sub;
  const mixin = PLACES.map((place) => keys.charAt(place)).join('');
  const text = [...query]
    .filter(([name]) => name !== 'w_rid')
    .sort(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0))
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value.replace(/[!'()*]/g, ''))}`)
    .join('&');
  return createHash('md5')
    .update(text + mixin)
    .digest('hex');
}

/** Why a query is not signed as it should be; undefined = it is. */
export function wbiFault(query: URLSearchParams, keys: WbiKeys, nowMs: number): string | undefined {
  const wts = Number(query.get('wts'));
  if (!query.has('w_rid') || !query.has('wts')) return 'not signed';
  if (!Number.isInteger(wts) || Math.abs(nowMs / 1000 - wts) > MAX_AGE_SECONDS) return 'wts is not now';
  return signatureOf(new Map(query), keys) === query.get('w_rid') ? undefined : 'w_rid is wrong';
}
