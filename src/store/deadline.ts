import { BarrageError } from '../model/errors.js';

/**
 * Runs something with a signal that fires at the caller's abort or after `timeoutMs`. Nothing stays registered on the caller's signal, which may live for
 * months. The driver closes the connection of an aborted command, so that nothing of it arrives late.
 */
export async function withDeadline<T>(
  signal: AbortSignal | undefined,
  timeoutMs: number,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  const inner = new AbortController();
  const late = new BarrageError('STORE_UNAVAILABLE', `MongoDB did not answer within ${timeoutMs} ms.`);
  const timer = setTimeout(() => inner.abort(late), timeoutMs);
  const onAbort = (): void => inner.abort(signal?.reason);
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    return await run(inner.signal);
  } catch (error) {
    throw inner.signal.aborted ? inner.signal.reason : error;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  }
}

/** Waits for something that knows no signal; after an abort it goes on unheard. */
export async function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  let stopListening = (): void => undefined;
  const aborted = new Promise<void>((resolve) => {
    const onAbort = (): void => resolve();
    signal.addEventListener('abort', onAbort, { once: true });
    stopListening = () => signal.removeEventListener('abort', onAbort);
  }).then((): never => {
    throw signal.reason;
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    stopListening();
  }
}
