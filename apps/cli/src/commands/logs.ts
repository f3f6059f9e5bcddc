import type { LineFilter } from '@omanager/contract';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { withClient } from '../connect.ts';
import { CliError } from '../errors.ts';
import { followMerged } from '../run/merged.ts';
import { printEnd } from '../run/results.ts';
import { hostsOf } from '../run/runHosts.ts';
import { runIdOf } from '../run/runRef.ts';
import { collect, example, type Runner, whichRun, wholeNumber } from './command.ts';

export interface FilterOptions {
  include?: string;
  exclude?: string;
  ignoreCase?: boolean;
}

export const withFilterOptions = (command: Command): Command =>
  command
    .option('--include <pattern>', 'only lines in which this is found (RE2 syntax)')
    .option('--exclude <pattern>', 'no lines in which this is found')
    .option('--ignore-case', 'whatever the case, in both');

export function filterOf({ include, exclude, ignoreCase = false }: FilterOptions): LineFilter | undefined {
  if (include === undefined && exclude === undefined) {
    if (ignoreCase) throw new CliError('--ignore-case belongs to --include or --exclude.');
    return undefined;
  }
  return { ...(include !== undefined && { include }), ...(exclude !== undefined && { exclude }), ignoreCase };
}

interface LogsOptions extends FilterOptions {
  host?: string[];
  lines?: number;
}

export function logsCommand(program: Command, run: Runner): void {
  withFilterOptions(
    program
      .command('logs')
      .description('The output of all servers of a run as one, line by line as it comes; Ctrl-C lets go of it')
      .argument('<run>', whichRun)
      .option('--host <servers>', 'only these servers, such as web-[01-03]; repeat for more', collect)
      .option('--lines <n>', 'lines of each server to begin with', wholeNumber(0, 1000), 10),
  )
    .addHelpText(
      'after',
      example('om logs last', 'om logs last --host web-[01-03] --include "error|warn" --ignore-case'),
    )
    .action(run(logs));
}

async function logs(cli: Cli, given: string, options: LogsOptions): Promise<void> {
  const filter = filterOf(options);
  await withClient(cli, async (client) => {
    const runId = await runIdOf(cli, client, given);
    const hosts = options.host && (await hostsOf(cli, client, runId, options.host)).map(({ ordinal }) => ordinal);
    const view = { runId, filter, lines: options.lines, ...(hosts && { hosts }) };
    const ended = await followMerged(cli, client, { ...view, onInterrupt: 'let go' });
    if (ended) await printEnd(cli, client, ended);
  });
}
