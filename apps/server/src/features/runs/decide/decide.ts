import type { Control, Counts, HostState, RunState } from '@omanager/contract';

/** The rules of a plan that say when which hosts may start. */
export interface RolloutRules {
  /** Hosts that may be connecting or running at the same time. */
  parallel: number;
  /** The same for the hosts of one zone; null: no limit of its own. */
  perZone: number | null;
  /** Between the end of a wave and the begin of the next. */
  waitMs: number | null;
  /** Pause after each wave. */
  ask: boolean;
  stopWhen: { failed: number | null; percent: number | null; unreachable: boolean } | null;
}

export interface Wave {
  /** Hosts of the wave; its counts add up to it. */
  size: number;
  counts: Counts;
  /** Failures of earlier attempts that a retry left alone: they stop nothing again. */
  excused: number;
}

/** Up to which wave hosts may start, and since when. */
export interface Opened {
  /** -1: not even the first. */
  wave: number;
  /** Milliseconds by the database's clock. */
  at: number;
}

/** What other runs leave of limits that all runs share. Absent: no such limit. */
export interface Room {
  all?: number;
  zones?: Readonly<Record<string, number>>;
}

export interface DecideInput {
  rules: RolloutRules;
  waves: readonly Wave[];
  /** Hosts of each zone that are connecting or running. */
  busyIn: Readonly<Record<string, number>>;
  control: Control;
  opened: Opened;
  now: number;
  room: Room;
}

export interface Decision {
  /** How many pending hosts may be claimed now, and of which wave. */
  release: number;
  wave: number;
  /** What of it each zone may take; a zone that is not named takes what is released. */
  zoneRoom: Readonly<Record<string, number>>;
  /** Pending hosts will never start: they become `not_started`. */
  dropPending: boolean;
  /** What follows: a wave's end may pause the run, too many failures stop it. */
  control: Control;
  opened: Opened;
  /** Why the run stops by itself; null when it does not. */
  stopReason: string | null;
  state: RunState;
}

/**
 * Decides what happens next in a run. Pure, and it sees counters only, never host rows, so it costs the same for ten
 * hosts and for ten thousand. Every change to a run asks it, inside the transaction that holds the run's row.
 */
export function decide(input: DecideInput): Decision {
  const { waves, rules, now } = input;
  const totals = sumOf(waves);
  const wave = waves.findIndex(({ counts }) => counts.pending + busyOf(counts) > 0);
  const stopReason = input.control === 'stop' || input.control === 'abort' ? null : tooManyFailures(input);
  let control: Control = stopReason === null ? input.control : 'stop';
  let { opened } = input;

  if (wave > opened.wave) {
    const begun = opened.wave >= 0;
    if (begun && (control === 'pause_after_wave' || (control === 'run' && rules.ask))) control = 'pause';
    else if (control === 'run' || control === 'pause_after_wave')
      opened = { wave, at: begun ? now + (rules.waitMs ?? 0) : now };
  }
  const dropPending = (control === 'stop' || control === 'abort') && totals.pending > 0;
  const mayStart = (control === 'run' || control === 'pause_after_wave') && wave <= opened.wave && now >= opened.at;
  const pending = waves[wave]?.counts.pending ?? 0;
  const free = Math.min(rules.parallel - busyOf(totals), input.room.all ?? Number.POSITIVE_INFINITY);
  return {
    release: mayStart ? Math.max(0, Math.min(pending, free)) : 0,
    wave,
    zoneRoom: zoneRoomOf(input),
    dropPending,
    control,
    opened,
    stopReason,
    state: stateOf(totals, control),
  };
}

/** A resume lets the next wave begin at once: the operator has looked. */
export function openNext(waves: readonly Wave[], opened: Opened, now: number): Opened {
  const wave = waves.findIndex(({ counts }) => counts.pending + busyOf(counts) > 0);
  return wave > opened.wave ? { wave, at: now } : opened;
}

export function busyOf(counts: Counts): number {
  return counts.connecting + counts.running;
}

/** Failures of a wave, as the plan counts them. */
export function failuresOf(counts: Counts, unreachable: boolean): number {
  return counts.failed + counts.timed_out + counts.lost + (unreachable ? counts.unreachable : 0);
}

function tooManyFailures({ rules: { stopWhen }, waves }: DecideInput): string | null {
  if (!stopWhen || waves.every(({ counts }) => counts.pending === 0)) return null;
  const failures = waves.map(({ counts, excused }) => Math.max(0, failuresOf(counts, stopWhen.unreachable) - excused));
  const all = failures.reduce((sum, n) => sum + n, 0);
  if (stopWhen.failed !== null && all > stopWhen.failed)
    return `${servers(all)} failed; the plan stops at more than ${stopWhen.failed}.`;
  const { percent } = stopWhen;
  const wave = percent === null ? -1 : failures.findIndex((n, i) => n * 100 > percent * (waves[i]?.size ?? 0));
  if (wave < 0) return null;
  return `${failures[wave]} of ${servers(waves[wave]?.size ?? 0)} in wave ${wave + 1} failed; the plan stops at more than ${percent} %.`;
}

function servers(n: number): string {
  return n === 1 ? '1 server' : `${n} servers`;
}

function zoneRoomOf({ rules, busyIn, room }: DecideInput): Record<string, number> {
  const found: Record<string, number> = {};
  const least = (zone: string, n: number) => {
    found[zone] = Math.max(0, Math.min(found[zone] ?? n, n));
  };
  if (rules.perZone !== null) for (const [zone, busy] of Object.entries(busyIn)) least(zone, rules.perZone - busy);
  for (const [zone, left] of Object.entries(room.zones ?? {})) least(zone, left);
  return found;
}

function stateOf(counts: Counts, control: Control): RunState {
  const busy = busyOf(counts);
  const stopping = control === 'stop' || control === 'abort';
  if (busy === 0 && (counts.pending === 0 || stopping)) return outcome(counts, control);
  if (stopping) return 'stopping';
  if (control === 'pause' && counts.pending > 0) return busy > 0 ? 'pausing' : 'paused';
  return counts.pending === totalOf(counts) ? 'queued' : 'running';
}

function outcome(counts: Counts, control: Control): RunState {
  const total = totalOf(counts);
  if (counts.ok === total) return 'succeeded';
  const ran = total - counts.pending - counts.not_started - counts.skipped;
  if (control === 'abort' || ran === 0) return 'aborted';
  return counts.ok > 0 ? 'partly_succeeded' : 'failed';
}

function totalOf(counts: Counts): number {
  return Object.values(counts).reduce((sum, n) => sum + n, 0);
}

/** The counters of all waves together. */
export function sumOf(waves: readonly Wave[]): Counts {
  const sum: Counts = {
    pending: 0,
    connecting: 0,
    running: 0,
    ok: 0,
    failed: 0,
    unreachable: 0,
    timed_out: 0,
    aborted: 0,
    lost: 0,
    not_started: 0,
    skipped: 0,
  };
  for (const { counts } of waves) for (const state of statesOf(sum)) sum[state] += counts[state];
  return sum;
}

function statesOf(counts: Counts): HostState[] {
  return Object.keys(counts) as HostState[];
}
