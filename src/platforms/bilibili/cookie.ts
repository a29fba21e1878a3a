import { readFileSync, statSync } from 'node:fs';
import { BarrageError } from '../../model/errors.js';
import { Secret } from '../../model/secret.js';
import { codeOf } from '../../model/error-code.js';

/** The cookies of a login and of a visit; whatever else a browser's export holds is not sent. */
const SENT = new Set([
  'SESSDATA',
  'bili_jct',
  'DedeUserID',
  'DedeUserID__ckMd5',
  'sid',
  'buvid3',
  'buvid4',
  'buvid_fp',
  'b_nut',
]);

const MAX_FILE_BYTES = 64 * 1024;

/** A user's own cookie, taken apart. */
export interface Cookie {
  /** As the `Cookie` header wants it. */
  header: Secret;
  /** 0 where nobody is logged in: the socket refuses an id that is not the cookie's. */
  uid: number;
  buvid3?: Secret;
}

/** Reads `name=value; …`, one `name=value` a line, or a browser's `cookies.txt`. */
export function parseCookie(text: string): Cookie {
  const pairs = new Map<string, string>();
  for (const part of text.split(/[\r\n]+/).flatMap(pairsOfLine)) {
    const at = part.indexOf('=');
    const name = part.slice(0, at).trim();
    const value = part.slice(at + 1).trim();
    if (at > 0 && SENT.has(name) && /^[\x21\x23-\x3a\x3c-\x5b\x5d-\x7e]+$/.test(value)) pairs.set(name, value);
  }
  const uid = pairs.get('DedeUserID') ?? '';
  const buvid3 = pairs.get('buvid3');
  return {
    header: new Secret([...pairs].map(([name, value]) => `${name}=${value}`).join('; ')),
    uid: pairs.has('SESSDATA') && /^\d{1,15}$/.test(uid) ? Number(uid) : 0,
    ...(buvid3 === undefined ? {} : { buvid3: new Secret(buvid3) }),
  };
}

/** Throws `BAD_CONFIG` when the file cannot be read or holds no cookie of Bilibili. */
export function readCookieFile(path: string): Cookie {
  const cookie = parseCookie(textOf(path));
  if (cookie.header.reveal() === '') {
    throw new BarrageError(
      'BAD_CONFIG',
      `The cookie file ${path} holds no cookie of Bilibili (SESSDATA and what goes with it).`,
    );
  }
  return cookie;
}

function textOf(path: string): string {
  let bytes: number;
  try {
    bytes = statSync(path).size;
    if (bytes <= MAX_FILE_BYTES) return readFileSync(path, 'utf8');
  } catch (err) {
    const code = codeOf(err) ?? 'unreadable';
    throw new BarrageError('BAD_CONFIG', `The cookie file ${path} cannot be read: ${code}.`);
  }
  throw new BarrageError(
    'BAD_CONFIG',
    `The cookie file ${path} has ${bytes} bytes; a cookie has fewer than ${MAX_FILE_BYTES}.`,
  );
}

/** In `cookies.txt` (Netscape's format) a line is: domain, subdomains, path, secure, expiry, name, value, with tabs between. */
function pairsOfLine(line: string): string[] {
  const fields = line.split('\t');
  if (fields.length === 7) {
    const own = /(^|\.)bilibili\.com$/.test((fields[0] ?? '').replace(/^#HttpOnly_/, ''));
    return own ? [`${fields[5]}=${fields[6]}`] : [];
  }
  return line.trimStart().startsWith('#') ? [] : line.split(';');
}
