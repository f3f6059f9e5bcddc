import { finalHostStates, type Run, type RunState, type ZoneWorker } from '@omanager/contract';
import { formatDuration, formatTime, runStateText, servers } from '../io/format.ts';
import type { ScreenPart } from '../io/output.ts';
import { bold, dim, green, red, type Text, yellow } from '../io/text.ts';
import { busyOf, controlWords } from './waves.ts';

/** The states of runs that are not over. */
export const activeStates = ['running', 'pausing', 'paused', 'stopping', 'queued'] as const satisfies RunState[];

/** How far back a rate looks. */
const windowMs = 10_000;

export interface Rates {
  /** Servers of a run that finished each second lately; null while that cannot be said. */
  update(run: Pick<Run, 'id' | 'counts'>, now: number): number | null;
  /** Forgets runs that are no longer there. */
  keep(runs: readonly Pick<Run, 'id'>[]): void;
}

export function createRates(): Rates {
  const samples = new Map<string, { at: number; done: number }[]>();
  return {
    update({ id, counts }, now) {
      const seen = samples.get(id) ?? [];
      samples.set(id, seen);
      seen.push({ at: now, done: doneOf(counts) });
      while (seen.length > 2 && (seen[1]?.at ?? now) <= now - windowMs) seen.shift();
      const first = seen[0];
      if (!first || now - first.at < 500) return null;
      return Math.max(0, ((doneOf(counts) - first.done) * 1000) / (now - first.at));
    },
    keep(runs) {
      const ids = new Set(runs.map(({ id }) => id));
      for (const id of samples.keys()) if (!ids.has(id)) samples.delete(id);
    },
  };
}

function doneOf(counts: Run['counts']): number {
  return [...finalHostStates].reduce((sum, state) => sum + counts[state], 0);
}

export interface Top {
  runs: readonly { run: Run; perSecond: number | null }[];
  /** Null for who may not see them. */
  workers: readonly ZoneWorker[] | null;
  now: number;
}

/** Active runs and zone workers, with what waits and how fast it goes. */
export function topParts({ runs, workers, now }: Top): ScreenPart[] {
  const sum = (of: (run: Run) => number): number => runs.reduce((all, { run }) => all + of(run), 0);
  const rate = runs.reduce((all, { perSecond }) => all + (perSecond ?? 0), 0);
  const parts = [
    `${runs.length} run${runs.length === 1 ? '' : 's'} under way`,
    `${servers(sum(({ counts }) => busyOf(counts)))} busy`,
    `${sum(({ counts }) => counts.pending)} waiting`,
    `${rateText(rate)}/s`,
  ];
  const connected = workers?.filter(({ state }) => state === 'connected').length ?? 0;
  const admitted = workers?.filter(({ state }) => state !== 'revoked') ?? [];
  if (admitted.length > 0) parts.push(`${connected} of ${admitted.length} zone workers connected`);
  return [
    { line: [bold(parts.join('  ·  ')), dim(`   ${formatTime(new Date(now).toISOString())}`)] },
    { line: '' },
    {
      header: ['RUN', 'STATE', 'MODULE', 'DONE', 'NOT OK', 'BUSY', 'WAITING', 'RATE', 'ETA', 'BY'],
      rows: runs.map(({ run, perSecond }) => runRow(run, perSecond, now)),
    },
    { line: runs.length === 0 ? dim('Nothing runs.') : '' },
    { header: ['WORKER', 'ZONE', 'STATE', 'SERVERS', 'LAST SEEN'], rows: admitted.map(workerRow) },
  ];
}

function runRow(run: Run, perSecond: number | null, now: number): Text[] {
  const { counts, total } = run;
  const done = doneOf(counts);
  const words = controlWords(run, now);
  const notOk = done - counts.ok - counts.skipped;
  const eta = perSecond && words === '' ? formatDuration(Math.ceil((total - done) / perSecond) * 1000) : '';
  return [
    run.id,
    words === '' ? runStateText(run.state) : yellow(words),
    run.module.id,
    `${done}/${total}`,
    notOk > 0 ? red(notOk) : '0',
    busyOf(counts),
    counts.pending,
    perSecond === null ? '' : `${rateText(perSecond)}/s`,
    eta,
    run.startedBy,
  ];
}

const rateText = (perSecond: number): string => perSecond.toFixed(perSecond < 10 ? 1 : 0);

function workerRow({ name, zone, state, hosts, lastSeenAt }: ZoneWorker): Text[] {
  const shown = state === 'connected' ? green(state) : state === 'away' ? red(state) : yellow(state);
  return [name, zone, shown, hosts, formatTime(lastSeenAt)];
}
