import { open, type FileHandle } from 'node:fs/promises';

const MiB = 1024 * 1024;
const STEP_BYTES = 4 * MiB;
const ZEROS = Buffer.alloc(STEP_BYTES);

/**
 * Grows LMDB's file ahead of LMDB, by writing zeros behind its end, so that a full disk is found out here, where it is harmless: LMDB
 * 0.9.90 as of lmdb 3.5.6 overruns a buffer of 100 bytes while it words the error of a refused write, which can end the process.
 * Not to be called while a transaction runs, for LMDB writes up to this end. (Of no avail where a filesystem copies on each write.)
 */
export class DataFile {
  private constructor(
    private readonly handle: FileHandle,
    private allocated: number,
  ) {}

  static async open(path: string): Promise<DataFile> {
    const handle = await open(path, 'a');
    return new DataFile(handle, (await handle.stat()).size);
  }

  get allocatedBytes(): number {
    return this.allocated;
  }

  /** Makes the file at least so long; rejects with the system's error, mostly ENOSPC, having kept what it got. */
  async growTo(bytes: number): Promise<void> {
    while (this.allocated < bytes) {
      try {
        await this.handle.write(ZEROS); // opened for appending: whatever LMDB wrote, this lands behind it
      } finally {
        this.allocated = (await this.handle.stat()).size;
      }
    }
  }

  async close(): Promise<void> {
    await this.handle.close();
  }
}
