/** How a worker calls itself to Temporal: the UI shows it, and discovery reads the number of its slots. */
export const workerIdentity = (workerId: string, host: string, pid: number, slots: number): string =>
  `${workerId} (${slots} slots) ${pid}@${host}`;

/** The slots in an identity made by {@link workerIdentity}; 0 for any other. */
export const slotsOf = (identity: string): number => Number(/\((\d{1,6}) slots\)/.exec(identity)?.[1] ?? 0);

/** The worker in an identity made by {@link workerIdentity}: the same over all its processes. Any other identity is its own worker. */
export const workerIdOf = (identity: string): string => identity.split(' (')[0] ?? identity;
