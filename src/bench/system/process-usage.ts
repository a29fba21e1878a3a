import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const PAGE_BYTES = 4_096;
const MIB = 1024 * 1024;
/** Where `/proc/PID/stat` has what, counted from the state that follows the name. */
const USER_TICKS = 11;
const SYSTEM_TICKS = 12;
const RESIDENT_PAGES = 21;
/** And where `/proc/PID/schedstat` has the time of the first thread in the line for a processor, in nanoseconds. */
const WAITED_NS = 1;

/** What a process has used until now. */
export interface ProcessUsage {
  /** Of all its threads, in user and system mode. */
  cpuSeconds: number;
  residentMib: number;
  /** For which its first thread was ready to run, and no processor was free; 0 where the kernel keeps no account of it. */
  waitedSeconds: number;
}

let ticksPerSecond: Promise<number> | undefined;

const askTicks = async (): Promise<number> =>
  Number(
    (await promisify(execFile)('getconf', ['CLK_TCK'], { timeout: 5_000 }).catch(() => ({ stdout: '100' }))).stdout,
  );

/** From `/proc`: of another process, of which no interface of Node tells; so only on Linux. */
export async function usageOf(pid: number): Promise<ProcessUsage> {
  ticksPerSecond ??= askTicks();
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => {
    throw new Error(`the figures of process ${pid} are not in /proc: it has ended, or this is not Linux`);
  });
  // The name is in parentheses and may hold anything, also parentheses.
  const fields = text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const at = (index: number): number => fields[index] ?? 0;
  const line = await readFile(`/proc/${pid}/schedstat`, 'utf8').catch(() => '');
  return {
    cpuSeconds: (at(USER_TICKS) + at(SYSTEM_TICKS)) / (await ticksPerSecond),
    residentMib: (at(RESIDENT_PAGES) * PAGE_BYTES) / MIB,
    waitedSeconds: Number(line.split(' ')[WAITED_NS] ?? 0) / 1e9,
  };
}
