/**
 * What a terminal, or the eye of who reads a file, takes for something else than text: C0 and C1 controls (so every escape sequence), separators of
 * lines, and marks that turn the direction of what follows.
 */
export const CONTROL = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** The same but for the end of a line. */
const CONTROL_IN_LINES = /[^\P{Cc}\n]|[\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** The colours of our own: none that hides, and none that has a second meaning. */
const COLOURS = /(\u001b\[(?:1|2|22|31|32|33|36|39)m)/;

/** Lines for a person, without what acts on a terminal; a net below `printable`, for what nobody thought of. */
export const harmlessLines = (text: string, hasColours: boolean): string =>
  hasColours
    ? text
        .split(COLOURS)
        .map((part, at) => (at % 2 === 1 ? part : part.replaceAll(CONTROL_IN_LINES, ' ')))
        .join('')
    : text.replaceAll(CONTROL_IN_LINES, ' ');

/** The same JSON text, with escapes for what JSON may hold as it is and a terminal acts on. */
export const harmlessJson = (json: string): string =>
  json.replaceAll(CONTROL_IN_LINES, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`);
