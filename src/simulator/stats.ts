import type { FaultName } from './options.js';
import type { Simulator } from './simulator.js';

export interface SimulatorStats {
  /** By path. */
  requests: Record<string, number>;
  /** By path and code, as `/path -352`. */
  answers: Record<string, number>;
  /** Authenticated and open. */
  connections: number;
  /** Sockets ever opened. */
  opened: number;
  overLimit: number;
  messagesMade: number;
  /** On all connections together. */
  messagesSent: number;
  faults: Record<FaultName, number>;
  /** Sockets opened by room, and by minute since the start. */
  attemptsByRoom: Record<string, number[]>;
}

export function statsOf({ api, sockets, ledger, faults, startedAt }: Simulator): SimulatorStats {
  const attemptsByRoom: Record<string, number[]> = {};
  let messagesSent = 0;
  for (const { roomId, openedAt, messages } of ledger.connections) {
    messagesSent += messages;
    const minutes = (attemptsByRoom[roomId] ??= []);
    const minute = Math.floor((openedAt - startedAt) / 60_000);
    while (minutes.length <= minute) minutes.push(0);
    minutes[minute] = (minutes[minute] ?? 0) + 1;
  }
  return {
    requests: Object.fromEntries(api.requests),
    answers: Object.fromEntries(api.answered),
    connections: [...sockets.connections].filter(({ isReady }) => isReady).length,
    opened: ledger.connections.length,
    overLimit: sockets.overLimit,
    messagesMade: ledger.lastN,
    messagesSent,
    faults: faults.counts,
    attemptsByRoom,
  };
}
