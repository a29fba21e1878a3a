import { CONTROL } from './control-letters.js';

/** East Asian wide letters and emoji take two columns of a terminal; combining marks take none. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}|[\u{20000}-\u{3fffd}]/u;
const NONE = /\p{Mn}|\p{Me}|\p{Cf}/u;
const PAINT = /\u001b\[[0-9;]*m/g;
/** Letters that show nothing; joiners stay, since emoji are made of them, but one at a time. */
const UNSEEN = /[^\P{Cf}\u200c\u200d]|(?<=[\u200c\u200d])[\u200c\u200d]/gu;
/** Beyond four on one letter, marks pile up over the lines above and below it. */
const PILED = /(?<=\p{M}{4})\p{M}+/gu;

/** How many columns of a terminal a text takes; colours take none. */
export function textWidth(text: string): number {
  let width = 0;
  for (const letter of text.replaceAll(PAINT, '')) width += NONE.test(letter) ? 0 : WIDE.test(letter) ? 2 : 1;
  return width;
}

export const padTo = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - textWidth(text)));

/** Text of somebody else's on one line, cut to so many columns: it cannot move the cursor or change colours. */
export function printable(text: string, maxWidth = Infinity): string {
  const clean = text.toWellFormed().replaceAll(CONTROL, ' ').replaceAll(UNSEEN, '').replaceAll(PILED, '').trim();
  if (textWidth(clean) <= maxWidth) return clean;
  let cut = '';
  for (const letter of clean) {
    if (textWidth(cut + letter) > maxWidth - 1) break;
    cut += letter;
  }
  return `${cut}…`;
}
