import { defineConfig } from 'vitest/config';

const integration = 'test/**/*.integration.test.ts';

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
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        // Against real engines: one file at a time, so that what a test measures is its own load.
        extends: true,
        test: {
          name: 'integration',
          include: [integration],
          globalSetup: ['test/global-setup.ts'],
          fileParallelism: false,
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
