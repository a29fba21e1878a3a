import type { Report } from '../engines/engine.js';
import type { Spread } from './statistics.js';

/** One figure of a part. A figure without a target is told for the reader, and is always `ok`. */
export interface Row {
  /** What was measured, under which conditions: `brotli, 5 a frame: of the floor`. */
  name: string;
  value: number;
  /** `events/s`, `ms`, `ratio`, `KB`, … */
  unit: string;
  /** What it should be, in words: `≥ 0.8`. Null where nothing was promised. */
  target: string | null;
  /** Whether the target was reached. */
  ok: boolean;
  /** Of what `value` is the median, where it was measured round by round. */
  spread?: { min: number; max: number };
}

/** The picture of a part: an SVG file's name without its folder, and its text. */
export interface Picture {
  file: string;
  svg: string;
}

/** Rows that are read better side by side. */
export interface Table {
  title: string;
  head: readonly string[];
  body: readonly (readonly string[])[];
}

/** What a part, or one step of it, found. */
export interface PartOutcome {
  rows: Row[];
  pictures?: Picture[];
  /** Where there are tables, they are shown instead of the rows that reached their targets, which are then counted only. */
  tables?: Table[];
  /** What a reader has to know: how it was measured, what could not be. */
  notes?: string[];
}

export interface PartOptions {
  /** Of everything that is drawn at random. */
  seed: number;
  env: NodeJS.ProcessEnv;
  /** Progress, for people. */
  report: Report;
  /** Ends the part; everything is stopped before it rejects. */
  signal: AbortSignal;
}

export interface Part {
  readonly name: string;
  /** For people: what is measured, against what. */
  readonly about: string;
  /** Gives what each of its steps found as soon as that is known, so that a later failure takes nothing away. */
  run(options: PartOptions): AsyncIterable<PartOutcome>;
}

type Figure = number | Spread;

const measured = (name: string, figure: Figure, unit: string): Omit<Row, 'target' | 'ok'> =>
  typeof figure === 'number'
    ? { name, value: figure, unit }
    : { name, value: figure.median, unit, spread: { min: figure.min, max: figure.max } };

const valueOf = (figure: Figure): number => (typeof figure === 'number' ? figure : figure.median);

/** A figure, or the median of several, that should be at least, or at most, `bound`. */
export const atLeast = (name: string, figure: Figure, unit: string, bound: number): Row => ({
  ...measured(name, figure, unit),
  target: `≥ ${bound.toLocaleString('en')}`,
  ok: valueOf(figure) >= bound,
});
export const atMost = (name: string, figure: Figure, unit: string, bound: number): Row => ({
  ...measured(name, figure, unit),
  target: `≤ ${bound.toLocaleString('en')}`,
  ok: valueOf(figure) <= bound,
});
/** A figure that is only told. */
export const told = (name: string, figure: Figure, unit: string): Row => ({
  ...measured(name, figure, unit),
  target: null,
  ok: true,
});
