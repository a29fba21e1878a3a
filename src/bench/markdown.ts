import { shown } from './figures.js';
import type { Part, PartOutcome, Row } from './part.js';

/** What a part found, as Markdown: its tables, or else all its rows; what missed its target in any case. `failure`: why it was not measured to its end. */
export function partMarkdown(
  { name, about }: Pick<Part, 'name' | 'about'>,
  { rows, tables = [], notes = [], pictures = [] }: PartOutcome,
  failure?: string,
): string {
  const promised = rows.filter(({ target }) => target !== null);
  const reached = promised.filter(({ ok }) => ok).length;
  const listed = tables.length === 0 ? rows : rows.filter(({ ok }) => !ok);
  return [
    `## ${name}`,
    `${about}.`,
    ...(failure === undefined ? [] : [`NOT MEASURED to its end: ${failure}.`]),
    ...notes,
    ...tables.map((table) => `**${table.title}**\n\n${tableMarkdown(table.head, table.body)}`),
    ...(listed.length === 0 ? [] : [tableMarkdown(HEAD, listed.map(cellsOf))]),
    ...(promised.length === 0 ? [] : [`Targets reached: ${reached} of ${promised.length}.`]),
    ...pictures.map(({ file }) => `![${name}](${file})`),
  ].join('\n\n');
}

const HEAD = ['what', 'value', 'spread', 'unit', 'target', ''];

const cellsOf = ({ name, value, spread, unit, target, ok }: Row): string[] => [
  name,
  shown(value),
  spread === undefined ? '' : `${shown(spread.min)}–${shown(spread.max)}`,
  unit,
  target ?? '',
  target === null ? '' : ok ? 'ok' : 'MISSED',
];

/** A table that is also readable as it stands; figures are set to the right. */
export function tableMarkdown(head: readonly string[], body: readonly (readonly string[])[]): string {
  const all = [head, ...body].map((cells) => cells.map((cell) => cell.replaceAll('|', '\\|')));
  const widths = head.map((_, column) => Math.max(3, ...all.map((cells) => cells[column]?.length ?? 0)));
  const isFigure = head.map(
    (_, column) => column > 0 && body.length > 0 && body.every((cells) => /^([-\d]|$)/.test(cells[column] ?? '')),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => (isFigure[column] ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0))).join(' | ')} |`;
  const rule = `|${widths.map((width, column) => `${'-'.repeat(width + 1)}${isFigure[column] ? ':' : '-'}`).join('|')}|`;
  const [first = [], ...rest] = all;
  return [line(first), rule, ...rest.map(line)].join('\n');
}
