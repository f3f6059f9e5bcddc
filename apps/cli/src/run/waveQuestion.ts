import type { Client } from '@omanager/client';
import type { Run } from '@omanager/contract';
import type { Cli } from '../cli.ts';
import { exitCodes } from '../errors.ts';
import { formatCounts, hostStateWord, servers } from '../io/format.ts';
import { dim } from '../io/text.ts';
import { waveName } from './waves.ts';

/** Ends the watching of a run that waits for a word between two waves. */
export class PausedBetweenWaves extends Error {
  readonly run: Run;

  constructor(run: Run) {
    super('The run is paused between two waves.');
    this.name = 'PausedBetweenWaves';
    this.run = run;
  }
}

export interface WaveQuestion {
  /** Asks when the run waits between two waves; takes the question back when somebody else has answered it. */
  update(run: Run): void;
  readonly asking: boolean;
  end(): void;
}

interface Options {
  /** Keep waiting instead of asking or letting go. */
  waitPaused: boolean;
  letGo(reason: unknown): void;
}

/** On a terminal the next wave is asked for; where nobody can answer, the run is let go of as it is: paused. */
export function createWaveQuestion(
  cli: Cli,
  client: Pick<Client, 'call'>,
  { waitPaused, letGo }: Options,
): WaveQuestion {
  const withdrawn = new Error('The question was taken back.');
  const between = createBetween();
  let question: AbortController | null = null;

  function withdraw(): void {
    question?.abort(withdrawn);
    question = null;
  }

  async function ask(run: Run, signal: AbortSignal): Promise<void> {
    const { permissions } = await client.call('access.whoami', {}, { signal });
    // Who may only look goes on looking.
    if (!permissions.includes('run.control')) return;
    sayWaveOver(cli, run);
    for (;;) {
      const next = `${nextWave(run)}? [y/N/stop] `;
      const answer = await cli.prompt.ask(`Continue with ${next}`, `om runs resume ${run.id}`, signal);
      const word = answer.trim().toLowerCase();
      if (word === 'y' || word === 'yes') return void (await client.call('runs.resume', { runId: run.id }, { signal }));
      if (word === 'stop') return void (await client.call('runs.stop', { runId: run.id }, { signal }));
      if (word === '' || word === 'n' || word === 'no') return letGo(new PausedBetweenWaves(run));
    }
  }

  return {
    get asking() {
      return question !== null;
    },
    update(run) {
      if (!between(run)) return withdraw();
      if (waitPaused || question !== null) return;
      if (!cli.prompt.interactive || cli.out.json) return letGo(new PausedBetweenWaves(run));
      const asked = new AbortController();
      question = asked;
      cli.out.status('');
      ask(run, AbortSignal.any([cli.signal, asked.signal])).catch((error: unknown) => {
        if (error !== withdrawn) letGo(error);
      });
    },
    end: withdraw,
  };
}

/**
 * Whether a paused run stands between two waves rather than in the middle of one that somebody paused: nothing of its
 * next wave has begun. Of a retry the wave's counters do not tell; there, nothing begun since it was first seen.
 */
function createBetween(): (run: Run) => boolean {
  const firstSeen = new Map<string, number>();
  return ({ state, attempt, wave, waves }) => {
    const next = wave === null ? undefined : waves[wave];
    if (wave === null || next === undefined) return false;
    const pending = next.counts.pending ?? 0;
    const key = `${attempt}/${wave}`;
    const atFirst = firstSeen.get(key) ?? pending;
    firstSeen.set(key, atFirst);
    if (state !== 'paused') return false;
    return attempt === 1 ? wave > 0 && pending === next.size : pending === atFirst;
  };
}

function sayWaveOver(cli: Cli, { id, waves, wave }: Run): void {
  const before = wave === null || wave === 0 ? undefined : waves[wave - 1];
  if (before === undefined || wave === null) return;
  const name = waveName(waves, wave - 1);
  const counts = Object.fromEntries(
    Object.entries(before.counts).map(([state, n]): [string, number] => [hostStateWord(state), n]),
  );
  const notOk = before.size - (before.counts.ok ?? 0) - (before.counts.skipped ?? 0);
  const look = notOk > 0 ? dim(`  look: om runs hosts ${id} --not-ok`) : '';
  cli.out.note(`${name.charAt(0).toUpperCase()}${name.slice(1)} is over: ${formatCounts(counts)}.`, look);
}

/** `wave 2 (10 servers)` */
export function nextWave({ waves, wave }: Pick<Run, 'waves' | 'wave'>): string {
  const waiting = wave === null ? 0 : (waves[wave]?.counts.pending ?? 0);
  return wave === null ? 'the rest' : `${waveName(waves, wave)} (${servers(waiting)})`;
}

export function sayPaused(cli: Cli, run: Run): void {
  cli.setExitCode(exitCodes.paused);
  const { id: runId, wave, counts } = run;
  cli.out.data({ type: 'paused', runId, wave, pending: counts.pending });
  cli.out.note(`Paused before ${nextWave(run)}; the run waits.`);
  cli.out.note(dim('  go on  '), `om runs resume ${runId}, then om runs watch ${runId}`);
  cli.out.note(dim('  stop   '), `om runs stop ${runId}`);
  cli.out.note(dim('  look   '), `om runs hosts ${runId}`);
}
