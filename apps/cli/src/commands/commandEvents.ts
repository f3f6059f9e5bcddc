import { type CommandEvent, commandKinds, type ParamsIn } from '@omanager/contract';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { withClient } from '../connect.ts';
import { Interrupted } from '../errors.ts';
import { formatTime } from '../io/format.ts';
import { bold, dim, red, type Text, yellow } from '../io/text.ts';
import { saveSigned } from './auditExport.ts';
import { example, listOf, type Runner, time, wholeNumber } from './command.ts';

interface Filter {
  host?: string;
  user?: string;
  kind?: CommandEvent['kind'][];
  session?: string;
  run?: string;
  hostsOf?: string;
  failed?: boolean;
  outside?: boolean;
}

interface Period {
  since?: string;
  until?: string;
}

/** `om audit search`, `tail` and `export`: commands seen on servers. */
export function commandEventCommands(audit: Command, run: Runner): void {
  const filtered = (name: string, description: string) =>
    audit
      .command(name)
      .description(description)
      .argument('[text]', 'only commands with this in them; ignores case')
      .option('--host <server>', 'only of this server')
      .option('--user <name>', 'only of this user, as the kernel knew it')
      .option('--kind <kinds>', `only ${commandKinds.join(', ')}`, listOf(commandKinds))
      .option('--session <id>', 'only of this shell')
      .option('--run <id>', 'only of this run')
      .option('--hosts-of <run>', 'only on the servers of this run (id)')
      .option('--failed', 'only with an exit code that is not 0')
      .option('--outside', 'only of no run and no recorded terminal');
  const withPeriod = (command: Command) =>
    command
      .option('--since <time>', 'from this time on, for example 2026-11-22 or 2026-11-22T08:00', time)
      .option('--until <time>', 'before this time', time);
  withPeriod(filtered('search', 'Commands seen on servers, oldest of them first; itself audited'))
    .option('--limit <n>', 'how many at most, the newest', wholeNumber(1, 100_000), 50)
    .addHelpText('after', example('om audit search passwd --host web1', 'om audit search --outside --since 2026-11-22'))
    .action(run(search));
  filtered('tail', 'Commands as they come in; itself audited')
    .addHelpText('after', example('om audit tail --host web1', 'om audit tail "rm -rf" --outside'))
    .action(run(tail));
  withPeriod(
    filtered('export', 'All commands, newest first, in a new file with its signature beside it; itself audited'),
  )
    .requiredOption('--save <file>', 'where to: JSON lines, or a table if it ends with .csv')
    .option('--limit <n>', 'how many at most, the newest; the file ends with a line that says so', wholeNumber(1, 1e9))
    .addHelpText(
      'after',
      example('om audit export --since 2026-11-01 --save commands.jsonl', 'om audit export passwd --save passwd.csv'),
    )
    .action(run(exportAll));
  audit
    .command('erase')
    .description(
      'Take the text out of a command for ever, such as a password typed by mistake; the ledger still verifies',
    )
    .argument('<id>', 'of the event; search --json tells it')
    .requiredOption('--reason <text>', 'stands in the audit')
    .addHelpText('after', example('om audit erase 019ab2c3-0000-7000-8000-000000000001 --reason "a password"'))
    .action(run(erase));
}

async function search(cli: Cli, text: string | undefined, options: Filter & Period & { limit: number }): Promise<void> {
  const { out, signal } = cli;
  await withClient(cli, async (client) => {
    const newestFirst: CommandEvent[] = [];
    const asked = { ...filterOf(text, options), ...periodOf(options) };
    for (let cursor: string | undefined; newestFirst.length < options.limit; ) {
      const limit = Math.min(1000, options.limit - newestFirst.length);
      const page = await client.call(
        'commands.list',
        { ...asked, limit, ...(cursor !== undefined && { cursor }) },
        { signal },
      );
      newestFirst.push(...page.items);
      cursor = page.next;
      if (cursor === undefined) break;
      if (page.searchedTo !== null) out.status(`looked back to ${formatTime(page.searchedTo)}`);
    }
    out.status('');
    for (const event of newestFirst.toReversed()) print(cli, event);
  });
}

async function tail(cli: Cli, text: string | undefined, options: Filter): Promise<void> {
  const { out, signal } = cli;
  await withClient(cli, async (client) => {
    const printed = new Set<string>();
    try {
      for await (const { events, skipped } of client.stream('commands.follow', filterOf(text, options), { signal })) {
        if (skipped > 0)
          out.note(yellow(`${skipped} events came too fast and are not shown; om audit search has them.`));
        for (const event of events) {
          // After a cut some come again.
          if (printed.has(event.id)) continue;
          print(cli, event);
          printed.add(event.id);
          const [first] = printed;
          if (printed.size > mostKept && first !== undefined) printed.delete(first);
        }
        await out.drained();
      }
    } catch (error) {
      if (!(error instanceof Interrupted)) throw error;
    }
  });
}

async function erase(cli: Cli, id: string, { reason }: { reason: string }): Promise<void> {
  const { out, signal } = cli;
  await withClient(cli, async (client) => {
    out.data(await client.call('commands.erase', { id, reason }, { signal }));
    out.line('Erased. Backups and files exported before still have the text.');
  });
}

const mostKept = 10_000;

async function exportAll(
  cli: Cli,
  text: string | undefined,
  { save: file, limit, ...options }: Filter & Period & { save: string; limit?: number },
): Promise<void> {
  const { signal } = cli;
  const asked = { ...filterOf(text, options), ...periodOf(options), ...(limit !== undefined && { limit }) };
  await withClient(cli, (client) =>
    saveSigned(cli, {
      ...{ kind: 'commands', file, limit },
      open: (format) => client.stream('commands.export', { ...asked, format }, { signal }),
    }),
  );
}

function filterOf(text: string | undefined, filter: Filter): ParamsIn<'commands.follow'> {
  const { host, user, kind, session, run, hostsOf, failed, outside } = filter;
  return {
    ...(text !== undefined && { text }),
    ...(host !== undefined && { host }),
    ...(user !== undefined && { user }),
    ...(kind && { kinds: kind }),
    ...(session !== undefined && { session }),
    ...(run !== undefined && { run }),
    ...(hostsOf !== undefined && { hostsOf }),
    ...(failed === true && { exit: 'failed' as const }),
    ...(outside === true && { outside: true }),
  };
}

function periodOf({ since, until }: Period) {
  return { ...(since !== undefined && { from: since }), ...(until !== undefined && { to: until }) };
}

function print({ out }: Cli, event: CommandEvent): void {
  const { at, hostName, kind, user, claimedUser, text, exit, outside, signed, marks, risk } = event;
  out.data(event);
  const who = `${user === '' ? claimedUser : user}@${hostName}`;
  const said: Text = kind === 'command' ? text : bold(`(${kind}) ${text}`);
  const failed: Text = exit === null || exit === 0 ? '' : red(` [${exit}]`);
  const odd = [
    ...(risk ? [`${risk.severity}: ${risk.rule}`] : []),
    ...(outside ? ['outside'] : []),
    ...(signed ? [] : ['unsigned']),
    ...marks,
  ];
  out.line(dim(formatTime(at)), `  ${who}  `, said, failed, yellow(odd.length > 0 ? `  (${odd.join(', ')})` : ''));
}
