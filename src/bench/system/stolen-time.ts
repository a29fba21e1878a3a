import { readFile } from 'node:fs/promises';
import { type Row, told } from '../part.js';

/** Where the line of all processors in `/proc/stat` has the time that a virtual machine's host gave to others, counted from the first figure. */
const STEAL = 7;
/** What comes after it, the time of guests, is in the first two already. */
const FIGURES = 8;

/** Asked later, the share of the processors' time since then; undefined where the kernel keeps no account of it. */
export type StolenShare = () => Promise<number | undefined>;

/**
 * Begins to count what the host of this machine, where it is a virtual one, gives to others while there is work here: nothing that is measured meanwhile
 * is faster than that allows.
 *
 * @param account where the kernel tells what the processors did, which only Linux does
 */
export async function countStolenTime(account = '/proc/stat'): Promise<StolenShare> {
  const before = await processorTimes(account);
  return async () => {
    const after = await processorTimes(account);
    if (!before || !after || after.all <= before.all) return undefined;
    return (after.stolen - before.stolen) / (after.all - before.all);
  };
}

/** A row of it, where it is known. @param of what the row is of, as `scale: `, or nothing */
export const stolenRows = (of: string, meanwhile: string, share: number | undefined): Row[] =>
  share === undefined ? [] : [told(`${of}processors taken away by the machine’s host ${meanwhile}`, share, 'ratio')];

async function processorTimes(account: string): Promise<{ all: number; stolen: number } | undefined> {
  const text = await readFile(account, 'utf8').catch(() => '');
  const figures = /^cpu +([\d ]+)$/m.exec(text)?.[1]?.split(' ').map(Number).slice(0, FIGURES) ?? [];
  const stolen = figures[STEAL];
  return stolen === undefined ? undefined : { all: figures.reduce((sum, ticks) => sum + ticks, 0), stolen };
}
