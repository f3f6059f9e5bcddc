import { type HostRun, hostStates, type Run } from '@omanager/contract';

export const at = '2026-01-01T00:00:00.000Z';
export const runId = '01890000-0000-7000-8000-000000000002';
export const noCounts = Object.fromEntries(hostStates.map((state) => [state, 0])) as Run['counts'];

/** A run of four servers as the server tells of it. */
export function makeRun(state: Run['state'], counts: Partial<Run['counts']>, rest: Partial<Run> = {}): Run {
  return {
    id: runId,
    number: 12,
    planId: runId,
    digest: 'd',
    revision: 7,
    module: {
      id: 'system.uptime',
      version: '1.0.0',
      digest: 'd',
      title: { en: 'Uptime', zh: '运行时间' },
      risk: 'read',
    },
    selector: '*',
    params: {},
    state,
    control: 'run',
    attempt: 1,
    parallel: 10,
    timeoutMs: 1000,
    follow: false,
    total: 4,
    environments: { prod: 4 },
    counts: { ...noCounts, ...counts },
    waves: [{ size: 4, counts }],
    wave: 0,
    holdUntil: null,
    stopReason: null,
    reason: null,
    startedBy: 'ada',
    createdAt: at,
    startedAt: at,
    endedAt: '2026-01-01T00:00:01.500Z',
    outputRemovedAt: null,
    ...rest,
  };
}

/** One of its servers. */
export function makeHost(ordinal: number, state: HostRun['state'], rest: Partial<HostRun> = {}): HostRun {
  return {
    ordinal,
    hostId: runId,
    name: `web-${ordinal}`,
    environment: 'prod',
    state,
    reason: null,
    message: null,
    attempt: 1,
    exitCode: null,
    startedAt: at,
    endedAt: at,
    durationMs: 5,
    stdoutBytes: 0,
    stderrBytes: 0,
    filteredLines: 0,
    discardedBytes: 0,
    discardedFor: null,
    fold: null,
    survivors: [],
    probeAt: null,
    revision: 1,
    ...rest,
  };
}
