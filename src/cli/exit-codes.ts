import { BarrageError, ERRORS } from '../model/errors.js';

/** What the exit code of `barrage` says. */
export const EXIT_CODES = {
  ok: { code: 0, meaning: 'done as asked; for worker and up, also after a clean stop' },
  failed: { code: 1, meaning: 'an unexpected failure, or a check that found something wrong' },
  refused: {
    code: 2,
    meaning: 'the command line, the input or the configuration is wrong: the same again fails again',
  },
  unavailable: {
    code: 3,
    meaning: 'something outside (Temporal, MongoDB, the platform, the disk) is not available now',
  },
  wait: { code: 4, meaning: 'the other side asks to wait before the next try' },
  interrupted: { code: 130, meaning: 'Ctrl-C ended it before it was done' },
  terminated: { code: 143, meaning: 'SIGTERM ended it before it was done' },
} as const;

const BY_RETRY = { never: EXIT_CODES.refused.code, soon: EXIT_CODES.unavailable.code, after: EXIT_CODES.wait.code };

/** The exit code for what a command threw. */
export const exitCodeOf = (error: unknown): number =>
  error instanceof BarrageError ? BY_RETRY[ERRORS[error.code].retry] : EXIT_CODES.failed.code;

/** The table, for the help text. */
export const exitCodeLines = (): string =>
  Object.values(EXIT_CODES)
    .map(({ code, meaning }) => `  ${String(code).padEnd(5)}${meaning}`)
    .join('\n');
