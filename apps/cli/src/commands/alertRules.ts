import type { Client } from '@omanager/client';
import { type AlertRule, type AlertRuleDraft, alertRuleDraftSchema, alertSeverities } from '@omanager/contract';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { withClient } from '../connect.ts';
import { CliError } from '../errors.ts';
import { formatTime } from '../io/format.ts';
import { bold, dim, type Text } from '../io/text.ts';
import { collect, example, oneOf, type Runner, time, wholeNumber } from './command.ts';

interface RuleOptions {
  /** What is only tried has none. */
  severity?: AlertRule['severity'];
  pattern: string;
  ignoreCase?: boolean;
  user?: string[];
  servers?: string;
  environment?: string[];
  days?: string;
  between?: string;
  timeZone?: string;
  cooldown?: number;
  off?: boolean;
}

/** `om audit rules`: what raises alerts on commands. */
export function alertRuleCommands(audit: Command, run: Runner): void {
  const rules = audit.command('rules').description('Rules that raise alerts on commands');
  const withRule = (command: Command) =>
    command
      .requiredOption('--pattern <pattern>', 'RE2 syntax, anywhere in the command')
      .option('--ignore-case', 'capitals and small letters are the same')
      .option('--user <name>', 'only of this user; may be repeated', collect)
      .option('--servers <selector>', 'only on these')
      .option('--environment <name>', 'only in this, or in all that begin so: prod*; may be repeated', collect)
      .option('--days <days>', 'only on these days of the week: 1-5, 6,7')
      .option('--between <hours>', 'only in these hours: 22:00-06:00')
      .option('--time-zone <zone>', 'of days and hours, for example Asia/Shanghai; default: UTC')
      .option('--cooldown <seconds>', 'count further matches in the first alert', wholeNumber(0, 86_400));
  rules
    .command('list')
    .description('Rules there are')
    .addHelpText('after', example('om audit rules list'))
    .action(run(list));
  withRule(rules.command('save').argument('<name>'))
    .description('Add a rule; one of this name is replaced')
    .requiredOption('--severity <severity>', alertSeverities.join(', '), oneOf(alertSeverities))
    .option('--off', 'keep it without letting it look')
    .addHelpText('after', example('om audit rules save "core dumps" --severity info --pattern "\\bgcore\\b"'))
    .action(run(save));
  withRule(rules.command('test'))
    .description('What such a rule would have found; nothing is saved')
    .option('--since <time>', 'from this time on; default: a week ago', time)
    .option('--until <time>', 'before this time', time)
    .addHelpText('after', example('om audit rules test --pattern "\\bgcore\\b" --since 2026-11-01'))
    .action(run(test));
  rules
    .command('remove')
    .description('Remove a rule; its alerts stay')
    .argument('<name>')
    .addHelpText('after', example('om audit rules remove "core dumps"'))
    .action(run(remove));
  rules
    .command('starter')
    .description('Rules to begin with; those that are named are added')
    .argument('[keys...]')
    .addHelpText('after', example('om audit rules starter', 'om audit rules starter remove-root sudoers'))
    .action(run(starter));
}

async function list(cli: Cli): Promise<void> {
  await withClient(cli, async (client) => {
    const { items } = await client.call('alerts.rules', {}, { signal: cli.signal });
    for (const rule of items) cli.out.data(rule);
    const rows = items.map(({ name, enabled, severity, pattern, changedBy, changedAt }): Text[] => [
      ...[enabled ? name : dim(`${name} (off)`), severity, pattern, changedBy, formatTime(changedAt)],
    ]);
    cli.out.table(['RULE', 'SEVERITY', 'PATTERN', 'BY', 'CHANGED'], rows);
  });
}

async function save(cli: Cli, name: string, options: RuleOptions): Promise<void> {
  const rule = draftOf(name, options);
  await withClient(cli, async (client) => {
    const known = await find(cli, client, name);
    const saved = known
      ? await client.call('alerts.updateRule', { id: known.id, rule }, { signal: cli.signal })
      : await client.call('alerts.addRule', { rule }, { signal: cli.signal });
    cli.out.data(saved);
    cli.out.line(known ? 'Replaced ' : 'Added ', bold(saved.name), saved.enabled ? '.' : ', which is off.');
  });
}

async function test(cli: Cli, options: RuleOptions & { since?: string; until?: string }): Promise<void> {
  const rule = draftOf('a test', options);
  const { since, until } = options;
  await withClient(cli, async (client) => {
    const found = await client.call(
      'alerts.testRule',
      { rule, ...(since !== undefined && { from: since }), ...(until !== undefined && { to: until }) },
      { signal: cli.signal },
    );
    cli.out.data(found);
    for (const { at, user, claimedUser, hostName, text } of found.items.toReversed())
      cli.out.line(dim(formatTime(at)), `  ${user === '' ? claimedUser : user}@${hostName}  `, text);
    const back = found.searchedTo === null ? 'to the beginning' : `back to ${formatTime(found.searchedTo)} only`;
    cli.out.line(`${found.items.length} matches; looked ${back}.`);
  });
}

async function remove(cli: Cli, name: string): Promise<void> {
  await withClient(cli, async (client) => {
    const known = await find(cli, client, name);
    if (!known) throw new CliError(`There is no rule ${name}; "om audit rules list" shows those there are.`);
    await client.call('alerts.removeRule', { id: known.id }, { signal: cli.signal });
    cli.out.data({ removed: name });
    cli.out.line(`Removed rule ${name}.`);
  });
}

async function starter(cli: Cli, keys: string[]): Promise<void> {
  const { out, lang, signal } = cli;
  await withClient(cli, async (client) => {
    if (keys.length > 0) {
      const { items } = await client.call('alerts.addStarterRules', { keys, language: lang }, { signal });
      for (const rule of items) out.data(rule);
      out.line(`Added ${items.length} of ${keys.length} rules.`);
      return;
    }
    const { items } = await client.call('alerts.starterRules', {}, { signal });
    for (const one of items) out.data(one);
    const rows = items.map(({ key, title, rule, added }): Text[] => [
      ...[key, rule.severity, title[lang], added ? 'added' : ''],
    ]);
    out.table(['KEY', 'SEVERITY', 'WHAT IT FINDS', ''], rows);
  });
}

async function find(cli: Cli, client: Client, name: string): Promise<AlertRule | undefined> {
  const { items } = await client.call('alerts.rules', {}, { signal: cli.signal });
  return items.find((rule) => rule.name === name);
}

function draftOf(name: string, options: RuleOptions): AlertRuleDraft {
  const { severity = 'info', pattern, ignoreCase, user, servers, environment, cooldown, off } = options;
  const read = alertRuleDraftSchema.safeParse({
    ...{ name, severity, pattern, ignoreCase, users: user, servers, environments: environment },
    ...{ window: windowOf(options), cooldownSeconds: cooldown, enabled: off !== true },
  });
  if (read.success) return read.data;
  throw new CliError(read.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('\n'));
}

function windowOf({ days, between, timeZone }: RuleOptions) {
  if (days === undefined && between === undefined) return undefined;
  const [from, to] = (between ?? '00:00-00:00').split('-');
  return { days: daysOf(days ?? '1-7'), from, to, timeZone };
}

function daysOf(text: string): number[] {
  const days = text.split(',').flatMap((part) => {
    const [first = '', last = first] = part.split('-');
    const count = Number(last) - Number(first) + 1;
    return count >= 1 && count <= 7 ? Array.from({ length: count }, (_, i) => Number(first) + i) : [Number.NaN];
  });
  if (days.every(Number.isInteger)) return [...new Set(days)];
  throw new CliError('Days of the week are expected, 1 is Monday: 1-5, or 6,7.');
}
