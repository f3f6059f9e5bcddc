import type { Client } from '@omanager/client';
import type { HostRun, LateResult } from '@omanager/contract';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { withClient } from '../connect.ts';
import { CliError, exitCodes } from '../errors.ts';
import { formatDuration, formatTime, hostStateText, hostStateWord, servers } from '../io/format.ts';
import { bold, dim, type Text, yellow } from '../io/text.ts';
import { type Asked, waitForAnswers } from '../run/askAnswers.ts';
import { outputSizes } from '../run/results.ts';
import { allHosts, hostOf, hostsOf } from '../run/runHosts.ts';
import { runIdOf } from '../run/runRef.ts';
import { leftoverLines } from '../run/survivors.ts';
import { example, type Runner, whichRun } from './command.ts';

const id = '019a7c1e-5b7e-7c52-9b0e-2b8d4c9f1a10';

export function runProbeCommands(runs: Command, run: Runner): void {
  runs
    .command('probe')
    .description('Ask servers what became of their lost scripts: finished (its true result is taken), running, unknown')
    .argument('<run>', whichRun)
    .argument('[servers...]', 'for example web-[01-03]; every lost one when none is named')
    .option('--detach', 'do not wait for the answers')
    .addHelpText('after', example(`om runs probe ${id}`, 'om runs probe last web-07 db-1'))
    .action(run(probe));
  runs
    .command('kill')
    .description('End what outlived an abort, a time-out or a lost connection; asks first, naming the processes')
    .argument('<run>', whichRun)
    .argument('<servers...>', 'for example web-07 or web-[01-03]')
    .option('--yes', 'do not ask')
    .option('--detach', 'do not wait for the answers')
    .addHelpText('after', example(`om runs kill ${id} web-07`, 'om runs kill last web-[01-03] --yes'))
    .action(run(kill));
  runs
    .command('attempts')
    .description('All attempts of one server of a run, and results that came too late to count')
    .argument('<run>', whichRun)
    .argument('<server>')
    .addHelpText('after', example(`om runs attempts ${id} web-07`))
    .action(run(attempts));
}

async function probe(
  cli: Cli,
  given: string,
  names: string[],
  { detach = false }: { detach?: boolean },
): Promise<void> {
  const { out, signal } = cli;
  await withClient(cli, async (client) => {
    const runId = await runIdOf(cli, client, given);
    const named = names.length > 0 ? await hostsOf(cli, client, runId, names) : undefined;
    const before = (named ?? (await allHosts(cli, client, runId, undefined, ['lost']))).filter(isLost);
    if (before.length === 0) {
      out.data({ type: 'asked', runId, asked: 0 });
      return out.line(`${named ? 'None of these servers' : 'No server'} of the run is lost; nobody needs to be asked.`);
    }
    const hosts = named && before.map(({ ordinal }) => ordinal);
    const { asked, at } = await client.call('runs.probe', { runId, ...(hosts && { hosts }) }, { signal });
    out.data({ type: 'asked', runId, asked });
    out.line(`Asking ${servers(asked)} what became of ${asked === 1 ? 'its script' : 'their scripts'}.`);
    if (detach) return out.line(dim('the answers: '), `om runs hosts ${runId} --state lost`);
    await tellAnswers(cli, client, { runId, at, before });
  });
}

interface KillOptions {
  yes?: boolean;
  detach?: boolean;
}

async function kill(cli: Cli, given: string, names: string[], options: KillOptions): Promise<void> {
  const { out, signal } = cli;
  await withClient(cli, async (client) => {
    const runId = await runIdOf(cli, client, given);
    const before = (await hostsOf(cli, client, runId, names)).filter(
      (host) => isLost(host) || host.survivors.length > 0,
    );
    if (before.length === 0)
      throw new CliError('Nothing is known to run on these servers; "om runs show" names what does.');
    for (const host of before) out.note(bold(host.name), `: ${victims(host)}`);
    const question = `End ${before.length === 1 ? 'this' : `these on ${servers(before.length)}`} (TERM, then KILL)?`;
    if (!(await cli.prompt.confirm(question, options.yes ?? false))) throw new CliError('Nothing was ended.');
    const hosts = before.map(({ ordinal }) => ordinal);
    const { asked, at } = await client.call('runs.kill', { runId, hosts }, { signal });
    out.data({ type: 'asked', runId, asked });
    out.line(`Ending what is left of the run on ${servers(asked)}.`);
    if (options.detach) return out.line(dim('how it went: '), `om runs show ${runId}`);
    await tellAnswers(cli, client, { runId, at, before });
  });
}

const isLost = ({ state }: HostRun): boolean => state === 'lost';

function victims({ survivors, state }: HostRun): string {
  if (survivors.length > 0) return `pid ${survivors.join(', ')}`;
  return `${state}, its processes are not known; what carries the mark of this run there`;
}

/** What servers said; 2 when some are lost still, or something still runs there. */
async function tellAnswers(cli: Cli, client: Client, asked: Asked): Promise<void> {
  const hosts = await waitForAnswers(cli, client, asked).finally(() => cli.out.status(''));
  for (const host of hosts) {
    cli.out.data({ type: 'host', runId: asked.runId, ...host });
    const code = host.exitCode === null || host.exitCode === 0 ? '' : ` (exit ${host.exitCode})`;
    const gone =
      host.survivors.length === 0 &&
      asked.before.some((one) => one.ordinal === host.ordinal && one.survivors.length > 0);
    cli.out.line(
      bold(host.name),
      '  ',
      hostStateText(host.state),
      code,
      gone ? ', what ran there is gone' : '',
      host.message === null ? '' : `: ${host.message}`,
    );
  }
  for (const line of leftoverLines(asked.runId, hosts)) cli.out.line(line);
  if (hosts.some((host) => isLost(host) || host.survivors.length > 0)) cli.setExitCode(exitCodes.someNotOk);
}

async function attempts(cli: Cli, given: string, server: string): Promise<void> {
  const { out } = cli;
  await withClient(cli, async (client) => {
    const runId = await runIdOf(cli, client, given);
    const { ordinal } = await hostOf(cli, client, runId, server);
    const { items, late } = await client.call('runs.attempts', { runId, ordinal }, { signal: cli.signal });
    for (const attempt of items) out.data({ type: 'attempt', ...attempt });
    for (const result of late) out.data({ type: 'late', ...result });
    out.table(['ATTEMPT', 'STATE', 'EXIT', 'STARTED', 'TIME', 'OUTPUT', 'WHY'], items.map(attemptRow));
    if (late.length === 0) return;
    out.line(yellow('Results that came too late to count, kept as evidence:'));
    out.table(['ATTEMPT', 'STATE', 'EXIT', 'CAME AT', 'FROM WORKER', 'WHY'], late.map(lateRow));
  });
}

function attemptRow(host: HostRun): Text[] {
  return [
    host.attempt,
    hostStateText(host.state),
    host.exitCode ?? '',
    formatTime(host.startedAt),
    formatDuration(host.durationMs),
    outputSizes(host),
    [host.reason === null ? '' : hostStateWord(host.reason), host.message ?? ''].filter(Boolean).join(': '),
  ];
}

const lateRow = ({ attempt, state, exitCode, at, worker, message }: LateResult): Text[] => [
  attempt,
  hostStateText(state),
  exitCode ?? '',
  formatTime(at),
  worker,
  message ?? '',
];
