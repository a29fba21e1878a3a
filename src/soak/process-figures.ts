import { readdir, readFile } from 'node:fs/promises';

/** What Linux tells of a process; elsewhere, and of one that has ended, nothing. */
export interface ProcessFigures {
  memoryBytes: number | undefined;
  threads: number | undefined;
  openFiles: number | undefined;
  openFilesLimit: number | undefined;
}

export async function processFigures(pid: number | undefined): Promise<ProcessFigures> {
  const text = (name: string): Promise<string> => readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => '');
  const [status, limits] = await Promise.all([text('status'), text('limits')]);
  const open = await readdir(`/proc/${pid}/fd`).catch(() => undefined);
  const memoryKb = numberIn(status, /^VmRSS:\s+(\d+) kB$/m);
  return {
    memoryBytes: memoryKb === undefined ? undefined : memoryKb * 1024,
    threads: numberIn(status, /^Threads:\s+(\d+)$/m),
    openFiles: open?.length,
    openFilesLimit: numberIn(limits, /^Max open files\s+(\d+)/m),
  };
}

function numberIn(text: string, pattern: RegExp): number | undefined {
  const found = pattern.exec(text)?.[1];
  return found === undefined ? undefined : Number(found);
}
