import { createHash } from 'node:crypto';

/** Where the characters of the mixed key come from, in the site's own script; also in bilibili-API-collect, `docs/misc/sign/wbi.md`. */
const MIXIN_PLACES = [
  46, 47, 18, 2, 53, 8, 23, 32, 15, 50, 10, 31, 58, 3, 45, 35, 27, 43, 5, 49, 33, 9, 42, 19, 29, 28, 14, 39, 12, 38, 41,
  13,
];

/** What signs a query: 32 characters out of the two keys that the site names by image addresses. Undefined where these are not such. */
export function mixinKey(imageUrl: string, subUrl: string): string | undefined {
  const image = keyIn(imageUrl);
  const sub = keyIn(subUrl);
  if (image === undefined || sub === undefined) return undefined;
  const keys = image + sub;
  return MIXIN_PLACES.map((place) => keys.charAt(place)).join('');
}

const keyIn = (url: string): string | undefined => /\/([0-9a-f]{32})\.[a-z]{2,5}$/.exec(url)?.[1];

/** The query with `wts` and `w_rid`, names sorted, as the site's own script writes it. `wts` is seconds since the epoch. */
export function signedQuery(params: Readonly<Record<string, string>>, mixin: string, wts: number): string {
  const query = encodedQuery({ ...params, wts: String(wts) });
  const signature = createHash('md5').update(query).update(mixin).digest('hex');
  return `${query}&w_rid=${signature}`;
}

/** `encodeURIComponent` leaves `!'()*` as they are; the server takes them out before it checks. */
function encodedQuery(params: Readonly<Record<string, string>>): string {
  return Object.keys(params)
    .sort()
    .map((name) => `${encodeURIComponent(name)}=${encodeURIComponent((params[name] ?? '').replace(/[!'()*]/g, ''))}`)
    .join('&');
}
