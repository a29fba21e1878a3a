import { BarrageError } from '../model/errors.js';
import { boundedWaitMs } from './clock.js';
import { withDeadline, DeadlineError } from './deadline.js';
import { codeOf } from '../model/error-code.js';

/** One question to a platform's HTTP interface. */
export interface HttpRequest {
  url: URL;
  headers: Readonly<Record<string, string>>;
  timeoutMs: number;
  /** Of the body, unpacked. */
  maxBytes: number;
}

export interface HttpAnswer {
  status: number;
  /** What `Retry-After` asks for, in milliseconds, within bounds. */
  retryAfterMs?: number;
  /** `name=value` of each cookie set. */
  cookies: string[];
  body: Uint8Array;
}

/**
 * Asks once, follows no redirect, and keeps to the deadline and the size, whatever the other side does. Any status is an answer.
 * Throws `PLATFORM_UNREACHABLE` when there is none, `PLATFORM_ERROR` when it is too long; an abort by the caller is thrown as it is.
 * Errors name host and path only, since the query may hold a signature.
 */
export async function ask(request: HttpRequest, now: () => number, signal: AbortSignal): Promise<HttpAnswer> {
  try {
    return await withDeadline(request.timeoutMs, signal, async (inTime) => {
      const response = await fetch(request.url, {
        headers: { ...request.headers },
        redirect: 'manual',
        signal: inTime,
      });
      const retryAfterMs = retryAfter(response.headers.get('retry-after'), now());
      return {
        status: response.status,
        ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
        cookies: response.headers.getSetCookie().map((cookie) => cookie.split(';', 1)[0] ?? ''),
        body: await bounded(response, request),
      };
    });
  } catch (err) {
    signal.throwIfAborted();
    if (err instanceof BarrageError) throw err;
    throw new BarrageError(
      'PLATFORM_UNREACHABLE',
      `${place(request.url)} gave no answer: ${reason(err)}.`,
      facts(request.url),
    );
  }
}

/** Reads a JSON body. Throws `PLATFORM_ERROR` when it is none. */
export function jsonOf(answer: HttpAnswer, url: URL): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(answer.body));
  } catch {
    throw new BarrageError('PLATFORM_ERROR', `${place(url)} answered with something that is not JSON.`, {
      ...facts(url),
      status: answer.status,
      bytes: answer.body.byteLength,
    });
  }
}

/** Host and path: what may be said of a request to people. */
export const place = (url: URL): string => `${url.host}${url.pathname}`;

export const facts = (url: URL) => ({ host: url.host, path: url.pathname });

async function bounded(response: Response, { url, maxBytes }: HttpRequest): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  // Leaving the loop early cancels the stream, and with it the connection.
  for await (const part of response.body ?? []) {
    const chunk: unknown = part;
    if (!(chunk instanceof Uint8Array)) continue; // it always is; the type does not say so
    bytes += chunk.byteLength;
    if (bytes > maxBytes) {
      throw new BarrageError('PLATFORM_ERROR', `${place(url)} answered with more than ${maxBytes} bytes.`, facts(url));
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, bytes);
}

/** `Retry-After` is either seconds or a date (RFC 9110, 10.2.3). */
function retryAfter(header: string | null, now: number): number | undefined {
  if (header === null) return undefined;
  if (/^\d+$/.test(header)) return boundedWaitMs(Number(header) * 1000);
  const until = Date.parse(header);
  return Number.isNaN(until) ? undefined : boundedWaitMs(until - now);
}

/** A word for what went wrong below HTTP; the error's own text may quote the URL. */
function reason(err: unknown): string {
  if (err instanceof DeadlineError) return err.message;
  for (let at: unknown = err; at instanceof Error; at = at.cause) {
    const code = codeOf(at);
    if (code !== undefined) return code;
  }
  return 'the connection broke';
}
