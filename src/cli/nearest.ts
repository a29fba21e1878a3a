/** The candidate that was most likely meant, if one is near enough for a typing mistake. Case and separators do not count. */
export function nearest(wrong: string, candidates: readonly string[]): string | undefined {
  const plain = (text: string): string => text.toLowerCase().replaceAll(/[-_.]/g, '');
  const limit = Math.max(1, Math.floor(plain(wrong).length / 3));
  let best: { candidate: string; distance: number } | undefined;
  for (const candidate of candidates) {
    const distance = editDistance(plain(wrong), plain(candidate));
    if (distance <= limit && distance < (best?.distance ?? Infinity)) best = { candidate, distance };
  }
  return best?.candidate;
}

/** `; did you mean "x"?`, or a full stop. */
export const didYouMean = (wrong: string, candidates: readonly string[]): string => {
  const candidate = nearest(wrong, candidates);
  return candidate === undefined ? '.' : `; did you mean ${candidate}?`;
};

function editDistance(one: string, two: string): number {
  let previous = Array.from({ length: two.length + 1 }, (_, at) => at);
  for (let row = 1; row <= one.length; row += 1) {
    const current = [row];
    for (let at = 1; at <= two.length; at += 1) {
      const replaced = (previous[at - 1] ?? 0) + (one[row - 1] === two[at - 1] ? 0 : 1);
      current.push(Math.min(replaced, (previous[at] ?? 0) + 1, (current[at - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[two.length] ?? 0;
}
