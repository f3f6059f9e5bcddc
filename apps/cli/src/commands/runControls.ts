import type { Client } from '@omanager/client';
import { finalRunStates, type HostState, hostStates, OmError, type Run } from '@omanager/contract';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { withClient } from '../connect.ts';
import { dim } from '../io/text.ts';
import { followRun, waitPausedHelp } from '../run/follow.ts';
import { describe, givenOf, withGate } from '../run/gate.ts';
import { printResults } from '../run/results.ts';
import { hostsOf } from '../run/runHosts.ts';
import { runIdOf } from '../run/runRef.ts';
import { steerWords } from '../run/steerWords.ts';
import { collect, duration, example, listOf, type Runner, whichRun } from './command.ts';

const defaultGraceMs = 10_000;
const id = '019a7c1e-5b7e-7c52-9b0e-2b8d4c9f1a10';

export function runControlCommands(runs: Command, run: Runner): void {
  runs
    .command('pause')
    .description('Start nothing new until it is resumed; what runs goes on to its end')
    .argument('<run>', whichRun)
    .option('--after-wave', 'finish the wave under way first')
    .addHelpText('after', example(`om runs pause ${id}`, 'om runs pause last --after-wave'))
    .action(run(pause));
  runs
    .command('resume')
    .description('Go on with a paused run; where it paused between waves, the next one begins')
    .argument('<run>', whichRun)
    .addHelpText('after', example(`om runs resume ${id}`))
    .action(run(resume));
  runs
    .command('stop')
    .description('What has not started never does; what runs goes on to its end')
    .argument('<run>', whichRun)
    .addHelpText('after', example(`om runs stop ${id}`))
    .action(run(stop));
  runs
    .command('abort')
    .description('End a run: nothing new starts, and what runs is ended with its whole process tree')
    .argument('<run>', whichRun)
    .option('--grace <time>', 'from TERM to KILL', duration, defaultGraceMs)
    .addHelpText('after', example(`om runs abort ${id}`, 'om runs abort last --grace 1s'))
    .action(run(abort));
  runs
    .command('retry')
    .description('Run again where it was not ok: the same plan, a new attempt; earlier attempts stay')
    .argument('<run>', whichRun)
    .option('--states, --state <states>', 'only servers in these states, by comma', listOf(hostStates))
    .option('--hosts, --host <servers>', 'only these servers, for example web-[01-03],db-1; repeat for more', collect)
    .option('--force', 'also beside a lost script that still runs on its server')
    .option('--yes', 'agree where a change in production or on 50 servers and more is asked about; types no words')
    .option('--confirm <phrase>', 'what a risky run asks to be typed, for example 3 or "prod 3"')
    .option('--reason <text>', 'why; kept with the run and in the audit; destructive modules want one')
    .option('--no-fold', 'print every server by itself')
    .option('--detach', 'return as soon as it has started')
    .option('--wait-paused', waitPausedHelp)
    .addHelpText(
      'after',
      example(`om runs retry ${id} --states lost,unreachable`, 'om runs retry last --hosts web-[01-03],db-1'),
    )
    .action(run(retry));
}

/** Calls, then says in words what happened and what will. */
async function steer(
  cli: Cli,
  given: string,
  call: (client: Client, runId: string) => Promise<Run>,
  words: (before: Run, after: Run) => string,
): Promise<void> {
  await withClient(cli, async (client) => {
    const runId = await runIdOf(cli, client, given);
    const before = await client.call('runs.get', { runId }, { signal: cli.signal });
    const after = await call(client, runId);
    cli.out.data({ type: 'run', ...after });
    cli.out.line(words(before, after));
    if (finalRunStates.has(after.state)) return;
    const stands = after.control === 'pause' || after.control === 'pause_after_wave';
    if (stands) cli.out.line(dim('  go on  '), `om runs resume ${runId}`);
    cli.out.line(dim('  watch  '), `om runs watch ${runId}`);
  });
}

async function pause(cli: Cli, given: string, { afterWave = false }: { afterWave?: boolean }): Promise<void> {
  const after = afterWave ? 'wave' : 'now';
  await steer(
    cli,
    given,
    (client, runId) => client.call('runs.pause', { runId, after }, { signal: cli.signal }),
    steerWords.pause,
  );
}

async function resume(cli: Cli, given: string): Promise<void> {
  await steer(
    cli,
    given,
    (client, runId) => client.call('runs.resume', { runId }, { signal: cli.signal }),
    steerWords.resume,
  );
}

async function stop(cli: Cli, given: string): Promise<void> {
  await steer(
    cli,
    given,
    (client, runId) => client.call('runs.stop', { runId }, { signal: cli.signal }),
    steerWords.stop,
  );
}

async function abort(cli: Cli, given: string, { grace: graceMs }: { grace: number }): Promise<void> {
  await steer(
    cli,
    given,
    (client, runId) => client.call('runs.abort', { runId, graceMs }, { signal: cli.signal }),
    (before, after) => steerWords.abort(before, after, graceMs),
  );
}

interface RetryOptions {
  state?: HostState[];
  host?: string[];
  force?: boolean;
  yes?: boolean;
  confirm?: string;
  reason?: string;
  fold: boolean;
  detach?: boolean;
  waitPaused?: boolean;
}

async function retry(cli: Cli, given: string, options: RetryOptions): Promise<void> {
  const { signal } = cli;
  const { state: states, host: names, force = false } = options;
  await withClient(cli, async (client) => {
    const runId = await runIdOf(cli, client, given);
    const before = await client.call('runs.get', { runId }, { signal });
    const hosts = names && (await hostsOf(cli, client, runId, names)).map(({ ordinal }) => ordinal);
    const chosen = { force, ...(states && { states }), ...(hosts && { hosts }) };
    const what = describe(before.module.risk, hosts?.length ?? before.total - before.counts.ok);
    const run = await withGate(cli, what, givenOf(options), (passed) =>
      client.call('runs.retry', { runId, ...chosen, ...passed }, { signal }),
    ).catch(explainLost(runId));
    cli.out.data({ type: 'started', runId, attempt: run.attempt });
    if (options.detach) return cli.out.line(`Started again (attempt ${run.attempt}): om runs watch ${runId}`);
    const ended = await followRun(cli, client, { runId, after: run.revision, waitPaused: options.waitPaused });
    if (ended) await printResults(cli, client, ended, options);
  });
}

function explainLost(runId: string): (error: unknown) => never {
  return (error) => {
    const lost = error instanceof OmError && error.code === 'DISCONNECTED';
    if (lost)
      throw new OmError('DISCONNECTED', `${error.message} It may have started again; see: om runs show ${runId}`);
    throw error;
  };
}
