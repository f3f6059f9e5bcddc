import { defineConfig } from 'vitest/config';

/** unit: beside the code, no servers. cross: what crosses packages, against real parts from test/lab. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['apps/*/src/**/*.test.ts', 'packages/*/src/**/*.test.ts'],
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'cross',
          include: ['test/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 60_000,
        },
      },
    ],
    // More than two cores have: many tests wait for servers, leases and deadlines.
    maxWorkers: 3,
  },
});
