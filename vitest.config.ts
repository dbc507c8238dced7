import { defineConfig } from 'vitest/config';

// Limits are for machines ten times as slow as usual: a test waits for what it expects, and only what never comes takes long.
const patience = { testTimeout: 240_000, hookTimeout: 240_000, expect: { poll: { timeout: 60_000, interval: 50 } } };

// Tests with Docker, root or real time share one machine's network and containers: they run one file after the other.
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/**/*.docker.test.ts', 'test/**/*.e2e.test.ts'],
          ...patience,
        },
      },
      {
        test: {
          name: 'docker',
          include: ['test/**/*.docker.test.ts'],
          fileParallelism: false,
          ...patience,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/**/*.e2e.test.ts'],
          fileParallelism: false,
          ...patience,
          testTimeout: 600_000,
          hookTimeout: 600_000,
        },
      },
    ],
  },
});
