import { Ledger, type LedgerConnection } from '../../src/simulator/ledger.js';

/** The ledger of a simulator whose connections opened in this order and which refused some at these times; what is not said of one is as little as can be. */
export function ledgerOf(connections: readonly Partial<LedgerConnection>[], refusals: readonly number[] = []): Ledger {
  const ledger = new Ledger(1, []);
  const place = { roomId: 1, remoteAddress: '127.0.0.1', transport: 'ws', endpoint: 'a:1', protover: 3 } as const;
  const counts = { heartbeats: 0, acknowledgements: 0, messages: 0 };
  for (const [number, one] of connections.entries()) {
    ledger.connections.push({ number, ...place, openedAt: 0, ...counts, ...one });
  }
  ledger.refusals.push(...refusals);
  return ledger;
}
