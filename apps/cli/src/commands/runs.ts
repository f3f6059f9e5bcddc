import { pages } from '@omanager/client';
import { type HostState, hostStates, type RunState, runStates } from '@omanager/contract';
import type { Command } from 'commander';
import { type Cli, titleOf } from '../cli.ts';
import { withClient } from '../connect.ts';
import { CliError, Interrupted } from '../errors.ts';
import { formatDuration, formatTime, hostStateText, runStateText } from '../io/format.ts';
import type { Text } from '../io/text.ts';
import { followRun, waitPausedHelp } from '../run/follow.ts';
import { createOutputLines } from '../run/outputLines.ts';
import {
  marked,
  outputSizes,
  printChunks,
  printDiscarded,
  printFolds,
  printHostOutput,
  printResults,
} from '../run/results.ts';
import { hostOf } from '../run/runHosts.ts';
import { runIdOf } from '../run/runRef.ts';
import { hostsToTell, printRun } from '../run/runView.ts';
import { saveOutput } from '../run/saveOutput.ts';
import { example, listOf, oneOf, type Runner, whichRun, wholeNumber } from './command.ts';
import { runControlCommands } from './runControls.ts';
import { runProbeCommands } from './runProbes.ts';

export function runsCommands(program: Command, run: Runner): void {
  const runs = program.command('runs').description('Runs that were started: look at them, watch, end, try again');
  runs
    .command('list')
    .description('Runs, newest first')
    .option('--state <state>', `one of ${runStates.join(', ')}`, oneOf(runStates))
    .option('--module <id>', 'only runs of this module')
    .option('--limit <n>', 'how many', wholeNumber(1, 10_000), 20)
    .addHelpText('after', example('om runs list', 'om runs list --state failed --module service.restart'))
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
    .command('output')
    .description('The output of a run, folded; or all of one server')
    .argument('<run>', whichRun)
    .argument('[server]')
    .option('--attempt <n>', 'of an earlier attempt', wholeNumber(1, 1_000_000))
    .option('--follow', 'go on while the server writes')
    .option('--save <file>', 'write the standard output of one server to a new file, byte for byte')
    .addHelpText(
      'after',
      example(
        'om runs output 019a7c1e-5b7e-7c52-9b0e-2b8d4c9f1a10 web-01 --follow',
        'om runs output last web-01 --save web-01.log',
      ),
    )
    .action(run(output));
  runs
    .command('watch')
    .description('Watch a run to its end; Ctrl-C lets go of it, the run goes on')
    .argument('<run>', whichRun)
    .option('--no-fold', 'print every server by itself')
    .option('--wait-paused', waitPausedHelp)
    .addHelpText('after', example('om runs watch 019a7c1e-5b7e-7c52-9b0e-2b8d4c9f1a10'))
    .action(run(watch));
  runControlCommands(runs, run);
  runProbeCommands(runs, run);
}

async function list(cli: Cli, options: { state?: RunState; module?: string; limit: number }): Promise<void> {
  const { state, module, limit } = options;
  await withClient(cli, async (client) => {
    const rows: Text[][] = [];
    const params = { limit: Math.min(limit, 200), ...(state && { state }), ...(module !== undefined && { module }) };
    for await (const run of pages(client, 'runs.list', params, { signal: cli.signal })) {
      cli.out.data(run);
      const ok = `${run.counts.ok}/${run.total}`;
      rows.push([
        run.id,
        runStateText(run.state),
        ok,
        run.module.id,
        titleOf(cli, run.module.title),
        run.startedBy,
        formatTime(run.createdAt),
      ]);
      if (rows.length === limit) break;
    }
    cli.out.table(['RUN', 'STATE', 'OK', 'MODULE', 'TITLE', 'BY', 'AT'], rows);
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

interface OutputOptions {
  attempt?: number;
  follow?: boolean;
  save?: string;
}

async function output(cli: Cli, given: string, server: string | undefined, options: OutputOptions): Promise<void> {
  const { save } = options;
  if (save !== undefined && (server === undefined || options.follow === true))
    throw new CliError('--save is for the output of one server, and not together with --follow.');
  await withClient(cli, async (client) => {
    const runId = await runIdOf(cli, client, given);
    if (server === undefined) return printFolds(cli, client, runId);
    const host = await hostOf(cli, client, runId, server);
    const { ordinal } = host;
    if (save !== undefined) return saveOutput(cli, client, { runId, host, attempt: options.attempt, path: save });
    const of = { runId, ordinal, ...(options.attempt !== undefined && { attempt: options.attempt }) };
    if (options.follow !== true) {
      await printHostOutput(cli, client, of);
      if (options.attempt === undefined) printDiscarded(cli, host);
      return;
    }
    const lines = createOutputLines();
    try {
      for await (const { chunks, done } of client.stream('runs.tail', of, { signal: cli.signal })) {
        await printChunks(cli, ordinal, chunks, lines);
        if (done) break;
      }
    } catch (error) {
      if (!(error instanceof Interrupted)) throw error;
    }
    for (const line of lines.end()) cli.out.line(marked(line));
  });
}

async function watch(cli: Cli, given: string, options: { fold: boolean; waitPaused?: boolean }): Promise<void> {
  await withClient(cli, async (client) => {
    const runId = await runIdOf(cli, client, given);
    const ended = await followRun(cli, client, { runId, waitPaused: options.waitPaused });
    if (ended) await printResults(cli, client, ended, options);
  });
}
