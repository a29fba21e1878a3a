import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** A machine without a way out must notice at once: it has Go to fall back on. */
const ANSWER_WITHIN_MS = 5_000;
const STALL_AFTER_MS = 20_000;
const WHOLE_WITHIN_MS = 15 * 60_000;
const MOST_REDIRECTS = 8;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** Asks for a page or a file; rejects within five seconds when nothing answers, and for any status but 2xx. */
export async function request(url: string, signal: AbortSignal): Promise<Response> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(new Error('no answer within 5 s')), ANSWER_WITHIN_MS);
  // Not a signal with a timeout of its own: joined with others, it may be collected before it fires (Node 20).
  setTimeout(() => late.abort(new Error('not whole within 15 minutes')), WHOLE_WITHIN_MS).unref();
  try {
    const response = await follow(url, AbortSignal.any([signal, late.signal]));
    if (response.ok) return response;
    await response.body?.cancel();
    throw new Error(`status ${response.status}`);
  } finally {
    clearTimeout(timer);
  }
}

/** Follows a publisher to where it keeps its files, but never from an encrypted address to another kind: what comes is run. */
async function follow(url: string, signal: AbortSignal): Promise<Response> {
  let at = url;
  for (let hop = 0; hop <= MOST_REDIRECTS; hop += 1) {
    const response = await fetch(at, { signal, redirect: 'manual' });
    const location = response.headers.get('location');
    if (!REDIRECTS.has(response.status) || location === null) return response;
    await response.body?.cancel();
    const next = URL.canParse(location, at) ? new URL(location, at) : undefined;
    if (next?.protocol !== new URL(url).protocol)
      throw new Error(`it sends on to an address that is not ${new URL(url).protocol}`);
    at = next.href;
  }
  throw new Error(`it sends on more than ${MOST_REDIRECTS} times`);
}

/** Saves a file, telling of its progress in whole megabytes; rejects when nothing has come for twenty seconds. */
export async function save(
  url: string,
  file: string,
  signal: AbortSignal,
  onProgress: (text: string) => void,
): Promise<void> {
  const stalled = new AbortController();
  const response = await request(url, AbortSignal.any([signal, stalled.signal]));
  if (!response.body) throw new Error('an empty answer');
  const total = Number(response.headers.get('content-length') ?? 0);
  let bytes = 0;
  const watch = (): NodeJS.Timeout => setTimeout(() => stalled.abort(new Error('it stalled for 20 s')), STALL_AFTER_MS);
  let timer = watch();
  const meter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      clearTimeout(timer);
      timer = watch();
      bytes += chunk.length;
      onProgress(`${megabytes(bytes)} of ${total ? megabytes(total) : '?'} MB`);
      done(null, chunk);
    },
  });
  try {
    await pipeline(Readable.from(response.body), meter, createWriteStream(file));
  } finally {
    clearTimeout(timer);
  }
  if (total && (await stat(file)).size !== total) throw new Error('it ended before its end');
}

export async function sha256(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

const megabytes = (bytes: number): number => Math.round(bytes / 1_000_000);
