/** The code of an error of the system or a library (`ECONNRESET`), nothing where it has none. Fit to be shown, which the error's own words may not be. */
export const codeOf = (err: unknown): string | undefined =>
  err instanceof Error && 'code' in err && typeof err.code === 'string' ? err.code : undefined;

/** The same for a sentence: `unknown` where it has none. */
export const shownCodeOf = (err: unknown): string => codeOf(err) ?? 'unknown';
