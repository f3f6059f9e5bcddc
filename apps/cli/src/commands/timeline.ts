import { type TimelineItem, type TimelineKind, timelineKinds } from '@omanager/contract';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { withClient } from '../connect.ts';
import { CliError } from '../errors.ts';
import { formatTime } from '../io/format.ts';
import { bold, dim, red, type Text, yellow } from '../io/text.ts';
import { example, listOf, type Runner, time, wholeNumber } from './command.ts';

interface TimelineOptions {
  host?: string;
  user?: string;
  kind?: TimelineKind[];
  since?: string;
  until?: string;
  limit: number;
}

/** `om audit timeline`: all that happened on one server, or that one user did. */
export function timelineCommand(audit: Command, run: Runner): void {
  audit
    .command('timeline')
    .description('All that happened on a server or that a user did, oldest of it first; itself audited')
    .option('--host <server>', 'on this server')
    .option('--user <name>', 'by this operator, and by the account of that name on servers')
    .option('--kind <kinds>', `only ${timelineKinds.join(', ')}`, listOf(timelineKinds))
    .option('--since <time>', 'from this time on, for example 2026-11-22 or 2026-11-22T08:00', time)
    .option('--until <time>', 'before this time', time)
    .option('--limit <n>', 'how many at most, the newest', wholeNumber(1, 100_000), 50)
    .addHelpText(
      'after',
      example('om audit timeline --host web1 --since 2026-11-22', 'om audit timeline --user ada --kind run,alert'),
    )
    .action(run(timeline));
}

async function timeline(cli: Cli, { host, user, kind, since, until, limit }: TimelineOptions): Promise<void> {
  const { out, signal } = cli;
  if ((host === undefined) === (user === undefined))
    throw new CliError('A timeline is of one server or of one user: say --host or --user.');
  const asked = {
    ...(host !== undefined && { host }),
    ...(user !== undefined && { user }),
    ...(kind && { kinds: kind }),
    ...(since !== undefined && { from: since }),
    ...(until !== undefined && { to: until }),
  };
  await withClient(cli, async (client) => {
    const newestFirst: TimelineItem[] = [];
    let withheld: readonly TimelineKind[] = [];
    for (let cursor: string | undefined; newestFirst.length < limit; ) {
      const page = await client.call(
        'audit.timeline',
        { ...asked, limit: Math.min(500, limit - newestFirst.length), ...(cursor !== undefined && { cursor }) },
        { signal },
      );
      newestFirst.push(...page.items);
      withheld = page.withheld;
      cursor = page.next;
      if (cursor === undefined) break;
      if (page.searchedTo !== null) out.status(`looked back to ${formatTime(page.searchedTo)}`);
    }
    out.status('');
    if (withheld.length > 0) out.note(yellow(`Not shown, because your role may not see it: ${withheld.join(', ')}.`));
    for (const item of newestFirst.toReversed()) print(cli, item);
  });
}

function print({ out }: Cli, item: TimelineItem): void {
  out.data(item);
  out.line(dim(formatTime(item.at)), '  ', item.kind.padEnd(8), ...textOf(item));
}

function textOf(item: TimelineItem): Text[] {
  switch (item.kind) {
    case 'command': {
      const { hostName, user, claimedUser, text, exit, outside } = item.command;
      const failed: Text = exit === null || exit === 0 ? '' : red(` [${exit}]`);
      return [`${user === '' ? claimedUser : user}@${hostName}  `, text, failed, yellow(outside ? '  (outside)' : '')];
    }
    case 'gap':
      return [`${item.command.hostName}  `, yellow(`(${item.command.kind}) ${item.command.text}`)];
    case 'run': {
      const { number, module, state, hostState, total, startedBy } = item.run;
      return [bold(`#${number} ${module.id}`), `  ${hostState ?? state}  ${total} hosts`, dim(`  by ${startedBy}`)];
    }
    case 'action': {
      const { actorName, address, action, object, outcome } = item.action;
      const mark: Text = outcome === 'done' ? '' : red(`  ${outcome}`);
      return [`${actorName}@${address}  ${action}${object === null ? '' : ` ${object}`}`, mark];
    }
    case 'session': {
      const { login, host, userName, state } = item.session;
      return [`terminal ${login}@${host}  ${state}`, dim(`  by ${userName}`)];
    }
    case 'alert': {
      const { severity, ruleName, user, hostName, command } = item.alert;
      const mark = severity === 'critical' ? red(severity) : yellow(severity);
      return [mark, `  ${ruleName}  ${user}@${hostName}  `, dim(command ?? '')];
    }
  }
}
