import type { Unit } from './figures.js';

/** How a unit is told to people: divided by this, with this name. */
export interface Scale {
  divisor: number;
  name: string;
}

const BYTES: readonly Scale[] = [
  { divisor: 1e12, name: 'TB' },
  { divisor: 1e9, name: 'GB' },
  { divisor: 1e6, name: 'MB' },
  { divisor: 1e3, name: 'kB' },
];

/** The scale in which the largest of these values is easy to read. */
export function scaleFor(unit: Unit, largest: number): Scale {
  if (unit === 'seconds') return { divisor: 1e-3, name: 'ms' };
  if (unit !== 'bytes') return { divisor: 1, name: unit };
  return BYTES.find(({ divisor }) => Math.abs(largest) >= divisor) ?? { divisor: 1, name: 'B' };
}

/** `12.3 MB`, `45 ms`, `1,234`. */
export function quantity(value: number, unit: Unit): string {
  const { divisor, name } = scaleFor(unit, value);
  const scaled = value / divisor;
  const digits = Math.abs(scaled) >= 100 || Number.isInteger(scaled) ? 0 : 1;
  const text = scaled.toLocaleString('en', { maximumFractionDigits: digits });
  return unit === 'bytes' || unit === 'seconds' ? `${text} ${name}` : text;
}
