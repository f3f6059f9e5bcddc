import { type ParamsIn, type ReadAs, type ResultOf, readAs } from '@omanager/contract';
import { type Command, InvalidArgumentError } from 'commander';
import type { Cli } from '../cli.ts';
import { withClient } from '../connect.ts';
import { CliError, Interrupted } from '../errors.ts';
import { formatBytes, formatTime } from '../io/format.ts';
import { dim, outputLine, yellow } from '../io/text.ts';
import { createOutputLines } from '../run/outputLines.ts';
import { marked, printChunks, printDiscarded, printFolds, printHostOutput } from '../run/results.ts';
import { hostOf } from '../run/runHosts.ts';
import { runIdOf } from '../run/runRef.ts';
import { saveOutput } from '../run/saveOutput.ts';
import { example, oneOf, type Runner, whichRun, wholeNumber } from './command.ts';

export const outputStreams = ['both', 'stdout', 'stderr'] as const;
export type StreamChoice = (typeof outputStreams)[number];

export function runOutputCommands(runs: Command, run: Runner): void {
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
    .command('folds')
    .description('Servers grouped by equal output and exit code, largest group first')
    .argument('<run>', whichRun)
    .option('--masked', 'what is each server’s own counts as equal: its names and addresses, times, pids, durations')
    .addHelpText('after', example('om runs folds last', 'om runs folds last --masked'))
    .action(run(folds));
  runs
    .command('log')
    .description('Numbered lines of the stored output of one server')
    .argument('<run>', whichRun)
    .argument('<server>')
    .option('--lines <from-to>', 'only these, for example 100-200 or 100-', lineRange)
    .option('--tail <n>', 'only the last ones', wholeNumber(1, 5000))
    .option('--stream <stream>', outputStreams.join(', '), oneOf(outputStreams), 'both')
    .option('--attempt <n>', 'of an earlier attempt', wholeNumber(1, 1_000_000))
    .option('--times', 'when OMServer received each line')
    .option('--read-as <encoding>', readAs.join(', '), oneOf(readAs), 'auto')
    .addHelpText('after', example('om runs log last web-01 --lines 100-200', 'om runs log last web-01 --tail 50'))
    .action(run(log));
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
    if (server === undefined) return printFolds(cli, client, runId, 'exact');
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

async function folds(cli: Cli, given: string, { masked = false }: { masked?: boolean }): Promise<void> {
  await withClient(cli, async (client) => {
    const runId = await runIdOf(cli, client, given);
    await printFolds(cli, client, runId, masked ? 'masked' : 'exact');
  });
}

interface LineRange {
  from: number;
  to: number;
}

/** `100-200`, `100-` or `100`; lines count from 1. */
export function lineRange(text: string): LineRange {
  const match = /^(\d{1,12})(-(\d{1,12})?)?$/.exec(text);
  const from = Number(match?.[1]);
  const to = match?.[2] === undefined ? from : match[3] === undefined ? Number.POSITIVE_INFINITY : Number(match[3]);
  if (match !== null && from >= 1 && to >= from) return { from, to };
  throw new InvalidArgumentError('lines such as 100-200 or 100- are expected.');
}

interface LogOptions {
  lines?: LineRange;
  tail?: number;
  stream: StreamChoice;
  attempt?: number;
  times?: boolean;
  readAs: ReadAs;
}

const linesAPage = 1000;

async function log(cli: Cli, given: string, server: string, options: LogOptions): Promise<void> {
  const { lines: range = { from: 1, to: Number.POSITIVE_INFINITY }, tail, stream, attempt } = options;
  if (options.lines && tail !== undefined) throw new CliError('--lines and --tail are two ways to choose; give one.');
  const { out, signal } = cli;
  await withClient(cli, async (client) => {
    const runId = await runIdOf(cli, client, given);
    const { ordinal } = await hostOf(cli, client, runId, server);
    const of = { runId, ordinal, stream, readAs: options.readAs, ...(attempt !== undefined && { attempt }) };
    let at: ParamsIn<'runs.lines'>['at'] = tail === undefined ? { kind: 'line', line: range.from } : { kind: 'end' };
    for (let left = tail ?? range.to - range.from + 1; at !== undefined && left > 0; ) {
      const page: ResultOf<'runs.lines'> = await client.call(
        'runs.lines',
        { ...of, at, limit: Math.min(left, linesAPage) },
        { signal },
      );
      const width = String(page.totals.lines).length;
      for (const line of page.lines) {
        const at = page.times.findLast((time) => time.line <= line.line)?.at;
        out.data({ type: 'line', runId, host: server, attempt: page.attempt, ...line, at });
        const mark = line.stream === 'stderr' ? yellow('! ') : '  ';
        const cut = line.end === 'cut' ? dim(` … the line goes on: om runs output ${runId} ${server}`) : '';
        const time = options.times && at !== undefined ? `  ${formatTime(at)}` : '';
        out.line(dim(String(line.line).padStart(width)), dim(time), ' ', mark, outputLine(line.text), cut);
      }
      await out.drained();
      left -= page.lines.length;
      at = page.next === null || page.lines.length === 0 ? undefined : { kind: 'line', line: page.next };
      const { totals, discardedBytes, cut, over } = page;
      if (at !== undefined && left > 0) continue;
      out.data({ type: 'log', runId, host: server, attempt: page.attempt, totals, discardedBytes, cut, over });
      if (at === undefined && cut)
        out.line(
          yellow(`  … ${discardedBytes > 0 ? `${formatBytes(discardedBytes)} ` : ''}more were written and not kept`),
        );
      if (at === undefined && !over) out.note(dim('It is still running; more may come.'));
    }
  });
}
