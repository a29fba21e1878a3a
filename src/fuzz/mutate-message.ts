/** Changes within the JSON text of one message, made on the text itself: some of what comes out no JSON.stringify would write. */
import { between, pick, type Draw } from '../simulator/random.js';
import { ODD_NAMES, oddValue } from './odd-values.js';

/** Where a value stands in a JSON text. */
interface Place {
  start: number;
  end: number;
}

/** A message's text, and where each value in it is. */
export interface SeedMessage {
  text: string;
  places: readonly Place[];
}

const TOKEN = /"(?:[^"\\]|\\.)*"(\s*:)?|[[\]{}]|[^\s,:[\]{}"]+/g;

/** Every value of a valid JSON text, the whole included. */
export function seedMessage(text: string): SeedMessage {
  const places: Place[] = [];
  const open: number[] = [];
  for (const { 0: token, 1: colon, index } of text.matchAll(TOKEN)) {
    if (token === '{' || token === '[') open.push(index);
    else if (token === '}' || token === ']') places.push({ start: open.pop() ?? 0, end: index + 1 });
    else if (colon === undefined) places.push({ start: index, end: index + token.length });
  }
  return { text, places };
}

/** The text with one to four of its values changed, most often one. */
export function mutateMessage(draw: Draw, seed: SeedMessage, donors: readonly SeedMessage[]): string {
  const count = draw() < 0.6 ? 1 : between(draw, 2, 4);
  const chosen = Array.from({ length: count }, () => pick(draw, seed.places)).sort((a, b) => b.start - a.start);
  let { text } = seed;
  let untouchedTo = text.length;
  for (const place of chosen) {
    if (place.end > untouchedTo) continue; // within or around one that was changed
    text = change(draw, text, place, donors);
    untouchedTo = Math.max(0, place.start - 2); // its name may have changed, too
  }
  return text;
}

function change(draw: Draw, text: string, { start, end }: Place, donors: readonly SeedMessage[]): string {
  const kind = draw();
  const before = text.slice(0, start);
  const value = text.slice(start, end);
  const after = text.slice(end);
  if (kind < 0.12 && before.endsWith('":')) return `${before.slice(0, -2)}_":${value}${after}`; // it is missing
  if (kind < 0.2) return before + wrapped(draw, value) + after;
  if (kind < 0.3) return before + valueOf(draw, donors) + after;
  if (kind < 0.4 && value.startsWith('{')) {
    const name = JSON.stringify(pick(draw, ODD_NAMES));
    return `${before}{${name}:${oddValue(draw)}${value === '{}' ? '' : ','}${value.slice(1)}${after}`;
  }
  if (kind < 0.43) return `${before}${value},${value}${after}`; // places of lists move
  return before + oddValue(draw) + after;
}

function wrapped(draw: Draw, value: string): string {
  const kind = draw();
  if (kind < 0.25) return `[${value}]`;
  if (kind < 0.4) return `{"a":${value}}`;
  if (kind < 0.5) return `[${value},${value}]`;
  return value.startsWith('"') ? value.slice(1, -1) : JSON.stringify(value); // a text where a number was, and the other way round
}

function valueOf(draw: Draw, donors: readonly SeedMessage[]): string {
  const donor = pick(draw, donors);
  const { start, end } = pick(draw, donor.places);
  return donor.text.slice(start, end);
}
