import type { ZoneDraft } from '@omanager/contract';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { withClient } from '../connect.ts';
import { CliError } from '../errors.ts';
import { servers } from '../io/format.ts';
import { bold, dim, type Text, yellow } from '../io/text.ts';
import { example, oneOf, type Runner, wholeNumberOr } from './command.ts';

interface ZoneOptions {
  title?: string;
  jump?: string;
  hostKeys?: 'ask' | 'accept';
  reach?: 'server' | 'worker';
  parallel?: number | 'none';
}

export function zonesCommands(program: Command, run: Runner): void {
  const zones = program.command('zones').description('Zones (IDCs): how their servers are reached');
  const withOptions = (command: Command): Command =>
    command
      .argument('<name>')
      .option('--title <text>', 'what people call it')
      .option('--jump <servers>', 'names of the jump hosts, outermost first, by comma; "" for none')
      .option(
        '--host-keys <policy>',
        'ask: a new host key waits for a yes; accept: it is pinned at once',
        oneOf(['ask', 'accept']),
      )
      .option(
        '--reach <by>',
        'server: OMServer connects to its servers; worker: only workers of the zone do (om workers)',
        oneOf(['server', 'worker']),
      )
      .option(
        '--parallel <n>',
        'servers of the zone that may be busy at once, over all runs; "none" for no limit',
        wholeNumberOr('none', 1, 100_000),
      );
  zones
    .command('list')
    .description('Zones, how they are reached, and their number of servers')
    .addHelpText('after', example('om zones list'))
    .action(run(list));
  withOptions(zones.command('add'))
    .description('Add a zone')
    .addHelpText('after', example('om zones add hk --title "Hong Kong" --jump bastion-hk'))
    .action(run(add));
  withOptions(zones.command('set'))
    .description('Change a zone; what is not given stays')
    .addHelpText('after', example('om zones set hk --host-keys accept', 'om zones set hk --reach worker --parallel 50'))
    .action(run(set));
  zones
    .command('remove')
    .description('Remove an empty zone')
    .argument('<name>')
    .addHelpText('after', example('om zones remove hk'))
    .action(run(remove));
}

async function list(cli: Cli): Promise<void> {
  await withClient(cli, async (client) => {
    const { items } = await client.call('zones.list', {}, { signal: cli.signal });
    for (const zone of items) cli.out.data(zone);
    const rows = items.map(({ name, title, jumpHosts, hostKeyPolicy, reach, parallel, hosts }): Text[] => [
      name,
      title,
      wayOf({ reach, jumpHosts }),
      hostKeyPolicy === 'ask' ? 'ask' : yellow(hostKeyPolicy),
      parallel ?? 'no limit',
      hosts,
    ]);
    cli.out.table(['ZONE', 'TITLE', 'REACHED', 'NEW HOST KEYS', 'AT ONCE', 'SERVERS'], rows);
  });
}

function wayOf({ reach, jumpHosts }: Pick<ZoneDraft, 'reach' | 'jumpHosts'>): string {
  const way = jumpHosts.length === 0 ? 'direct' : jumpHosts.join(' > ');
  return reach === 'worker' ? `${way}, by workers` : way;
}

async function add(cli: Cli, name: string, options: ZoneOptions): Promise<void> {
  await save(cli, name, options, false);
}

async function set(cli: Cli, name: string, options: ZoneOptions): Promise<void> {
  await save(cli, name, options, true);
}

async function save(cli: Cli, name: string, options: ZoneOptions, exists: boolean): Promise<void> {
  const { signal } = cli;
  await withClient(cli, async (client) => {
    const { items } = await client.call('zones.list', {}, { signal });
    const before = items.find((zone) => zone.name === name);
    if (exists && !before) throw new CliError(`There is no zone ${name}; "om zones list" shows those there are.`);
    if (!exists && before) throw new CliError(`There is a zone ${name} already: om zones set ${name} …`);
    const zone: ZoneDraft = {
      name,
      title: options.title ?? before?.title ?? '',
      jumpHosts: options.jump?.split(',').filter(Boolean) ?? before?.jumpHosts ?? [],
      hostKeyPolicy: options.hostKeys ?? before?.hostKeyPolicy ?? 'ask',
      reach: options.reach ?? before?.reach ?? 'server',
      parallel: options.parallel === 'none' ? null : (options.parallel ?? before?.parallel ?? null),
    };
    const saved = await client.call('zones.save', { zone }, { signal });
    cli.out.data(saved);
    const way = saved.jumpHosts.length === 0 ? 'reached directly' : `reached through ${saved.jumpHosts.join(' > ')}`;
    const by = saved.reach === 'worker' ? ', only by its workers' : '';
    const limit = saved.parallel === null ? '' : ` At most ${servers(saved.parallel)} at once, over all runs.`;
    cli.out.line('Zone ', bold(saved.name), ` is ${way}${by}; new host keys: ${saved.hostKeyPolicy}.${limit}`);
    if (saved.reach === 'worker' && before?.reach !== 'worker')
      cli.out.note(dim(`Its servers are worked on when a worker of the zone is connected: om workers add --help`));
  });
}

async function remove(cli: Cli, name: string): Promise<void> {
  await withClient(cli, async (client) => {
    await client.call('zones.remove', { name }, { signal: cli.signal });
    cli.out.data({ removed: name });
    cli.out.line(`Removed zone ${name}.`);
  });
}
