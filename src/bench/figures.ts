import type { Spread } from './statistics.js';

/** A number with as many digits as are worth reading. */
export function shown(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** Thousands, as `55 k`. */
export const thousands = (value: number): string => `${shown(value / 1_000)} k`;

/** `0.92 (0.88–0.95)` */
export const shownSpread = ({ median, min, max }: Spread): string => `${shown(median)} (${shown(min)}–${shown(max)})`;
