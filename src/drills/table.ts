import type { DrillResult } from './run-drill.js';

const seconds = (ms: number): string => (Number.isFinite(ms) ? (ms / 1000).toFixed(1) : 'never');
const count = (value: number): string => value.toLocaleString('en');

const COLUMNS: readonly (readonly [string, (result: DrillResult) => string])[] = [
  ['drill', ({ name }) => name],
  ['faults', ({ faults }) => count(faults)],
  ['sent', ({ sent }) => count(sent)],
  ['accepted', ({ accepted }) => count(accepted)],
  ['stored', ({ stored }) => count(stored)],
  ['shed', ({ shed }) => count(shed)],
  ['lost', ({ lost }) => count(lost)],
  ['twice', ({ duplicated }) => count(duplicated)],
  ['gap s (recorded / true)', ({ recordedGapMs, trueGapMs }) => `${seconds(recordedGapMs)} / ${seconds(trueGapMs)}`],
  ['unrecorded', ({ unrecordedGapMs }) => `${count(unrecordedGapMs)} ms`],
  ['false', ({ falseGapMs }) => `${count(falseGapMs)} ms`],
  ['worst recovery', ({ worstRecoveryMs }) => `${seconds(worstRecoveryMs)} s`],
  ['', ({ ok }) => (ok ? 'ok' : 'NOT OK')],
];

/** A Markdown table, laid out for reading as it is. */
export function tableOf(results: readonly DrillResult[]): string[] {
  const rows = [COLUMNS.map(([title]) => title), ...results.map((result) => COLUMNS.map(([, cell]) => cell(result)))];
  const widths = COLUMNS.map((_, at) => Math.max(2, ...rows.map((row) => (row[at] ?? '').length)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join(' | ')} |`;
  const [head = [], ...body] = rows;
  const rule = `|${widths.map((width, at) => (at === 0 ? ` ${'-'.repeat(width)} ` : ` ${'-'.repeat(width - 1)}: `)).join('|')}|`;
  return [line(head), rule, ...body.map(line)];
}
