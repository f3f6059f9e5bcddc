import { type HostState, hostStates } from '@omanager/contract';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { withClient } from '../connect.ts';
import { CliError } from '../errors.ts';
import { type ExportFormat, exportFormats, exportRun } from '../run/exportRun.ts';
import { allHosts, hostsOf } from '../run/runHosts.ts';
import { runIdOf } from '../run/runRef.ts';
import { collect, example, listOf, oneOf, type Runner, whichRun } from './command.ts';

export function runExportCommand(runs: Command, run: Runner): void {
  runs
    .command('export')
    .description('A run as a file: results and output of its servers. It goes to standard output, or to a new file')
    .argument('<run>', whichRun)
    .requiredOption(
      '--format <format>',
      'txt, html (a report), csv (a table), jsonl (data), zip (a raw log for each server)',
      oneOf(exportFormats),
    )
    .option('--save <file>', 'to this new file, which only you can read')
    .option('--host <servers>', 'only these servers, such as web-[01-03]; repeat for more', collect)
    .option('--state <states>', 'only servers in these states, by comma', listOf(hostStates))
    .option('--not-ok', 'only servers that are not ok')
    .addHelpText(
      'after',
      example('om runs export last --format csv', 'om runs export 42 --format zip --not-ok --save run-42.zip'),
    )
    .action(run(runsExport));
}

interface ExportOptions {
  format: ExportFormat;
  save?: string;
  host?: string[];
  state?: HostState[];
  notOk?: boolean;
}

async function runsExport(cli: Cli, given: string, { format, save, host, state, notOk }: ExportOptions): Promise<void> {
  if (save === undefined && format === 'zip') throw new CliError('An archive is no text: name a file with --save.');
  if (save === undefined && cli.out.json) throw new CliError('--json says what was saved: name a file with --save.');
  const states = state ?? (notOk ? hostStates.filter((one) => one !== 'ok') : undefined);
  await withClient(cli, async (client) => {
    const runId = await runIdOf(cli, client, given);
    const chosen = host
      ? (await hostsOf(cli, client, runId, host)).filter((one) => states?.includes(one.state) ?? true)
      : await allHosts(cli, client, runId, undefined, states);
    if (chosen.length === 0) throw new CliError('No server of the run is chosen by that.');
    await exportRun(cli, client, { runId, format, hosts: chosen, path: save });
  });
}
