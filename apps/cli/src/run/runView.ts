import type { Client } from '@omanager/client';
import { type HostRun, type HostState, hostStates, type Run } from '@omanager/contract';
import { type Cli, titleOf } from '../cli.ts';
import { formatCounts, formatTime, hostStateText, hostStateWord, riskText, runStateText } from '../io/format.ts';
import { bold, dim, type Text, yellow } from '../io/text.ts';
import { allHosts } from './runHosts.ts';
import { leftoverLines } from './survivors.ts';
import { controlWords, waveName, waveState } from './waves.ts';

const shownWaves = 20;
/** Only in these may a script have outlived its run. */
const withLeftovers: readonly HostState[] = ['lost', 'aborted', 'timed_out', 'failed'];

/** The servers of which there is more to say than a state: survivors, or a question that is planned. */
export async function hostsToTell(cli: Cli, client: Client, run: Run): Promise<HostRun[]> {
  if (cli.out.json || withLeftovers.every((state) => run.counts[state] === 0)) return [];
  const choose = ({ survivors, probeAt }: HostRun): boolean => survivors.length > 0 || probeAt !== null;
  return allHosts(cli, client, run.id, choose, withLeftovers);
}

export function printRun(cli: Cli, run: Run, hosts: readonly HostRun[]): void {
  const { out } = cli;
  out.data(run);
  const field = (name: string, ...text: Text[]): void => out.line(dim(name.padEnd(10)), ...text);
  const words = controlWords(run, Date.now());
  field(
    'Run',
    bold(run.id),
    `  #${run.number}  `,
    runStateText(run.state),
    words === '' || words === run.state ? '' : `, ${words}`,
  );
  field(
    'Module',
    `${run.module.id} ${run.module.version}  ${titleOf(cli, run.module.title)}  [`,
    riskText(run.module.risk),
    ']',
  );
  field('Targets', run.selector);
  field('Params', JSON.stringify(run.params));
  if (run.reason !== null) field('Reason', run.reason);
  if (run.stopReason !== null) field('Stopped', yellow(run.stopReason));
  for (const state of hostStates) if (run.counts[state] > 0) field('', hostStateText(state), ` ${run.counts[state]}`);
  field('Total', run.total, run.attempt > 1 ? `, attempt ${run.attempt}` : '');
  for (const [i, line] of waveLines(run).entries()) field(i === 0 ? 'Waves' : '', line);
  field('Started', `${formatTime(run.startedAt ?? run.createdAt)} by ${run.startedBy}`);
  if (run.endedAt) field('Ended', formatTime(run.endedAt));
  field('Digest', dim(run.digest));
  for (const line of leftoverLines(run.id, hosts)) out.line(line);
}

/** A line for each wave, those around the one under way when there are many. */
function waveLines({ waves, wave }: Pick<Run, 'waves' | 'wave'>): Text[] {
  if (waves.length < 2) return [];
  const current = wave ?? waves.length - 1;
  const from = Math.max(0, Math.min(current - shownWaves / 2, waves.length - shownWaves));
  const lines = waves.slice(from, from + shownWaves).map((one, i): Text => {
    const counts = formatCounts(
      Object.fromEntries(Object.entries(one.counts).map(([state, n]): [string, number] => [hostStateWord(state), n])),
    );
    const here = from + i === wave ? '› ' : '  ';
    return [here, waveName(waves, from + i).padEnd(9), waveState(one).padEnd(12), dim(counts)];
  });
  const left = waves.length - from - shownWaves;
  return [...(from > 0 ? [dim(`  … ${from} before`)] : []), ...lines, ...(left > 0 ? [dim(`  … ${left} more`)] : [])];
}
