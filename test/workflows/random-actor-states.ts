import type { DrivenRoom, Input } from './random-actor-driver.js';

/** A state that was reached, and how. */
export interface Reached {
  room: DrivenRoom;
  path: readonly string[];
}

/** Does `input` to a copy of `room`; what goes wrong says how it came to that. */
export function after({ room, path }: Reached, input: Input): Reached {
  const next = { room: room.clone(), path: [...path, input.name] };
  try {
    input.apply(next.room);
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : String(error)}; after ${next.path.join(', ')}`);
  }
  return next;
}

/** Every state that `inputs` lead to from `starts`, each by a shortest way. Throws where there are more than `most`. */
export function reachable(starts: readonly DrivenRoom[], inputs: readonly Input[], most: number): Map<string, Reached> {
  const found = new Map<string, Reached>(starts.map((room) => [room.abstract, { room, path: [] }]));
  for (const from of found.values()) {
    for (const input of inputs) {
      if (!input.isPossible(from.room)) continue;
      const to = after(from, input);
      const name = to.room.abstract;
      if (!found.has(name)) found.set(name, to);
    }
    if (found.size > most) throw new Error(`there are more than ${most} states`);
  }
  return found;
}

/** How many `inputs` it takes at the most, whichever of them comes, until `isThere`; Infinity where it may never be. */
export function worstWay(from: Reached, inputs: readonly Input[], isThere: (room: DrivenRoom) => boolean): number {
  const known = new Map<string, number>();
  const way = (at: Reached): number => {
    if (isThere(at.room)) return 0;
    const name = at.room.abstract;
    const before = known.get(name);
    if (before !== undefined) return before;
    known.set(name, Infinity); // while it is looked at: to come back here is a circle
    const possible = inputs.filter((input) => input.isPossible(at.room));
    const worst = possible.length === 0 ? Infinity : 1 + Math.max(...possible.map((input) => way(after(at, input))));
    known.set(name, worst);
    return worst;
  };
  return way(from);
}
