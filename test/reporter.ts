import type { Reporter, TestModule } from 'vitest/node';

/**
 * Prints `N passed, N failed, N skipped` as the very last line, after whatever the engines say when they stop.
 * A file that could not be loaded, and an error outside every test, each count as one failed: a red run never reads as green.
 */
export default class LastLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const count = { passed: 0, failed: errors.length, skipped: 0, pending: 0 };
    for (const module of modules) {
      if (module.state() === 'failed' && module.errors().length > 0) count.failed += 1;
      for (const test of module.children.allTests()) count[test.result().state] += 1;
    }
    process.once('exit', (code) => {
      const failed = count.failed || (code === 0 ? 0 : 1); // engines that did not start leave no test to blame
      console.log(`${count.passed} passed, ${failed} failed, ${count.skipped + count.pending} skipped`);
    });
  }
}
