import { appendFile, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** An activity that has ended is reported to Temporal only after that, and the process may die in between. */
const LINGER_MS = 10_000;
/** To fail an activity that is over does nothing, so there is no hurry to take its token out of the file. */
const REPLACE_AFTER_MS = 1_000;
/** The mark at the end tells a whole line from one that a full disk cut off. */
const LINE = /^([A-Za-z0-9+/]+=*);$/;
const lineOf = (token: string): string => `\n${token};`;

/**
 * The task tokens of the activities that run on this worker, in a file beside its spool, one a line: what dies with a process is failed by the next one at
 * once, from an attempt's first moment on. A token is added to the file at once; those that are over leave it together, a while later.
 * Not worth a flush, since the loss of one costs a heartbeat timeout.
 */
export class RunningTokens {
  readonly #path: string;
  readonly #tokens: Set<string>;
  /** Those that are not in the file yet. */
  #begun: string[] = [];
  /** It holds some that are over, or lacks some. */
  #isToBeReplaced = false;
  #replacing: NodeJS.Timeout | undefined;
  #isWriting = false;

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
      text.split('\n').flatMap((line) => LINE.exec(line)?.[1] ?? []),
    );
  }

  /** All that may be running. */
  get all(): string[] {
    return [...this.#tokens];
  }

  /** Keeps the token of an activity that begins; to be called when it has ended. */
  readonly begin = (token: string): (() => void) => {
    this.#tokens.add(token);
    this.#begun.push(token);
    void this.#write();
    return () => void setTimeout(() => this.drop(token), LINGER_MS).unref();
  };

  /** It is not running any more. */
  drop(token: string): void {
    if (this.#tokens.delete(token)) this.#replaceSoon();
  }

  #replaceSoon(): void {
    this.#replacing ??= setTimeout(() => {
      this.#replacing = undefined;
      this.#isToBeReplaced = true;
      void this.#write();
    }, REPLACE_AFTER_MS).unref();
  }

  /** One write at a time; what begins meanwhile comes with the next. */
  async #write(): Promise<void> {
    if (this.#isWriting) return;
    this.#isWriting = true;
    while (this.#isToBeReplaced || this.#begun.length > 0) {
      await this.#bringUpToDate().catch(() => this.#replaceSoon()); // until a full disk has room again, the heartbeat timeout does it
    }
    this.#isWriting = false;
  }

  async #bringUpToDate(): Promise<void> {
    const begun = this.#begun.splice(0);
    if (!this.#isToBeReplaced) return appendFile(this.#path, begun.map(lineOf).join(''), { mode: 0o600 });
    this.#isToBeReplaced = false;
    await writeFile(`${this.#path}.new`, this.all.map(lineOf).join(''), { mode: 0o600 });
    await rename(`${this.#path}.new`, this.#path);
  }
}
