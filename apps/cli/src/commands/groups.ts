import { pages } from '@omanager/client';
import type { Group } from '@omanager/contract';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { withClient } from '../connect.ts';
import { CliError } from '../errors.ts';
import { servers } from '../io/format.ts';
import { dim } from '../io/text.ts';
import { example, type Runner } from './command.ts';

export function groupsCommands(program: Command, run: Runner): void {
  const groups = program.command('groups').description('Groups of servers: function category / application, as a tree');
  groups
    .command('list')
    .description('The tree of groups, each with its number of servers')
    .addHelpText('after', example('om groups list'))
    .action(run(list));
  groups
    .command('add')
    .description('Add a group and the groups above it')
    .argument('<path>')
    .addHelpText('after', example('om groups add web/www'))
    .action(run(add));
  groups
    .command('move')
    .description('Rename or move a group with all below it')
    .argument('<path>')
    .argument('<to>')
    .addHelpText('after', example('om groups move web/www web/portal'))
    .action(run(move));
  groups
    .command('remove')
    .description('Remove a group and those below it; the servers stay')
    .argument('<path>')
    .option('--yes', 'do not ask')
    .addHelpText('after', example('om groups remove web/www'))
    .action(run(remove));
  groups
    .command('assign')
    .description('Put the servers of a selector into a group, or take them out of it')
    .argument('<path>')
    .requiredOption('-t, --targets <selector>', 'which servers')
    .option('--out', 'take them out')
    .addHelpText('after', example('om groups assign web/www -t "web-[01-10]"'))
    .action(run(assign));
}

async function list(cli: Cli): Promise<void> {
  await withClient(cli, async (client) => {
    const groups: Group[] = [];
    for await (const group of pages(client, 'groups.list', { limit: 1000 }, { signal: cli.signal })) {
      cli.out.data(group);
      groups.push(group);
    }
    if (groups.length === 0) cli.out.note('There is no group yet.');
    for (const { prefix, name, hosts } of treeOf(groups)) cli.out.line(dim(prefix), name, dim(`  ${hosts}`));
  });
}

interface Branch {
  hosts: number;
  children: Map<string, Branch>;
}

/** Paths as lines of a tree, in the order of their names. */
export function treeOf(
  groups: readonly Pick<Group, 'path' | 'hosts'>[],
): { prefix: string; name: string; hosts: number }[] {
  const root: Branch = { hosts: 0, children: new Map() };
  for (const { path, hosts } of groups) {
    let branch = root;
    for (const name of path.split('/')) {
      const child = branch.children.get(name) ?? { hosts: 0, children: new Map() };
      branch.children.set(name, child);
      branch = child;
    }
    branch.hosts = hosts;
  }
  const lines = (branch: Branch, indent: string, top: boolean): ReturnType<typeof treeOf> => {
    const children = [...branch.children].sort(([a], [b]) => a.localeCompare(b));
    return children.flatMap(([name, child], i) => {
      const last = i === children.length - 1;
      const prefix = top ? '' : `${indent}${last ? '└─ ' : '├─ '}`;
      const below = top ? '' : `${indent}${last ? '   ' : '│  '}`;
      return [{ prefix, name, hosts: child.hosts }, ...lines(child, below, false)];
    });
  };
  return lines(root, '', true);
}

async function add(cli: Cli, path: string): Promise<void> {
  await withClient(cli, async (client) => {
    const group = await client.call('groups.add', { path }, { signal: cli.signal });
    cli.out.data(group);
    cli.out.line(`Added ${group.path}.`);
  });
}

async function move(cli: Cli, path: string, to: string): Promise<void> {
  await withClient(cli, async (client) => {
    const group = await client.call('groups.move', { path, to }, { signal: cli.signal });
    cli.out.data(group);
    cli.out.line(`${path} is now ${group.path}.`);
  });
}

async function remove(cli: Cli, path: string, options: { yes?: boolean }): Promise<void> {
  const sure = await cli.prompt.confirm(`Remove group ${path} and all groups below it?`, options.yes === true);
  if (!sure) throw new CliError('Nothing was removed.');
  await withClient(cli, async (client) => {
    await client.call('groups.remove', { path }, { signal: cli.signal });
    cli.out.data({ removed: path });
    cli.out.line(`Removed ${path}.`);
  });
}

async function assign(cli: Cli, path: string, options: { targets: string; out?: boolean }): Promise<void> {
  const { targets: selector } = options;
  const member = options.out !== true;
  await withClient(cli, async (client) => {
    const { changed } = await client.call('groups.assign', { path, selector, member }, { signal: cli.signal });
    cli.out.data({ path, member, changed });
    cli.out.line(`${servers(changed)} ${member ? 'put into' : 'taken out of'} ${path}.`);
  });
}
