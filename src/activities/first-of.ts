/**
 * Runs something with a signal that aborts with the first of `signals` and for its reason, or after `ms`, and leaves nothing on signals that live on, as `AbortSignal.any`
 * does on Node 20 for as long as they live.
 */
export async function untilFirstOf<T>(
  ms: number,
  signals: readonly (AbortSignal | undefined)[],
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const own = new AbortController();
  const timer = setTimeout(() => own.abort(new Error(`not done within ${ms} ms`)), Math.max(1, ms));
  const watched = signals.flatMap((signal) => (signal ? [{ signal, pass: () => own.abort(signal.reason) }] : []));
  for (const { signal, pass } of watched) {
    if (signal.aborted) pass();
    else signal.addEventListener('abort', pass, { once: true });
  }
  try {
    return await run(own.signal);
  } finally {
    clearTimeout(timer);
    for (const { signal, pass } of watched) signal.removeEventListener('abort', pass);
  }
}
