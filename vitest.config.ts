import { defineConfig } from 'vitest/config';

const integration = 'test/**/*.integration.test.ts';
/** Whole systems of their own, that mostly wait. */
const crash = 'test/crash/**/*.integration.test.ts';
/** They promise to be done within seconds, or load the machine as far as it goes. */
const alone = [
  'test/cli/{demo,up}.integration.test.ts',
  'test/workflows/random-orders.integration.test.ts',
  'test/workers/metrics.integration.test.ts',
];

export default defineConfig({
  test: {
    pool: 'forks',
    testTimeout: 60_000,
    hookTimeout: 180_000,
    reporters: ['default', './test/reporter.ts'],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: [integration],
          maxWorkers: 3,
          isolate: false, // each file's own copy of every module took a fifth of the time
          sequence: { groupOrder: 0 },
        },
      },
      {
        // Against real engines, each file in a namespace and a database of its own.
        extends: true,
        test: {
          name: 'integration',
          include: [integration],
          exclude: [crash, ...alone],
          globalSetup: ['test/global-setup.ts'],
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'crash',
          include: [crash],
          maxWorkers: 3,
          sequence: { groupOrder: 2 },
        },
      },
      {
        // One file at a time, so that what a test measures is its own load.
        extends: true,
        test: {
          name: 'alone',
          include: alone,
          globalSetup: ['test/global-setup.ts'],
          fileParallelism: false,
          maxWorkers: 1,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
});
