import type { HostRun } from '@omanager/contract';

/** A server of a run for tests. */
export const hostRun = (ordinal: number, changes: Partial<HostRun> = {}): HostRun => ({
  ...{ ordinal, hostId: '019a7c1e-5b7e-7c52-9b0e-2b8d4c9f1a10', name: `h-${ordinal}`, environment: 'prod' },
  ...{ state: 'ok', reason: null, message: null, attempt: 1, exitCode: null, startedAt: null, endedAt: null },
  ...{ durationMs: null, stdoutBytes: 0, stderrBytes: 0, discardedBytes: 0, discardedFor: null, filteredLines: 0 },
  ...{ fold: null, survivors: [], probeAt: null, revision: 1 },
  ...changes,
});
