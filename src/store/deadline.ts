import { abortable } from '../model/abortable.js';
import { BarrageError } from '../model/errors.js';

/**
 * Runs something with a signal that fires at the caller's abort or after `timeoutMs`. Nothing stays registered on the caller's signal, which may live for
 * months. The driver closes the connection of an aborted command, so that nothing of it arrives late; one that it does not end with its signal is not waited for.
 */
export async function withDeadline<T>(
  timeoutMs: number,
  signal: AbortSignal | undefined,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  const inner = new AbortController();
  const timer = setTimeout(() => {
    inner.abort(new BarrageError('STORE_UNAVAILABLE', `MongoDB did not answer within ${timeoutMs} ms.`));
  }, timeoutMs);
  const onAbort = (): void => inner.abort(signal?.reason);
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    return await abortable(run(inner.signal), inner.signal);
  } catch (error) {
    throw inner.signal.aborted ? inner.signal.reason : error;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  }
}
