import {
  BSON,
  MongoAPIError,
  MongoInvalidArgumentError,
  MongoNetworkError,
  MongoServerError,
  type MongoClientOptions,
} from 'mongodb';
import { BarrageError } from '../model/errors.js';

/**
 * Server errors that are about the server and not about the document it was given. FerretDB says 1 (InternalError) for a full disk and a locked file.
 * A code that is not here refuses the document.
 */
const STATE_CODES = new Set([
  1, 6, 7, 8, 13, 18, 24, 46, 50, 63, 64, 79, 89, 91, 100, 107, 112, 117, 133, 134, 150, 175, 176, 189, 202, 211, 226,
  234, 262, 264, 279, 290, 307, 308, 317, 326, 334, 358, 384, 391, 395, 396, 462, 8000, 9001, 10003, 10058, 10107,
  11600, 11602, 13388, 13435, 13436, 14031,
]);

/** Whether a server error's code speaks of the server's state: the same write may succeed later. */
export const isStateCode = (code: number): boolean => STATE_CODES.has(code);

export const DUPLICATE_KEY = 11_000;

/** Whether the write failed because of what was to be written: no repetition helps. */
export function isRefusal(error: unknown): error is Error {
  if (error instanceof MongoServerError) return typeof error.code === 'number' && !isStateCode(error.code);
  if (error instanceof MongoInvalidArgumentError || error instanceof BSON.BSONError) return true;
  return error instanceof RangeError && !(error instanceof MongoAPIError); // the serializer ran out of its buffer
}

/** Whether the connection broke, which FerretDB also does on purpose, for a value it does not know. */
export const isBrokenConnection = (error: unknown): boolean => error instanceof MongoNetworkError;

/** The words of an error without what may be secret, at most 200 characters. */
function wordsOf(error: unknown, secrets: readonly string[]): string {
  const text = error instanceof Error ? error.message || error.name : String(error);
  const clean = secrets.reduce((words, secret) => words.replaceAll(secret, '***'), text);
  return clean
    .replace(/\/\/[^@\s/]*@/g, '//***@')
    .slice(0, 200)
    .toWellFormed();
}

/** Everything in a URI that must not be shown, the longest first. */
export function secretsOf(uri: string, { auth }: Pick<MongoClientOptions, 'auth'>): string[] {
  const parts = [uri, auth?.password, auth?.password && encodeURIComponent(auth.password)];
  return parts.flatMap((part) => (part ? [part] : []));
}

/** What the caller gets of a failed operation: its own errors as they are, everything else as `STORE_UNAVAILABLE`. */
export function unavailable(error: unknown, what: string, secrets: readonly string[]): BarrageError {
  if (error instanceof BarrageError) return error;
  return new BarrageError('STORE_UNAVAILABLE', `MongoDB did not ${what}: ${wordsOf(error, secrets)}.`);
}
