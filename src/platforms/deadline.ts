/** What a run that overstayed its deadline is aborted with. */
export class DeadlineError extends Error {
  override readonly name = 'DeadlineError';

  constructor(readonly ms: number) {
    super(`not done within ${ms} ms`);
  }
}

/**
 * Gives `run` a signal that aborts with the caller's own, or with a {@link DeadlineError} after `ms`.
 * It leaves no listener on a signal that lives on, which `AbortSignal.any` does on Node 20.
 */
export async function withDeadline<T>(
  ms: number,
  signal: AbortSignal,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const controller = new AbortController();
  const abort = () => controller.abort(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  const timer = setTimeout(() => controller.abort(new DeadlineError(ms)), ms);
  try {
    return await run(controller.signal);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', abort);
  }
}
