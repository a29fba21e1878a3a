import type { Output } from '../output.js';
import { tableHead, tableRow } from './live-table.js';
import type { Progress } from './progress.js';

/** Between two rows where nobody can see a row change. */
const ROW_EVERY_MS = 5_000;

/** What a demo says while it runs: on stdout, or on stderr where stdout is for machines. */
export class DemoScreen {
  #isBegun = false;
  #isRowOpen = false;
  #rowAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly out: Output) {}

  readonly say = (line: string): void => {
    this.#endRow();
    if (this.out.isJson) this.out.progress(line);
    else this.out.say(line);
  };

  /** One row that changes on a terminal, a row every few seconds elsewhere. */
  show(progress: Progress): void {
    if (!this.#isBegun) {
      this.say('');
      this.say(this.out.paint('bold', tableHead()));
      this.#isBegun = true;
    }
    if (this.out.isLive) {
      this.#isRowOpen = true;
      this.out.raw(`\r\u001b[2K${tableRow(progress).slice(0, this.out.columns - 1)}`);
    } else if (progress.elapsedMs - this.#rowAt >= ROW_EVERY_MS) {
      this.#rowAt = progress.elapsedMs;
      this.say(tableRow(progress));
    }
  }

  /** Leaves the last row as it is, so that what follows begins on a line of its own. */
  #endRow(): void {
    if (this.#isRowOpen) this.out.raw('\n');
    this.#isRowOpen = false;
  }
}
