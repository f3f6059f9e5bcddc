import { pages } from '@omanager/client';
import { compressRanges, expandRanges, type Host, type ImportPreview, type ParamsIn } from '@omanager/contract';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { withClient } from '../connect.ts';
import { CliError } from '../errors.ts';
import { readText } from '../io/files.ts';
import { formatCounts, formatTime, servers } from '../io/format.ts';
import { bold, dim, green, red, type Text, yellow } from '../io/text.ts';
import { collect, example, keyValue, oneOf, type Runner, wholeNumber } from './command.ts';

interface HostOptions {
  name?: string;
  address?: string;
  port?: number;
  user?: string;
  credential?: string;
  zone?: string;
  environment?: string;
  label?: Record<string, string>;
  group?: string[];
}

const withHostOptions = (command: Command): Command =>
  command
    .option('--port <n>', 'SSH port', wholeNumber(1, 65_535))
    .option('--user <login>', 'login name there')
    .option('--credential <name>', 'credential to log in with; "none" takes it away')
    .option('--zone <name>', 'zone (IDC), which says how the server is reached')
    .option('--environment <name>', 'for example prod or staging')
    .option('--label <key=value>', 'a label; repeat for more', keyValue)
    .option('--group <path>', 'a group such as web/www; repeat for more', collect);

const importColumns = `
Columns of CSV (named by its first line, in any order) and fields of YAML:
  name         required; the server it is about
  address      host name or IP address; default for a new server: its name
  port         SSH port; default 22
  user         login name there; default root
  credential   credential to log in with; empty takes it away
  zone         zone (IDC), which must exist; default "default"
  environment  for example prod; default "default"
  labels       role=db;canary (in YAML also a map); empty takes all away
  groups       web/www;web/api (in YAML also a list); made as needed; empty takes out of all
A column that is not there, and an empty cell of any other column, leave what a server has.
YAML is a list of servers, or category -> application -> list of servers.`;

export function hostsCommands(program: Command, run: Runner): void {
  const hosts = program.command('hosts').description('Servers of the inventory');
  hosts
    .command('list')
    .description('Servers by name, all or those of a selector')
    .argument('[selector]')
    .addHelpText('after', example('om hosts list', 'om hosts list "env:prod & zone:hk"'))
    .action(run(list));
  hosts
    .command('show')
    .description('One server')
    .argument('<name>')
    .addHelpText('after', example('om hosts show web-01'))
    .action(run(show));
  hosts
    .command('resolve')
    .description('Which servers a selector means')
    .argument('<selector>')
    .addHelpText('after', example('om hosts resolve "web-[01-40] & !label:canary=yes"'))
    .action(run(resolve));
  withHostOptions(hosts.command('add'))
    .description('Add a server; groups are made as needed')
    .argument('<name>')
    .argument('<address>', 'host name or IP address')
    .addHelpText(
      'after',
      example('om hosts add web-01 10.0.1.1 --user deploy --credential ops --environment prod --group web/www'),
    )
    .action(run(add));
  withHostOptions(hosts.command('set'))
    .description('Change a server; labels and groups given replace those there are')
    .argument('<name>')
    .option('--name <name>', 'give it another name')
    .option('--address <address>', 'host name or IP address')
    .addHelpText('after', example('om hosts set web-01 --environment prod --label role=www'))
    .action(run(set));
  hosts
    .command('remove')
    .description('Remove servers; runs and audit keep what they recorded')
    .argument('<names...>', 'names, also ranges such as web-[01-10]')
    .option('--yes', 'do not ask')
    .addHelpText('after', example('om hosts remove web-07', 'om hosts remove web-[01-10] --yes'))
    .action(run(remove));
  hosts
    .command('import')
    .description(
      'Show what a CSV or YAML file, or an ssh client’s config, would change; with --apply, change exactly that',
    )
    .argument('<file>', '- for standard input')
    .option(
      '--format <format>',
      'csv, yaml or ssh_config; default: by the file name',
      oneOf(['csv', 'yaml', 'ssh_config']),
    )
    .option('--remove-missing', 'also remove servers of these zones that the file does not name')
    .option('--apply', 'do it')
    .addHelpText('after', importColumns)
    .addHelpText('after', example('om hosts import servers.csv', 'om hosts import servers.yaml --apply'))
    .action(run(importFile));
}

async function list(cli: Cli, selector: string | undefined): Promise<void> {
  await withClient(cli, async (client) => {
    const rows: Text[][] = [];
    const params = { limit: 1000, ...(selector !== undefined && { selector }) };
    for await (const host of pages(client, 'hosts.list', params, { signal: cli.signal })) {
      cli.out.data(host);
      const { name, user, address, port, environment, zone, credential, groups } = host;
      const login = `${user}@${address}:${port}`;
      rows.push([name, login, environment, zone, credential ?? dim('none'), groups.join(', '), labelsOf(host)]);
    }
    if (rows.length === 0)
      cli.out.note(selector === undefined ? 'There is no server yet.' : 'The selector means no server.');
    cli.out.table(['SERVER', 'LOGIN', 'ENV', 'ZONE', 'CREDENTIAL', 'GROUPS', 'LABELS'], rows);
  });
}

async function show(cli: Cli, name: string): Promise<void> {
  await withClient(cli, async (client) =>
    printHost(cli, await client.call('hosts.get', { name }, { signal: cli.signal })),
  );
}

function printHost(cli: Cli, host: Host): void {
  const { out } = cli;
  out.data(host);
  const field = (title: string, value: string): void => out.line(dim(title.padEnd(13)), value);
  out.line(bold(host.name));
  field('Login', `${host.user}@${host.address}:${host.port}`);
  field('Credential', host.credential ?? 'none');
  field('Zone', host.zone);
  field('Environment', host.environment);
  field('Groups', host.groups.join(', '));
  field('Labels', labelsOf(host));
  field('Changed', formatTime(host.updatedAt));
}

const labelsOf = ({ labels }: Pick<Host, 'labels'>): string =>
  Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(' ');

async function resolve(cli: Cli, selector: string): Promise<void> {
  await withClient(cli, async (client) => {
    const { signal } = cli;
    const count = await client.call('hosts.count', { selector }, { signal });
    const names: string[] = [];
    for await (const { name } of pages(client, 'hosts.list', { selector, limit: 1000 }, { signal })) names.push(name);
    cli.out.data({ ...count, names });
    cli.out.line(bold(servers(count.total)), count.total === 0 ? '' : `: ${compressRanges(names)}`);
    if (count.total > 0)
      cli.out.line(dim(`${formatCounts(count.environments)}  ·  zones: ${formatCounts(count.zones)}`));
  });
}

async function add(cli: Cli, name: string, address: string, options: HostOptions): Promise<void> {
  const { user, ...rest } = options;
  if (user === undefined) throw new CliError('--user is needed: the login name on that server.');
  await withClient(cli, async (client) => {
    const host = { ...changesOf(rest), name, address, user };
    const added = await client.call('hosts.add', { host }, { signal: cli.signal });
    cli.out.data(added);
    cli.out.line('Added ', bold(added.name), ` (${added.user}@${added.address}:${added.port}).`);
  });
}

async function set(cli: Cli, name: string, options: HostOptions): Promise<void> {
  const changes = changesOf(options);
  if (Object.keys(changes).length === 0) throw new CliError('Nothing to change was given; see: om hosts set --help');
  await withClient(cli, async (client) => {
    printHost(cli, await client.call('hosts.update', { name, changes }, { signal: cli.signal }));
  });
}

function changesOf({ label, group, credential, ...same }: HostOptions): ParamsIn<'hosts.update'>['changes'] {
  return {
    ...same,
    ...(credential !== undefined && { credential: credential === 'none' ? null : credential }),
    ...(label && { labels: label }),
    ...(group && { groups: group }),
  };
}

async function remove(cli: Cli, texts: string[], options: { yes?: boolean }): Promise<void> {
  const names = [...new Set(texts.flatMap((text) => expandRanges(text, 1000)))];
  const sure = await cli.prompt.confirm(
    `Remove ${servers(names.length)} (${compressRanges(names)})?`,
    options.yes === true,
  );
  if (!sure) throw new CliError('Nothing was removed.');
  await withClient(cli, async (client) => {
    const { removed } = await client.call('hosts.remove', { names }, { signal: cli.signal });
    cli.out.data({ removed });
    cli.out.line(`Removed ${servers(removed)}.`);
  });
}

interface ImportOptions {
  format?: 'csv' | 'yaml' | 'ssh_config';
  removeMissing?: boolean;
  apply?: boolean;
}

async function importFile(cli: Cli, file: string, options: ImportOptions): Promise<void> {
  const { signal } = cli;
  const format = options.format ?? (/\.ya?ml$/i.test(file) ? 'yaml' : /\.csv$/i.test(file) ? 'csv' : null);
  if (format === null) throw new CliError('Say what the file is: --format csv, yaml or ssh_config.');
  const given = { format, text: await readText(file, cli.stdin), removeMissing: options.removeMissing === true };
  await withClient(cli, async (client) => {
    const preview = await client.call('hosts.importPreview', given, { signal });
    printPreview(cli, preview);
    if (preview.problems.length > 0) throw new CliError('The file has mistakes; nothing was changed.');
    if (options.apply !== true) return cli.out.note(dim('Nothing was changed yet; add --apply to do this.'));
    const done = await client.call('hosts.importApply', { ...given, digest: preview.digest }, { signal });
    cli.out.data({ type: 'applied', ...done });
    cli.out.line(`Done: ${done.added} added, ${done.changed} changed, ${done.removed} removed.`);
  });
}

function printPreview(cli: Cli, preview: ImportPreview): void {
  const { out } = cli;
  out.data({ type: 'preview', ...preview });
  for (const { name, user, address, port } of preview.added)
    out.line(green('+ '), name, dim(`  ${user}@${address}:${port}`));
  for (const { name, fields } of preview.changed) {
    out.line(yellow('~ '), name);
    for (const { field, from, to } of fields) out.line('    ', dim(field), ' ', from, ' → ', to);
  }
  for (const name of preview.removed) out.line(red('- '), name);
  for (const { line, message } of preview.problems) out.line(red(`line ${line}: `), message);
  const { added, changed, removed, unchanged } = preview;
  out.line(
    `${added.length} to add, ${changed.length} to change, ${removed.length} to remove, ${unchanged} as they are.`,
  );
}
