import { shownDuration } from '../cli/duration.js';
import type { Unit } from './figures.js';
import { quantity } from './quantity.js';
import type { Figure } from './verdict.js';

const HOUR_MS = 3_600_000;
const NONE = '';

/** Whether its values, or its name, say what they are of. */
const isSaid = (name: string, unit: Unit): boolean => unit === 'bytes' || unit === 'seconds' || name.includes(unit);

const COLUMNS: readonly (readonly [string, (figure: Figure) => string])[] = [
  ['figure', ({ name, unit }) => (isSaid(name, unit) ? name : `${name} (${unit})`)],
  ['begin', ({ begin, unit }) => quantity(begin, unit)],
  ['end', ({ end, unit }) => quantity(end, unit)],
  ['per hour', ({ perHour, unit }) => (perHour === 0 ? '0' : `${perHour > 0 ? '+' : ''}${quantity(perHour, unit)}`)],
  ['in 30 days', ({ in30Days, unit }) => quantity(in30Days, unit)],
  ['limit', ({ limit, unit }) => (limit === null ? NONE : quantity(limit, unit))],
  ['full in', ({ fullInHours }) => (fullInHours === null ? NONE : shownDuration(fullInHours * HOUR_MS))],
  ['', ({ ok, explained }) => (ok ? (explained === null ? 'ok' : 'explained') : 'GROWS')],
];

/** A Markdown table, laid out for reading as it is, and below it why what grows may grow. */
export function tableOf(figures: readonly Figure[]): string[] {
  const rows = [COLUMNS.map(([title]) => title), ...figures.map((figure) => COLUMNS.map(([, cell]) => cell(figure)))];
  const widths = COLUMNS.map((_, at) => Math.max(2, ...rows.map((row) => (row[at] ?? '').length)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join(' | ')} |`;
  const rule = `|${widths.map((width, at) => (at === 0 ? ` ${'-'.repeat(width)} ` : ` ${'-'.repeat(width - 1)}: `)).join('|')}|`;
  const [head = [], ...body] = rows;
  return [line(head), rule, ...body.map(line), ...reasons(figures)];
}

function reasons(figures: readonly Figure[]): string[] {
  const byReason = new Map<string, string[]>();
  for (const { name, explained } of figures) {
    if (explained !== null) byReason.set(explained, [...(byReason.get(explained) ?? []), name]);
  }
  const lines = [...byReason].map(([reason, names]) => `${names.join(', ')}: ${reason}.`);
  return lines.length === 0 ? [] : ['', ...lines];
}
