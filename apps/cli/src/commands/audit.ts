import { pages } from '@omanager/client';
import type { ActionEvent, AuditFileFormat } from '@omanager/contract';
import { type Command, Option } from 'commander';
import type { Cli } from '../cli.ts';
import { withClient } from '../connect.ts';
import { Interrupted } from '../errors.ts';
import { formatTime } from '../io/format.ts';
import { dim, green, red, type Text, yellow } from '../io/text.ts';
import { agentCommands } from './agents.ts';
import { alertCommands } from './alerts.ts';
import { saveSigned } from './auditExport.ts';
import { example, oneOf, type Runner, time, wholeNumber } from './command.ts';
import { commandEventCommands } from './commandEvents.ts';
import { ledgerCommands } from './ledger.ts';
import { timelineCommand } from './timeline.ts';

interface AuditOptions {
  actor?: string;
  action?: string;
  family?: string;
  object?: string;
  text?: string;
  outcome?: ActionEvent['outcome'];
  since?: string;
  until?: string;
  limit?: number;
  follow?: boolean;
  save?: string;
}

export function auditCommands(program: Command, run: Runner): void {
  const audit = program.command('audit').description('What operators did, and what was typed on servers');
  audit
    .command('list')
    .description('Acts, oldest of them first; with --follow also those to come')
    .option('--actor <name>', 'only of this user; what their tokens did, too')
    .option('--action <method>', 'only this, for example runs.start')
    .option('--family <name>', 'only what begins so, for example runs or hosts')
    .option('--object <object>', 'only on this, as the events say it')
    .option('--text <words>', 'only with this anywhere in the event')
    .option('--outcome <outcome>', 'done, refused or failed', oneOf(['done', 'refused', 'failed']))
    .option('--since <time>', 'from this time on, for example 2026-11-22 or 2026-11-22T08:00', time)
    .option('--until <time>', 'before this time', time)
    .option('--limit <n>', 'how many at most; default: 50, all of them with --save', wholeNumber(1, 1e9))
    .addOption(new Option('--follow', 'go on with what happens from now on').conflicts('save'))
    .option(
      '--save <file>',
      'into a new file with its signature beside it: JSON lines, or a table if it ends with .csv',
    )
    .addHelpText(
      'after',
      example(
        'om audit list --actor ada --since 2026-11-22',
        'om audit list --follow --outcome refused',
        'om audit list --since 2026-11-01 --save acts.csv',
      ),
    )
    .action(run(list));
  commandEventCommands(audit, run);
  timelineCommand(audit, run);
  alertCommands(audit, run);
  agentCommands(audit, run);
  ledgerCommands(audit, run);
}

async function list(cli: Cli, options: AuditOptions): Promise<void> {
  const { signal } = cli;
  const { actor, action, family, object, text, outcome, since, until, save: file } = options;
  const filter = {
    ...(actor !== undefined && { actor }),
    ...(action !== undefined && { action }),
    ...(family !== undefined && { family }),
    ...(object !== undefined && { object }),
    ...(text !== undefined && { text }),
    ...(outcome && { outcome }),
  };
  const period = { ...(since !== undefined && { from: since }), ...(until !== undefined && { to: until }) };
  await withClient(cli, async (client) => {
    if (file !== undefined) {
      const asked = { ...filter, ...period, ...(options.limit !== undefined && { limit: options.limit }) };
      const open = (format: AuditFileFormat) => client.stream('audit.export', { ...asked, format }, { signal });
      return saveSigned(cli, { kind: 'actions', file, limit: options.limit, open });
    }
    const limit = Math.min(options.limit ?? 50, 100_000);
    const newestFirst: ActionEvent[] = [];
    const params = { ...filter, ...period, limit: Math.min(limit, 1000) };
    for await (const event of pages(client, 'audit.list', params, { signal })) {
      newestFirst.push(event);
      if (newestFirst.length === limit) break;
    }
    for (const event of newestFirst.toReversed()) print(cli, event);
    if (options.follow !== true) return;
    const after = newestFirst[0]?.id;
    // Some just before it come again, and some that are older than all that is listed.
    const oldest = newestFirst.length === limit ? (newestFirst.at(-1)?.id ?? '') : '';
    const printed = new Set(newestFirst.map(({ id }) => id).toReversed());
    try {
      const from = after === undefined ? filter : { ...filter, after };
      for await (const { events } of client.stream('audit.follow', from, { signal })) {
        for (const event of events) {
          if (printed.has(event.id) || event.id < oldest) continue;
          print(cli, event);
          printed.add(event.id);
          const [first] = printed;
          if (printed.size > mostKept && first !== undefined) printed.delete(first);
        }
        await cli.out.drained();
      }
    } catch (error) {
      if (!(error instanceof Interrupted)) throw error;
    }
  });
}

const mostKept = 10_000;

function print(cli: Cli, event: ActionEvent): void {
  const { at, actorName, address, action, object, outcome, code, details } = event;
  cli.out.data(event);
  const mark: Text = outcome === 'done' ? green('done   ') : outcome === 'refused' ? yellow('refused') : red('failed ');
  const rest = Object.keys(details).length > 0 ? ` ${JSON.stringify(details)}` : '';
  const what = `${action}${object === null ? '' : ` ${object}`}${code === null ? '' : ` (${code})`}`;
  cli.out.line(dim(formatTime(at)), '  ', mark, `  ${actorName}@${address}  ${what}`, dim(rest));
}
