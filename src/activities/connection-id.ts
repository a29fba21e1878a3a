import { randomBytes } from 'node:crypto';

/** `<workerId>.<connectedAt in base 36><random>`: sorts by time within a worker, and names it. `connectedAt` in milliseconds since the epoch. */
export const connectionIdOf = (workerId: string, connectedAt: number): string =>
  `${workerId}.${connectedAt.toString(36)}${randomBytes(4).toString('hex')}`;
