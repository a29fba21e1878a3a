import { z } from 'zod';

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** An option that is a duration (`500ms`, `60s`, `2m`, `1.5h`; a bare number is seconds), as milliseconds. */
export const durationMs = (minMs: number, maxMs: number): z.ZodType<number> =>
  z.string().transform((text, context) => {
    const match = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h|d)?$/.exec(text.trim());
    const ms = Math.round(Number(match?.[1]) * (UNIT_MS[match?.[2] ?? 's'] ?? Number.NaN));
    if (ms >= minMs && ms <= maxMs) return ms;
    const range = `from ${shownDuration(minMs)} to ${shownDuration(maxMs)}`;
    context.addIssue({ code: 'custom', message: `a duration ${range} is wanted, such as 60s or 2m.` });
    return z.NEVER;
  });

const UNITS = [
  ['d', 86_400],
  ['h', 3_600],
  ['m', 60],
  ['s', 1],
] as const;

/** A duration for people, in at most two units: `4m 5s`, `2h`, `350 ms`. */
export function shownDuration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  let rest = Math.round(ms / 1_000);
  const parts: string[] = [];
  for (const [unit, seconds] of UNITS) {
    const count = Math.floor(rest / seconds);
    rest -= count * seconds;
    if (count > 0) parts.push(`${count}${unit}`);
    else if (parts.length > 0) break; // 1h 5s says more than anybody asked
  }
  return parts.slice(0, 2).join(' ');
}
