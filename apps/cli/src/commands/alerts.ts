import { type Alert, type AlertSeverity, alertSeverities } from '@omanager/contract';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { withClient } from '../connect.ts';
import { Interrupted } from '../errors.ts';
import { formatTime } from '../io/format.ts';
import { dim, red, type Text, yellow } from '../io/text.ts';
import { alertRuleCommands } from './alertRules.ts';
import { alertTargetCommands } from './alertTargets.ts';
import { example, listOf, type Runner, wholeNumber } from './command.ts';

interface ListOptions {
  severity?: AlertSeverity[];
  user?: string;
  all?: boolean;
  limit: number;
  follow?: boolean;
}

/** `om audit alerts` and `om audit rules`. */
export function alertCommands(audit: Command, run: Runner): void {
  const alerts = audit.command('alerts').description('Alerts that rules raised on commands');
  alerts
    .command('list')
    .description('Alerts that nobody acknowledged, oldest of them first; with --follow also those to come')
    .option('--all', 'acknowledged ones too')
    .option('--severity <severities>', `only ${alertSeverities.join(', ')}`, listOf(alertSeverities))
    .option('--user <name>', 'only of this user')
    .option('--limit <n>', 'how many at most, the newest', wholeNumber(1, 1000), 50)
    .option('--follow', 'go on with what happens from now on')
    .addHelpText('after', example('om audit alerts list --severity critical', 'om audit alerts list --follow'))
    .action(run(list));
  alerts
    .command('ack')
    .description('Say that alerts were seen to')
    .argument('<ids...>')
    .option('--note <text>', 'what came of it')
    .addHelpText('after', example('om audit alerts ack 019ab2c3-0000-7000-8000-000000000001 --note "planned work"'))
    .action(run(acknowledge));
  alertRuleCommands(audit, run);
  alertTargetCommands(audit, run);
}

async function list(cli: Cli, { severity, user, all, limit, follow }: ListOptions): Promise<void> {
  const { signal, out } = cli;
  const filter = {
    ...(severity && { severities: severity }),
    ...(user !== undefined && { user }),
    ...(all !== true && { acknowledged: false }),
  };
  await withClient(cli, async (client) => {
    const after = new Date().toISOString();
    const { items } = await client.call('alerts.list', { ...filter, limit }, { signal });
    for (const alert of items.toReversed()) print(cli, alert);
    if (follow !== true) return;
    const shown = new Map(items.map(({ id, version }) => [id, version]));
    try {
      for await (const { alerts } of client.stream('alerts.follow', { ...filter, after }, { signal })) {
        for (const alert of alerts) {
          if (shown.get(alert.id) === alert.version) continue;
          print(cli, alert);
          shown.set(alert.id, alert.version);
          const [oldest] = shown.keys();
          if (shown.size > mostKept && oldest !== undefined) shown.delete(oldest);
        }
        await out.drained();
      }
    } catch (error) {
      if (!(error instanceof Interrupted)) throw error;
    }
  });
}

const mostKept = 10_000;

async function acknowledge(cli: Cli, ids: string[], { note }: { note?: string }): Promise<void> {
  await withClient(cli, async (client) => {
    const asked = { ids, ...(note !== undefined && { note }) };
    const done = await client.call('alerts.acknowledge', asked, { signal: cli.signal });
    cli.out.data(done);
    cli.out.line(`Acknowledged ${done.acknowledged} of ${ids.length}.`);
  });
}

function print({ out }: Cli, alert: Alert): void {
  const { id, raisedAt, severity, ruleName, user, hostName, command, count, acknowledgedBy } = alert;
  out.data(alert);
  const more: Text = [
    count > 1 ? ` (${count} times)` : '',
    acknowledgedBy === null ? '' : ` acknowledged by ${acknowledgedBy}`,
  ].join('');
  out.line(
    dim(formatTime(raisedAt)),
    '  ',
    coloured[severity](severity),
    `  ${ruleName}: ${user}@${hostName}  `,
    command ?? '(kept no more)',
    yellow(more),
  );
  out.line(dim(`  ${id}`));
}

const coloured = { info: dim, warning: yellow, critical: red };
