import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** An activity that has ended is reported to Temporal only after that, and the process may die in between. */
const LINGER_MS = 10_000;
const BASE64 = /^[A-Za-z0-9+/]+=*$/;

/**
 * The task tokens of the activities that run on this worker, in a file beside its spool, one a line: what dies with a process is failed by the next one at
 * once, from an attempt's first moment on. Not worth a flush, since the loss of one costs a heartbeat timeout; to fail one that is over does nothing.
 */
export class RunningTokens {
  readonly #path: string;
  readonly #tokens: Set<string>;
  #isWriting = false;
  #isStale = false;

  private constructor(path: string, tokens: Iterable<string>) {
    this.#path = path;
    this.#tokens = new Set(tokens);
  }

  /** With what an earlier process left. */
  static async open(folder: string): Promise<RunningTokens> {
    const path = join(folder, 'running-tokens');
    const text = await readFile(path, 'utf8').catch(() => '');
    return new RunningTokens(
      path,
      text.split('\n').filter((line) => BASE64.test(line)),
    );
  }

  /** All that may be running. */
  get all(): string[] {
    return [...this.#tokens];
  }

  /** Keeps the token of an activity that begins; to be called when it has ended. */
  readonly begin = (token: string): (() => void) => {
    this.#tokens.add(token);
    void this.#write();
    return () => void setTimeout(() => this.drop(token), LINGER_MS).unref();
  };

  /** It is not running any more. */
  drop(token: string): void {
    if (this.#tokens.delete(token)) void this.#write();
  }

  /** One write at a time, so that hundreds of rooms that begin together cost two. */
  async #write(): Promise<void> {
    this.#isStale = true;
    if (this.#isWriting) return;
    this.#isWriting = true;
    while (this.#isStale) {
      this.#isStale = false;
      await this.#replace().catch(() => undefined); // a full disk: the heartbeat timeout does it
    }
    this.#isWriting = false;
  }

  async #replace(): Promise<void> {
    await writeFile(`${this.#path}.new`, this.all.join('\n'), { mode: 0o600 });
    await rename(`${this.#path}.new`, this.#path);
  }
}
