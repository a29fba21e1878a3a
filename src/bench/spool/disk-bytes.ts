import { readFile, stat } from 'node:fs/promises';

/** Of `stat` in sysfs, whatever the disk's own blocks are. */
const SECTOR_BYTES = 512;
/** Its seventh field. */
const SECTORS_WRITTEN = 6;

/**
 * What has been written to the disk that holds a folder, in bytes, since the machine was started: by everybody, the file system's own journal included.
 * Undefined where the system does not tell (anything but Linux, and file systems on no disk of their own).
 *
 * What Linux counts for a process (`write_bytes` in /proc) is no measure: on ext4 with Linux 6.18 it was ten times what the disk got, for appends to one file.
 * A page that is changed seems to count as all of the large folio it lies in.
 */
export async function diskBytesWritten(folder: string): Promise<number | undefined> {
  const { dev } = await stat(folder);
  const major = (dev >>> 8) & 0xfff;
  const minor = (dev & 0xff) | ((dev >>> 12) & 0xfff00);
  const text = await readFile(`/sys/dev/block/${major}:${minor}/stat`, 'utf8').catch(() => '');
  const sectors = text.trim().split(/\s+/)[SECTORS_WRITTEN];
  return sectors === undefined ? undefined : Number(sectors) * SECTOR_BYTES;
}
