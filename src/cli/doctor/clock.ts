import { withDeadline } from '../../platforms/deadline.js';
import { isOwnHost } from '../../platforms/bilibili/hosts.js';
import type { Settings } from '../settings.js';
import { type Finding, findingsOf } from './check.js';

const ANSWER_WITHIN_MS = 4_000;
/** Signed requests carry the time; and lag is measured against the platform's. */
const WARN_BEYOND_MS = 2_000;
const FAIL_BEYOND_MS = 60_000;

/** The `Date` header has whole seconds. */
const HEADER_STEP_MS = 1_000;

/** How far this machine's clock is from another one, given what that one said between two moments of ours. */
export function clockFinding(whose: string, theirs: number | undefined, askedAt: number, answeredAt: number): Finding {
  const clock = findingsOf(`clock (${whose})`);
  if (theirs === undefined) return clock.skipped(`${whose} tells no time.`);
  // What lies within the question's own time is no difference.
  const offMs = theirs < askedAt ? askedAt - theirs : Math.max(0, theirs - answeredAt);
  const direction = theirs < askedAt ? 'ahead of' : 'behind';
  if (offMs <= WARN_BEYOND_MS) return clock.ok(`This machine's clock agrees with that of ${whose}.`);
  const message = `This machine's clock is ${(offMs / 1000).toFixed(1)} s ${direction} that of ${whose}.`;
  const remedy = 'Let a time service (chrony, systemd-timesyncd) set the clock of both.';
  return offMs > FAIL_BEYOND_MS ? clock.fail(message, remedy) : clock.warn(message, remedy);
}

/** One request to the platform, for the time it answers with; offline, that is no fault. */
export async function checkPlatformClock({ config }: Settings, signal: AbortSignal): Promise<Finding> {
  const { liveApiUrl, userAgent } = config.platforms.bilibili;
  const { host, hostname } = new URL(liveApiUrl);
  const name = isOwnHost(hostname) ? 'Bilibili' : host;
  const askedAt = Date.now();
  try {
    const request = { method: 'HEAD', redirect: 'manual', headers: { 'user-agent': userAgent } } as const;
    const response = await withDeadline(ANSWER_WITHIN_MS, signal, (within) =>
      fetch(liveApiUrl, { ...request, signal: within }),
    );
    const told = Date.parse(response.headers.get('date') ?? '');
    // The second that the header names has begun, and not ended.
    const theirs = Number.isNaN(told) ? undefined : Math.min(Math.max(told, askedAt), told + HEADER_STEP_MS);
    return clockFinding(name, theirs, askedAt, Date.now());
  } catch {
    return findingsOf(`clock (${name})`).skipped(`${name} cannot be reached from here.`);
  }
}
