import { defineConfig } from 'vitest/config';

/** Parts that die, hang or drown: these wait for leases and deadlines, minutes in all. */
const faults = [
  'test/faults/**/*.test.ts',
  'test/workers/{faults,failover,zoneWorker}.test.ts',
  'test/modules/stopping.test.ts',
  'test/queue/{processes,redisQueue}.test.ts',
  'test/runs/{abort,abortMany,diskLow,flood,follow,followWorker,lost}.test.ts',
  'test/audit/{checkpointsLeave,endToEnd,execve,exportCut,forwarder,inTerminal,kept,killed,mailTargets,shells,spool,variants}.test.ts',
  'test/terminals/{files,limits,terminal,transfers}.test.ts',
  'test/cli/files.test.ts',
  'test/operating/{backup,stop}.test.ts',
  'test/store/{reclaim,rekey}.test.ts',
];
/** Of these, what takes the longest. `npm run test:long` */
const long = [
  'test/faults/kill.test.ts',
  'test/audit/{execve,mailTargets}.test.ts',
  'test/operating/backup.test.ts',
  'test/queue/processes.test.ts',
  'test/runs/{abortMany,flood,follow}.test.ts',
  'test/store/{reclaim,rekey}.test.ts',
];
/** What is polled for may wait for its turn on a busy machine; the default of one second is over before. */
const expect = { poll: { timeout: 20_000 } };
const patience = { expect, testTimeout: 120_000, hookTimeout: 60_000 };

/** A browser takes its time to start, and the first file builds the web app. */
const web = 'test/web/**/*.test.ts';

/**
 * unit: beside the code, no servers. cross: what crosses packages, against real parts from test/lab. web: the client in
 * a real browser. faults: what happens when a part fails. `npm test` runs the first two, `npm run test:web` and
 * `npm run test:faults` and `npm run test:long` the others.
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['apps/*/src/**/*.test.ts', 'packages/*/src/**/*.test.ts'],
          testTimeout: 30_000,
          expect,
        },
      },
      { test: { name: 'cross', include: ['test/**/*.test.ts'], exclude: [...faults, web], ...patience } },
      { test: { name: 'web', include: [web], ...patience, hookTimeout: 180_000 } },
      { test: { name: 'faults', include: faults, exclude: long, ...patience } },
      { test: { name: 'long', include: long, ...patience } },
    ],
    // More than two cores have: many tests wait for servers, leases and deadlines.
    maxWorkers: 4,
  },
});
