import { QUOTE, BACKSLASH } from './json-signs.js';

/** Whether `text` opens more than `most` objects and lists; stops looking once it has found so many. */
function opensMoreThan(text: string, most: number): boolean {
  let found = 0;
  for (const bracket of ['{', '[']) {
    for (let at = text.indexOf(bracket); at >= 0; at = text.indexOf(bracket, at + 1)) {
      found += 1;
      if (found > most) return true;
    }
  }
  return false;
}

/** The place behind the text literal that opens at `start`. */
function endOfLiteral(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit === BACKSLASH) at += 1;
    else if (unit === QUOTE) return at + 1;
  }
  return text.length;
}

function nestsDeeperThan(text: string, most: number): boolean {
  let depth = 0;
  let at = 0;
  while (at < text.length) {
    const unit = text.charCodeAt(at);
    if (unit === QUOTE) {
      at = endOfLiteral(text, at);
      continue;
    }
    // `[` and `{` differ in one bit, and so do `]` and `}`.
    if ((unit | 0x20) === 0x7b) depth += 1;
    else if ((unit | 0x20) === 0x7d) depth -= 1;
    if (depth > most) return true;
    at += 1;
  }
  return false;
}

/**
 * Whether objects and lists in this JSON text lie deeper in each other than `most`. To be asked before parsing, which would build them all.
 * Cheap for a usual message: one that does not open more than `most` cannot nest deeper, and counting is a native search.
 */
export const isTooDeep = (text: string, most: number): boolean =>
  opensMoreThan(text, most) && nestsDeeperThan(text, most);

/** The value of a JSON text; nothing (not even `null`) when it is none. */
export function parseJson(text: string): { value: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return { value };
  } catch {
    return undefined;
  }
}
