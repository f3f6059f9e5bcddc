import { type HostState, hostStates, type SearchEvent } from '@omanager/contract';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { withClient } from '../connect.ts';
import { exitCodes } from '../errors.ts';
import { servers } from '../io/format.ts';
import { dim, yellow } from '../io/text.ts';
import { hostOf, hostsOf } from '../run/runHosts.ts';
import { runIdOf } from '../run/runRef.ts';
import { diffLines, hitLine } from '../run/searchView.ts';
import { collect, example, listOf, oneOf, type Runner, whichRun, wholeNumber } from './command.ts';
import { outputStreams, type StreamChoice } from './runOutput.ts';

export function runSearchCommands(runs: Command, run: Runner): void {
  const streamOption = ['--stream <stream>', outputStreams.join(', '), oneOf(outputStreams), 'both'] as const;
  runs
    .command('search')
    .description('Search the stored output of all servers of a run; prints SERVER:LINE: TEXT, ends with 1 if nothing')
    .argument('<run>', whichRun)
    .argument('<pattern>', 'the text itself; -- before one that begins with a dash')
    .option('--regex', 'the pattern is a regular expression (RE2), matched within a line')
    .option('-i, --ignore-case', 'capitals do not count')
    .option('--hosts, --host <servers>', 'only these servers, for example web-[01-03]; repeat for more', collect)
    .option('--states, --state <states>', 'only servers in these states, by comma', listOf(hostStates))
    .option('--all-attempts', 'earlier attempts too')
    .option(...streamOption)
    .option('--limit <n>', 'lines to print; all are counted', wholeNumber(0, 10_000), 1000)
    .addHelpText(
      'after',
      example(
        'om runs search last "permission denied"',
        'om runs search last -i --regex "^(warn|error)" --host web-[01-10]',
      ),
    )
    .action(run(search));
  runs
    .command('diff')
    .description('How the output of one server differs from that of most, or of another; ends with 1 if it does')
    .argument('<run>', whichRun)
    .argument('<server>')
    .option('--with <server>', 'compare with this one instead of the largest group')
    .option('--masked', 'what is each server’s own counts as equal: its names and addresses, times, pids, durations')
    .option(...streamOption)
    .option('--context <n>', 'equal lines around each difference', wholeNumber(0, 20), 3)
    .addHelpText('after', example('om runs diff last web-39 --masked', 'om runs diff last web-39 --with web-01'))
    .action(run(diff));
}

interface SearchOptions {
  regex?: boolean;
  ignoreCase?: boolean;
  host?: string[];
  state?: HostState[];
  allAttempts?: boolean;
  stream: StreamChoice;
  limit: number;
}

async function search(cli: Cli, given: string, pattern: string, options: SearchOptions): Promise<void> {
  const { regex = false, ignoreCase = false, allAttempts = false, state: states, stream, limit } = options;
  const { out, signal } = cli;
  await withClient(cli, async (client) => {
    const runId = await runIdOf(cli, client, given);
    const hosts = options.host && (await hostsOf(cli, client, runId, options.host)).map(({ ordinal }) => ordinal);
    const asked = {
      runId,
      pattern,
      regex,
      ignoreCase,
      stream,
      limit,
      attempts: allAttempts ? 'all' : 'current',
    } as const;
    const chosen = { ...asked, ...(hosts && { hosts }), ...(states && { states }) };
    let printed = 0;
    let last: SearchEvent | undefined;
    for await (const event of client.stream('runs.search', chosen, { signal })) {
      last = event;
      printed += event.hits.length;
      for (const hit of event.hits) {
        out.data({ type: 'hit', runId, ...hit });
        out.line(hitLine(hit, { oneStream: stream !== 'both', attempts: allAttempts }));
      }
      await out.drained();
      const { hits, hosts: on } = event.found;
      out.status(`${hits} found on ${servers(on)}, ${event.searched.lines} lines searched …`);
    }
    out.status('');
    if (!last) return cli.setExitCode(exitCodes.other);
    const { found, searched, state } = last;
    out.data({ type: 'search', runId, found, searched, state });
    if (found.hits > printed)
      out.note(dim(`… ${found.hits - printed} more lines: --limit ${Math.min(found.hits, 10_000)}`));
    const where = found.hits === 0 ? '' : ` on ${servers(found.hosts)}`;
    out.note(`${lines(found.hits)} found${where}; searched ${lines(searched.lines)} of ${servers(searched.hosts)}.`);
    if (state === 'deadline')
      out.note(yellow('The search took too long and was ended; this is what it found until then.'));
    if (found.hits === 0) cli.setExitCode(exitCodes.other);
  });
}

const lines = (count: number): string => `${count} line${count === 1 ? '' : 's'}`;

interface DiffOptions {
  with?: string;
  masked?: boolean;
  stream: StreamChoice;
  context: number;
}

async function diff(cli: Cli, given: string, server: string, options: DiffOptions): Promise<void> {
  const { masked = false, stream, context } = options;
  const { out, signal } = cli;
  await withClient(cli, async (client) => {
    const runId = await runIdOf(cli, client, given);
    const { ordinal } = await hostOf(cli, client, runId, server);
    const against = options.with === undefined ? undefined : await hostOf(cli, client, runId, options.with);
    const by = masked ? 'masked' : 'exact';
    const asked = { runId, ordinal, by, stream, context, ...(against && { against: against.ordinal }) } as const;
    const found = await client.call('runs.diff', asked, { signal });
    out.data({ type: 'diff', runId, ...found });
    for (const line of diffLines(found)) out.line(line);
    if (!found.equal) cli.setExitCode(exitCodes.other);
  });
}
