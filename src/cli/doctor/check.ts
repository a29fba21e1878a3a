/** `skipped`: it could not be looked at, for a reason that another check tells or that is no fault. */
export type CheckStatus = 'ok' | 'warn' | 'fail' | 'skipped';

/** What one look found. */
export interface Finding {
  name: string;
  status: CheckStatus;
  /** What is, in one sentence; without secrets. */
  message: string;
  /** What to do about it; for warn and fail. */
  remedy?: string;
}

/** A finding's maker, for one name. */
export const findingsOf = (name: string) => ({
  ok: (message: string): Finding => ({ name, status: 'ok', message }),
  skipped: (message: string): Finding => ({ name, status: 'skipped', message }),
  warn: (message: string, remedy: string): Finding => ({ name, status: 'warn', message, remedy }),
  fail: (message: string, remedy: string): Finding => ({ name, status: 'fail', message, remedy }),
});
