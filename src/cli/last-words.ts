import { harmlessLines } from './control-letters.js';
import { withoutCredentials } from './secrets.js';

const MOST_CAUSES = 5;

/** What is told of an error that nobody expected: where it and its causes came from, nothing else that hangs on them. */
export function lastWordsOf(error: unknown): string {
  const stacks: string[] = [];
  for (let at = error; at instanceof Error && stacks.length < MOST_CAUSES; at = at.cause) {
    stacks.push(at.stack ?? at.message);
  }
  const words =
    stacks.length > 0 ? stacks.join('\nbecause of ') : `something that is no error was thrown (${typeof error})`;
  return harmlessLines(withoutCredentials(`barrage: Unexpected failure: ${words}`), false);
}
