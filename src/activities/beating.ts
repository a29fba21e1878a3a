import { Context } from '@temporalio/activity';

/** Tells Temporal that often, while `work` goes on, that this activity lives; with what `details` says then. */
export async function beatingEvery<T>(
  everyMs: number,
  work: () => Promise<T>,
  details: () => unknown = () => undefined,
): Promise<T> {
  const { heartbeat } = Context.current();
  const beating = setInterval(() => heartbeat(details()), everyMs);
  try {
    return await work();
  } finally {
    clearInterval(beating);
  }
}
