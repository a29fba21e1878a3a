/** How a worker calls itself to Temporal: the UI shows it, and discovery reads the number of its slots. */
export const workerIdentity = (workerId: string, host: string, pid: number, slots: number): string =>
  `${workerId} (${slots} slots) ${pid}@${host}`;

/** The slots in an identity made by {@link workerIdentity}; 0 for any other. */
export const slotsOf = (identity: string): number => Number(/\((\d{1,6}) slots\)/.exec(identity)?.[1] ?? 0);

/** The worker in an identity made by {@link workerIdentity}: the same over all its processes. Any other identity is its own worker. */
export const workerIdOf = (identity: string): string => identity.split(' (')[0] ?? identity;

/** A poll lasts a minute; one of longer ago is of a worker that has ended since. */
const POLLED_WITHIN_MS = 90_000;

/** Whether a poller that Temporal lists polls at `now`, in milliseconds since the epoch. */
export const isPolling = (
  { lastAccessTime }: { lastAccessTime?: { seconds?: unknown } | null },
  now: number,
): boolean => Number(lastAccessTime?.seconds ?? 0) * 1_000 > now - POLLED_WITHIN_MS;
