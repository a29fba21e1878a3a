import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The task token of the running `drainSpool`, beside the spool: not worth a flush, since its loss costs one heartbeat timeout. */
export class DrainToken {
  readonly #path: string;

  constructor(folder: string) {
    this.#path = join(folder, 'drain-token');
  }

  /** Undefined where there is none. */
  async read(): Promise<string | undefined> {
    return readFile(this.#path, 'utf8').catch(() => undefined);
  }

  async keep(token: string): Promise<void> {
    await writeFile(this.#path, token, { mode: 0o600 });
  }
}
