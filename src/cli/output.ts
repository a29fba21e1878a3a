import { styleText } from 'node:util';
import { harmlessJson, harmlessLines } from './control-letters.js';
import { padTo, textWidth } from './text-width.js';

export type Paint = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

/** Where a command writes; a terminal or a file. */
export interface OutputStreams {
  stdout: NodeJS.WriteStream;
  stderr: NodeJS.WriteStream;
}

export interface OutputOptions {
  isJson: boolean;
  /** False with --no-color, and where NO_COLOR is set. Colours are for a terminal in any case. */
  mayColor: boolean;
}

/**
 * What a command says. Results go to stdout, everything else to stderr, so that a pipe carries results only. Whatever is in it, nothing but our own
 * colours acts on the terminal.
 */
export class Output {
  /** One JSON value a line on stdout, and nothing else there. */
  readonly isJson: boolean;
  readonly #streams: OutputStreams;
  readonly #colors: boolean;

  constructor(streams: OutputStreams, { isJson, mayColor }: OutputOptions) {
    this.#streams = streams;
    this.isJson = isJson;
    this.#colors = mayColor && !isJson && streams.stdout.isTTY;
  }

  /** Whether a person watches stdout, so that a table may be drawn over itself. */
  get isLive(): boolean {
    return this.#streams.stdout.isTTY && !this.isJson;
  }

  /** Columns of the terminal; 120 where there is none. */
  get columns(): number {
    return this.#streams.stdout.isTTY ? this.#streams.stdout.columns : 120;
  }

  /** A line for people, on stdout; nothing with --json. */
  say(text = ''): void {
    if (!this.isJson) this.#streams.stdout.write(`${harmlessLines(text, this.#colors)}\n`);
  }

  /** One line of JSON on stdout; nothing without --json. Pair it with `say`, or use `result`. */
  json(value: unknown): void {
    if (this.isJson) this.#streams.stdout.write(`${harmlessJson(JSON.stringify(value))}\n`);
  }

  /** The same thing for machines and for people. */
  result(value: unknown, text: () => string): void {
    if (this.isJson) this.json(value);
    else this.say(text());
  }

  /** Text as it is, on stdout, for a live display of figures; nothing with --json. */
  raw(text: string): void {
    if (!this.isJson) this.#streams.stdout.write(text);
  }

  /** What goes on meanwhile, on stderr, with --json too. It fits the engines' `Report`. */
  readonly progress = (line: string): void => {
    this.#streams.stderr.write(`${harmlessLines(line, this.#colors)}\n`);
  };

  /** The text in that colour, where colours are shown. */
  paint(style: Paint | readonly Paint[], text: string): string {
    return this.#colors
      ? styleText([...(typeof style === 'string' ? [style] : style)], text, { validateStream: false })
      : text;
  }

  /** Rows in columns as wide as their widest cell (Chinese letters count two); the last one is not padded. */
  table(rows: readonly (readonly string[])[]): string {
    const widths: number[] = [];
    for (const row of rows) {
      row.forEach((cell, at) => (widths[at] = Math.max(widths[at] ?? 0, textWidth(cell))));
    }
    const line = (row: readonly string[]): string => row.map((cell, at) => padTo(cell, widths[at] ?? 0)).join('  ');
    return rows.map((row) => line(row).trimEnd()).join('\n');
  }
}
