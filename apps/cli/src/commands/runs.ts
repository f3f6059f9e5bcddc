import { type Client, pages } from '@omanager/client';
import {
  finalRunStates,
  type HostRun,
  type HostState,
  hostStates,
  OmError,
  type Run,
  type RunState,
  runStates,
} from '@omanager/contract';
import type { Command } from 'commander';
import { type Cli, titleOf } from '../cli.ts';
import { withClient } from '../connect.ts';
import { CliError, Interrupted } from '../errors.ts';
import { formatDuration, formatTime, hostStateText, riskText, runStateText } from '../io/format.ts';
import { bold, dim, type Text } from '../io/text.ts';
import { followRun } from '../run/follow.ts';
import { describe, passedOf, withGate } from '../run/gate.ts';
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
import { runIdOf } from '../run/runRef.ts';
import { saveOutput } from '../run/saveOutput.ts';
import { collect, example, listOf, oneOf, type Runner, wholeNumber } from './command.ts';

const which = 'id, the first 8 or more characters of it, or "last"';

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
    .argument('<run>', which)
    .addHelpText('after', example('om runs show 019a7c1e-5b7e-7c52-9b0e-2b8d4c9f1a10', 'om runs show last'))
    .action(run(show));
  runs
    .command('hosts')
    .description('The servers of a run with state and result')
    .argument('<run>', which)
    .option('--state <states>', 'only these states, by comma', listOf(hostStates))
    .option('--not-ok', 'only those that are not ok')
    .addHelpText('after', example('om runs hosts 019a7c1e-5b7e-7c52-9b0e-2b8d4c9f1a10 --state failed,lost'))
    .action(run(hosts));
  runs
    .command('output')
    .description('The output of a run, folded; or all of one server')
    .argument('<run>', which)
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
    .argument('<run>', which)
    .option('--no-fold', 'print every server by itself')
    .addHelpText('after', example('om runs watch 019a7c1e-5b7e-7c52-9b0e-2b8d4c9f1a10'))
    .action(run(watch));
  runs
    .command('abort')
    .description('End a run: nothing new starts, and what runs is ended with its whole process tree')
    .argument('<run>', which)
    .addHelpText('after', example('om runs abort 019a7c1e-5b7e-7c52-9b0e-2b8d4c9f1a10'))
    .action(run(abort));
  runs
    .command('retry')
    .description('Run again where it was not ok: the same plan, a new attempt; earlier attempts stay')
    .argument('<run>', which)
    .option('--state <states>', 'only servers in these states, by comma', listOf(hostStates))
    .option('--host <server>', 'only this server; repeat for more', collect)
    .option('--confirm <phrase>', 'what a risky run asks to be typed, for example 3 or "prod 3"')
    .option('--reason <text>', 'why; kept with the run and in the audit; destructive modules want one')
    .option('--no-fold', 'print every server by itself')
    .option('--detach', 'return as soon as it has started')
    .addHelpText('after', example('om runs retry 019a7c1e-5b7e-7c52-9b0e-2b8d4c9f1a10 --state lost,unreachable'))
    .action(run(retry));
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
    printRun(cli, await client.call('runs.get', { runId }, { signal: cli.signal }));
  });
}

function printRun(cli: Cli, run: Run): void {
  const { out } = cli;
  out.data(run);
  const field = (name: string, ...text: Text[]): void => out.line(dim(name.padEnd(10)), ...text);
  field('Run', bold(run.id), '  ', runStateText(run.state));
  field(
    'Module',
    `${run.module.id} ${run.module.version}  ${titleOf(cli, run.module.title)}  [`,
    riskText(run.module.risk),
    ']',
  );
  field('Targets', run.selector);
  field('Params', JSON.stringify(run.params));
  for (const state of hostStates) if (run.counts[state] > 0) field('', hostStateText(state), ` ${run.counts[state]}`);
  field('Total', run.total, run.attempt > 1 ? `, attempt ${run.attempt}` : '');
  field('Started', `${formatTime(run.startedAt ?? run.createdAt)} by ${run.startedBy}`);
  if (run.endedAt) field('Ended', formatTime(run.endedAt));
  field('Digest', dim(run.digest));
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

async function hostOf(cli: Cli, client: Client, runId: string, server: string): Promise<HostRun> {
  for await (const host of pages(client, 'runs.hosts', { runId, limit: 1000 }, { signal: cli.signal })) {
    if (host.name === server) return host;
  }
  throw new CliError(`${server} is not part of this run; see: om runs hosts ${runId}`);
}

async function watch(cli: Cli, given: string, options: { fold: boolean }): Promise<void> {
  await withClient(cli, async (client) => {
    const runId = await runIdOf(cli, client, given);
    const ended = await followRun(cli, client, { runId });
    if (ended) await printResults(cli, client, ended, options);
  });
}

async function abort(cli: Cli, given: string): Promise<void> {
  await withClient(cli, async (client) => {
    const runId = await runIdOf(cli, client, given);
    const run = await client.call('runs.abort', { runId }, { signal: cli.signal });
    cli.out.data({ type: 'run', ...run });
    const over = finalRunStates.has(run.state);
    cli.out.line(
      'The run is ',
      over ? runStateText(run.state) : 'being ended',
      over ? '.' : `: om runs watch ${runId}`,
    );
  });
}

interface RetryOptions {
  state?: HostState[];
  host?: string[];
  confirm?: string;
  reason?: string;
  fold: boolean;
  detach?: boolean;
}

async function retry(cli: Cli, given: string, options: RetryOptions): Promise<void> {
  const { signal } = cli;
  await withClient(cli, async (client) => {
    const runId = await runIdOf(cli, client, given);
    const before = await client.call('runs.get', { runId }, { signal });
    const ordinals = options.host && (await Promise.all(options.host.map((name) => hostOf(cli, client, runId, name))));
    const chosen = {
      ...(options.state && { states: options.state }),
      ...(ordinals && { hosts: ordinals.map(({ ordinal }) => ordinal) }),
    };
    const what = describe(before.module.risk, ordinals?.length ?? before.total - before.counts.ok);
    const run = await withGate(cli, what, passedOf(options), (passed) =>
      client.call('runs.retry', { runId, ...chosen, ...passed }, { signal }),
    ).catch(explainLost(runId));
    cli.out.data({ type: 'started', runId, attempt: run.attempt });
    if (options.detach) return cli.out.line(`Started again (attempt ${run.attempt}): om runs watch ${runId}`);
    const ended = await followRun(cli, client, { runId, after: run.revision });
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
