import { pages } from '@omanager/client';
import { type HostState, hostStates, type RunState, runStates } from '@omanager/contract';
import type { Command } from 'commander';
import { type Cli, titleOf } from '../cli.ts';
import { withClient } from '../connect.ts';
import { formatDuration, formatTime, hostStateText, runStateText } from '../io/format.ts';
import type { Text } from '../io/text.ts';
import { followRun, waitPausedHelp } from '../run/follow.ts';
import { outputSizes, printResults } from '../run/results.ts';
import { runIdOf } from '../run/runRef.ts';
import { hostsToTell, printRun } from '../run/runView.ts';
import { example, listOf, type Runner, time, whichRun, wholeNumber } from './command.ts';
import { runControlCommands } from './runControls.ts';
import { runExportCommand } from './runExport.ts';
import { runOutputCommands } from './runOutput.ts';
import { runProbeCommands } from './runProbes.ts';
import { runSearchCommands } from './runSearch.ts';

export function runsCommands(program: Command, run: Runner): void {
  const runs = program.command('runs').description('Runs that were started: look at them, watch, end, try again');
  runs
    .command('list')
    .description('Runs, newest first')
    .option('--state <states>', `by comma: ${runStates.join(', ')}`, listOf(runStates))
    .option('--module <id>', 'only runs of this module')
    .option('--by <user>', 'only those that this user started')
    .option('--env <environment>', 'only runs that have a server of it')
    .option('--text <words>', 'only with this in title, module id, selector or reason')
    .option('--since <time>', 'from this time on, for example 2026-11-22 or 2026-11-22T08:00', time)
    .option('--until <time>', 'before this time', time)
    .option('--limit <n>', 'how many', wholeNumber(1, 10_000), 20)
    .addHelpText(
      'after',
      example('om runs list', 'om runs list --state failed,partly_succeeded --by ada --since 2026-11-22'),
    )
    .action(run(list));
  runs
    .command('show')
    .description('One run with its counters')
    .argument('<run>', whichRun)
    .addHelpText('after', example('om runs show 019a7c1e-5b7e-7c52-9b0e-2b8d4c9f1a10', 'om runs show last'))
    .action(run(show));
  runs
    .command('hosts')
    .description('The servers of a run with state and result')
    .argument('<run>', whichRun)
    .option('--state <states>', 'only these states, by comma', listOf(hostStates))
    .option('--not-ok', 'only those that are not ok')
    .addHelpText('after', example('om runs hosts 019a7c1e-5b7e-7c52-9b0e-2b8d4c9f1a10 --state failed,lost'))
    .action(run(hosts));
  runs
    .command('watch')
    .description('Watch a run to its end; Ctrl-C lets go of it, the run goes on')
    .argument('<run>', whichRun)
    .option('--no-fold', 'print every server by itself')
    .option('--wait-paused', waitPausedHelp)
    .addHelpText('after', example('om runs watch 019a7c1e-5b7e-7c52-9b0e-2b8d4c9f1a10'))
    .action(run(watch));
  runOutputCommands(runs, run);
  runExportCommand(runs, run);
  runSearchCommands(runs, run);
  runControlCommands(runs, run);
  runProbeCommands(runs, run);
}

interface ListOptions {
  state?: RunState[];
  module?: string;
  by?: string;
  env?: string;
  text?: string;
  since?: string;
  until?: string;
  limit: number;
}

async function list(cli: Cli, { limit, ...options }: ListOptions): Promise<void> {
  await withClient(cli, async (client) => {
    const rows: Text[][] = [];
    const params = {
      limit: Math.min(limit, 200),
      ...(options.state && { states: options.state }),
      ...(options.module !== undefined && { module: options.module }),
      ...(options.by !== undefined && { startedBy: options.by }),
      ...(options.env !== undefined && { environment: options.env }),
      ...(options.text !== undefined && { text: options.text }),
      ...(options.since !== undefined && { from: options.since }),
      ...(options.until !== undefined && { to: options.until }),
    };
    for (let cursor: string | undefined; rows.length < limit; ) {
      const asked = { ...params, ...(cursor !== undefined && { cursor }) };
      const page = await client.call('runs.list', asked, { signal: cli.signal });
      for (const run of page.items.slice(0, limit - rows.length)) {
        cli.out.data(run);
        const ok = `${run.counts.ok}/${run.total}`;
        rows.push([
          `#${run.number}`,
          run.id,
          runStateText(run.state),
          ok,
          run.module.id,
          titleOf(cli, run.module.title),
          run.startedBy,
          formatTime(run.createdAt),
        ]);
      }
      if (page.lookedBackTo !== undefined && rows.length < limit)
        cli.out.note(
          `searched back to ${formatTime(page.lookedBackTo)}, ${rows.length} found; going on (--since bounds it)`,
        );
      cursor = page.next;
      if (cursor === undefined) break;
    }
    cli.out.table(['NO', 'RUN', 'STATE', 'OK', 'MODULE', 'TITLE', 'BY', 'AT'], rows);
  });
}

async function show(cli: Cli, given: string): Promise<void> {
  await withClient(cli, async (client) => {
    const runId = await runIdOf(cli, client, given);
    const run = await client.call('runs.get', { runId }, { signal: cli.signal });
    printRun(cli, run, await hostsToTell(cli, client, run));
  });
}

async function hosts(cli: Cli, given: string, options: { state?: HostState[]; notOk?: boolean }): Promise<void> {
  const states = options.state ?? (options.notOk ? hostStates.filter((state) => state !== 'ok') : undefined);
  await withClient(cli, async (client) => {
    const runId = await runIdOf(cli, client, given);
    const rows: Text[][] = [];
    const params = { runId, limit: 1000, ...(states && { states: [...states] }) };
    for await (const host of pages(client, 'runs.hosts', params, { signal: cli.signal })) {
      cli.out.data(host);
      rows.push([
        host.name,
        hostStateText(host.state),
        host.exitCode ?? '',
        host.attempt,
        formatDuration(host.durationMs),
        outputSizes(host),
        [host.reason?.replaceAll('_', ' ') ?? '', host.message ?? ''].filter(Boolean).join(': '),
      ]);
    }
    cli.out.table(['SERVER', 'STATE', 'EXIT', 'ATTEMPT', 'TIME', 'OUTPUT', 'WHY'], rows);
  });
}

async function watch(cli: Cli, given: string, options: { fold: boolean; waitPaused?: boolean }): Promise<void> {
  await withClient(cli, async (client) => {
    const runId = await runIdOf(cli, client, given);
    const ended = await followRun(cli, client, { runId, waitPaused: options.waitPaused });
    if (ended) await printResults(cli, client, ended, options);
  });
}
