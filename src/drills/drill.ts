import type { Draw } from '../simulator/random.js';
import type { Reconciliation } from '../simulator/reconcile.js';
import type { GapFigures } from './gap-check.js';
import type { DrillRecords } from './records.js';
import type { DrillSystem, SystemPlan } from './system.js';

/** One injected fault, from the moment at which the system has what it needs to recover. */
export interface Fault {
  /** Milliseconds since the epoch; recovery counts from here. */
  since: number;
  /** Whether it has recovered. Default: every room is connected. */
  isOver?: () => Promise<boolean>;
}

/** A fault that was injected. Times are milliseconds since the epoch. */
export interface InjectedFault {
  at: number;
  since: number;
  /** Absent where it never was. */
  recoveredAt?: number;
}

/** Everything that is known when a drill is over. */
export interface DrillOutcome {
  system: DrillSystem;
  reconciliation: Reconciliation;
  gaps: GapFigures;
  records: DrillRecords;
  faults: readonly InjectedFault[];
  /** When the load began and ended. */
  load: { from: number; to: number };
  /** Tells a figure that is neither right nor wrong. */
  note: (text: string) => void;
}

/** One run of a drill. */
export interface DrillRun {
  /** Does it once, and puts right what an operator would put right. */
  inject(draw: Draw): Promise<Fault>;
  /** Brings back what is still missing, before the load ends. */
  restore?(): Promise<void>;
  /** Gives in words what it did not show, beyond the ledger. */
  verify?(outcome: DrillOutcome): string[] | Promise<string[]>;
  /** Removes what it made outside the system, whatever happened. */
  dispose?(): Promise<void>;
}

export interface Drill {
  readonly name: string;
  /** For people: what is done, and what it must show beyond the ledger. */
  readonly fault: string;
  readonly shows: string;
  /** How often where nobody says. */
  readonly faults: number;
  /** The longest pause before a fault, in milliseconds. */
  readonly pauseMs?: number;
  readonly recoverWithinMs: number;
  /** Whether events may be shed; nowhere else may any be. */
  readonly sheds?: boolean;
  readonly plan?: Partial<SystemPlan>;
  begin(system: DrillSystem): DrillRun | Promise<DrillRun>;
}
