import type { Example } from '../../simulator/reconcile.js';
import type { DemoOptions } from './options.js';
import type { Verdict } from './verdict.js';

const count = (value: number): string => value.toLocaleString('en');
const ms = (value: number | undefined): string => (value === undefined ? '–' : `${Math.round(value)} ms`);
const SHOWN_EXAMPLES = 5;

/** The verdict in words. */
export function reportOf(verdict: Verdict): string[] {
  const { sent, stored, lost, duplicates, mismatched, invented, gaps, reconnects } = verdict;
  const { shed, undecodable, missingInGaps, missingInCutFrames, missingAtClose } = verdict;
  const excused = missingInGaps + missingInCutFrames + missingAtClose;
  return [
    `sent        ${count(sent)} messages by the simulator, as its ledger says`,
    `stored      ${count(stored)} of them in MongoDB, compared field by field`,
    ...(excused > 0
      ? [
          `not stored  ${count(missingInGaps)} while a connection was down (in ${count(gaps)} recorded gaps), ` +
            `${count(missingInCutFrames)} in frames cut in the middle, ${count(missingAtClose)} while a room was being ended`,
        ]
      : []),
    `counted     ${count(shed)} shed, ${count(undecodable)} undecodable (kept in dead_letters), ${count(reconnects)} reconnects`,
    `sent → stored  p50 ${ms(verdict.p50Ms)}, p99 ${ms(verdict.p99Ms)}, longest ${ms(verdict.maxMs)} (outside reconnects)`,
    `lost ${count(lost)}, duplicates ${count(duplicates)}, mismatched ${count(mismatched)}, invented ${count(invented)}`,
    ...verdict.examples.slice(0, SHOWN_EXAMPLES).map(exampleLine),
  ];
}

function exampleLine({ what, roomId, cmd, n, differences = [], document }: Example): string {
  const fields = differences
    .map(({ path, expected, got }) => `${path}: ${shown(got)} for ${shown(expected)}`)
    .join(', ');
  return [`  ${what} in room ${roomId}`, cmd, n && `message ${n}`, document, fields].filter(Boolean).join(', ');
}

const shown = (value: unknown): string => (JSON.stringify(value) ?? 'nothing').slice(0, 80);

/** The verdict for machines. */
export function jsonOf(options: DemoOptions, verdict: Verdict): object {
  const { p50Ms, p99Ms, maxMs, examples, ...counts } = verdict;
  const rounded = (value: number | undefined): number | null => (value === undefined ? null : Math.round(value));
  const { for: forMs, rooms, rate, faults, seed } = options;
  return {
    ...counts,
    p50Ms: rounded(p50Ms),
    p99Ms: rounded(p99Ms),
    maxMs: rounded(maxMs),
    forMs,
    rooms,
    rate,
    faults,
    seed,
    examples: examples.slice(0, SHOWN_EXAMPLES),
  };
}
