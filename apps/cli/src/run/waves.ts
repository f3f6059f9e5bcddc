import { type Counts, finalHostStates, type Rollout, type Run } from '@omanager/contract';
import { formatDuration, servers } from '../io/format.ts';

type RunWave = Run['waves'][number];
type Steered = Pick<Run, 'state' | 'control' | 'counts' | 'holdUntil'>;

const drawnGroups = 12;
const barWaves = 3;

/** Sizes of waves as people read them: `canary 1 › 10 › 89`; three and more equal ones in a row once: `10 (× 9)`. */
export function drawWaves(sizes: readonly number[]): string {
  const groups: { size: number; times: number }[] = [];
  for (const size of sizes) {
    const last = groups.at(-1);
    if (last?.size === size) last.times++;
    else groups.push({ size, times: 1 });
  }
  const drawn = groups.flatMap(({ size, times }) => (times < 3 ? Array(times).fill(size) : [`${size} (× ${times})`]));
  const more = drawn.length > drawnGroups ? ` › … ${drawn.length - drawnGroups} more` : '';
  return `${hasCanary(sizes) ? 'canary ' : ''}${drawn.slice(0, drawnGroups).join(' › ')}${more}`;
}

/** A first wave that is smaller than one after it is there to be looked at. */
const hasCanary = ([first = 0, ...rest]: readonly number[]): boolean => rest.some((size) => size > first);

export function waveName(waves: readonly Pick<RunWave, 'size'>[], index: number): string {
  return index === 0 && hasCanary(waves.map(({ size }) => size)) ? 'canary' : `wave ${index + 1}`;
}

/** How a plan spreads over its servers, in lines; none for a run that goes to all at once and stops for nothing. */
export function rolloutLines(rollout: Rollout): { waves: string; stops: string } {
  const { waves, waitMs, ask, stopWhen, order, perZone } = rollout;
  const between =
    waves.length < 2 ? '' : ask ? 'ask between' : waitMs === null ? '' : `${formatDuration(waitMs)} between`;
  const ordered = order === 'random' ? 'in random order' : order === 'by_zone' ? 'zone by zone' : '';
  const limit = perZone === null ? '' : `at most ${perZone} of a zone at once`;
  const notes = [between, ordered, limit].filter(Boolean);
  const all = waves.length < 2 ? 'all in one' : drawWaves(waves);
  return {
    waves: waves.length < 2 && notes.length === 0 ? '' : [all, ...notes].join(', '),
    stops: stopWhen === null ? '' : stopText(stopWhen),
  };
}

function stopText({ failed, percent, unreachable }: NonNullable<Rollout['stopWhen']>): string {
  const limits = [
    ...(failed === null ? [] : [`more than ${servers(failed)}`]),
    ...(percent === null ? [] : [`more than ${percent} % of a wave`]),
  ];
  return `when ${limits.join(' or ')} failed (unreachable ones ${unreachable ? 'count' : 'do not count'})`;
}

/** `Canary 1/1 ✓ › wave 2 4/10 › wave 3 31 waiting`; of many waves those around the one under way. */
export function waveBar({ waves, wave }: Pick<Run, 'waves' | 'wave'>): string {
  if (waves.length < 2) return '';
  const current = wave ?? waves.length - 1;
  const from = Math.max(0, Math.min(current - 1, waves.length - barWaves));
  const parts = waves.slice(from, from + barWaves).map((one, i) => `${waveName(waves, from + i)} ${waveState(one)}`);
  const left = waves.length - from - barWaves;
  const bar = [...(from > 0 ? ['…'] : []), ...parts, ...(left > 0 ? [`${left} more`] : [])].join(' › ');
  return bar.charAt(0).toUpperCase() + bar.slice(1);
}

/** `4/10`, `10/10 ✓`, `10/10 ✕2`, `31 waiting`. */
export function waveState({ size, counts }: RunWave): string {
  if ((counts.pending ?? 0) === size) return `${size} waiting`;
  if ((counts.not_started ?? 0) === size) return `${size} not started`;
  const done = [...finalHostStates].reduce((sum, state) => sum + (counts[state] ?? 0), 0);
  const notOk = done - (counts.ok ?? 0) - (counts.skipped ?? 0);
  return `${done}/${size}${notOk > 0 ? ` ✕${notOk}` : done === size ? ' ✓' : ''}`;
}

export const busyOf = (counts: Counts): number => counts.connecting + counts.running;

/** What a run does other than run: `pausing, 4 finish`, `next wave in 25 s`; '' when it just runs or is over. */
export function controlWords({ state, control, counts, holdUntil }: Steered, now: number): string {
  const busy = busyOf(counts);
  if (state === 'queued') return 'queued';
  if (state === 'paused') return 'paused';
  if (state === 'pausing') return `pausing, ${busy} finish`;
  if (state === 'stopping') return control === 'abort' ? `aborting, ${busy} being ended` : `stopping, ${busy} finish`;
  if (state !== 'running') return '';
  if (holdUntil !== null) {
    const left = Math.ceil((Date.parse(holdUntil) - now) / 1000);
    return left > 0 ? `next wave in ${formatDuration(left * 1000)}` : 'next wave begins';
  }
  return control === 'pause_after_wave' ? 'pauses after this wave' : '';
}
