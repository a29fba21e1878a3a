const STARTS_AT_ONCE = 20;

/** Starts workflows by their ids, some at once. */
export async function startRooms<Id>(
  ids: readonly Id[],
  start: (id: Id) => Promise<unknown>,
  signal: AbortSignal,
): Promise<void> {
  for (let at = 0; at < ids.length; at += STARTS_AT_ONCE) {
    signal.throwIfAborted();
    await Promise.all(ids.slice(at, at + STARTS_AT_ONCE).map(start));
  }
}
