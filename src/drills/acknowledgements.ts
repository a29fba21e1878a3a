import { existsSync } from 'node:fs';
import { acknowledgementsIn as acknowledgementsOf } from '../cli/acknowledgements.js';
import type { Acknowledgement } from '../simulator/latency.js';

/** Reads what workers wrote down; nothing where none of them lived long enough to write. */
export async function* acknowledgementsIn(file: string): AsyncGenerator<Acknowledgement> {
  if (existsSync(file)) yield* acknowledgementsOf(file);
}
