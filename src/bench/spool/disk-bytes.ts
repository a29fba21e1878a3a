import { readFile } from 'node:fs/promises';

/** What this process has had written to disks so far, in bytes; undefined where the system does not count it (anything but Linux). */
export async function diskBytesWritten(): Promise<number | undefined> {
  const text = await readFile('/proc/self/io', 'utf8').catch(() => '');
  const bytes = /^write_bytes: (\d+)$/m.exec(text)?.[1];
  return bytes === undefined ? undefined : Number(bytes);
}
