import { type Counts, type HostState, hostStates } from '@omanager/contract';
import { busyOf, type Opened, type RolloutRules, sumOf, type Wave } from './decide.ts';
import { moveCounts, noCounts } from './states.ts';

/** What the plan fixed about when hosts start; stored with the run, so that a decision needs no plan. */
export interface RunRules extends RolloutRules {
  /** Hosts of the same module that may be busy at once over all runs; null: no limit. */
  moduleLimit: number | null;
  /** The same for zones that have such a limit. */
  zoneLimits: Readonly<Record<string, number>>;
}

/** The counters that decisions are made from. The run's row keeps them; host rows are never counted. */
export interface Progress {
  rules: RunRules;
  waves: Wave[];
  busyIn: Record<string, number>;
  opened: Opened;
  /** Hosts that will be asked what became of their script. */
  probes: number;
}

interface StoredProgress {
  waves: { size: number; counts: Partial<Counts>; excused?: number }[];
  busyIn: Record<string, number>;
  opened: Opened;
  probes: number;
}

/** Waves of these sizes, over hosts in these zones, none of them started. */
export function newProgress(rules: RunRules, sizes: readonly number[], zoneIds: readonly string[]): Progress {
  return {
    rules,
    waves: sizes.map((size) => ({ size, counts: { ...noCounts(), pending: size }, excused: 0 })),
    busyIn: Object.fromEntries(zoneIds.map((id) => [id, 0])),
    opened: { wave: -1, at: 0 },
    probes: 0,
  };
}

export interface ProgressColumns {
  rollout: string | null;
  progress: string | null;
  counts: string;
  parallel: number;
  total: number;
}

export function readProgress(row: ProgressColumns): Progress {
  // A run of a version without waves: all of it is one.
  if (row.rollout === null || row.progress === null) {
    const waves = [{ size: row.total, counts: JSON.parse(row.counts), excused: 0 }];
    return { rules: plainRules(row.parallel), waves, busyIn: {}, opened: { wave: 0, at: 0 }, probes: 0 };
  }
  const { waves, ...stored }: StoredProgress = JSON.parse(row.progress);
  return {
    ...stored,
    rules: JSON.parse(row.rollout),
    waves: waves.map(({ size, counts, excused }) => ({
      size,
      counts: { ...noCounts(), ...counts },
      excused: excused ?? 0,
    })),
  };
}

export function writeProgress({ rules, waves, busyIn, opened, probes }: Progress) {
  const counts = sumOf(waves);
  const stored: StoredProgress = {
    waves: waves.map((wave) => ({
      size: wave.size,
      counts: withoutZeros(wave.counts),
      ...(wave.excused > 0 ? { excused: wave.excused } : {}),
    })),
    busyIn,
    opened,
    probes,
  };
  return {
    rollout: JSON.stringify(rules),
    progress: JSON.stringify(stored),
    counts: JSON.stringify(counts),
    busy: busyOf(counts),
  };
}

/** The rules of a run that knows nothing but how many hosts run at the same time. */
export function plainRules(parallel: number): RunRules {
  return {
    parallel,
    perZone: null,
    waitMs: null,
    ask: false,
    stopWhen: null,
    moduleLimit: null,
    zoneLimits: {},
  };
}

/** Hosts are numbered in the order in which they start, so a wave is a range of ordinals. */
export function waveRange(waves: readonly Pick<Wave, 'size'>[], wave: number): { from: number; to: number } {
  const from = waves.slice(0, wave).reduce((sum, { size }) => sum + size, 0);
  return { from, to: from + (waves[wave]?.size ?? 0) };
}

function waveOf(waves: readonly Wave[], ordinal: number): Wave | undefined {
  let left = ordinal;
  return waves.find(({ size }) => {
    left -= size;
    return left < 0;
  });
}

/** Counts that a host went from one state to another. */
export function countMove(
  { waves, busyIn }: Progress,
  host: { ordinal: number; zone_id: string },
  from: HostState,
  to: HostState,
): void {
  const wave = waveOf(waves, host.ordinal);
  if (wave) moveCounts(wave.counts, from, to);
  const change = Number(isBusy(to)) - Number(isBusy(from));
  if (change !== 0) busyIn[host.zone_id] = (busyIn[host.zone_id] ?? 0) + change;
}

function isBusy(state: HostState): boolean {
  return state === 'connecting' || state === 'running';
}

export function withoutZeros(counts: Counts): Partial<Counts> {
  return Object.fromEntries(hostStates.flatMap((state) => (counts[state] === 0 ? [] : [[state, counts[state]]])));
}
