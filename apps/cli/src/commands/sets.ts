import type { Client } from '@omanager/client';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { withClient } from '../connect.ts';
import { CliError } from '../errors.ts';
import { formatTime } from '../io/format.ts';
import { bold, type Text } from '../io/text.ts';
import { example, type Runner } from './command.ts';

export function setsCommands(program: Command, run: Runner): void {
  const sets = program.command('sets').description('Server sets: selectors kept under a name, for everybody');
  sets
    .command('list')
    .description('Server sets and what they mean')
    .addHelpText('after', example('om sets list'))
    .action(run(list));
  sets
    .command('save')
    .description('Keep a selector under a name; one of this name is replaced')
    .argument('<name>')
    .argument('<selector>')
    .addHelpText('after', example('om sets save "web in production" "env:prod & group:web"'))
    .action(run(save));
  sets
    .command('remove')
    .description('Forget a name; its servers stay')
    .argument('<name>')
    .addHelpText('after', example('om sets remove "web in production"'))
    .action(run(remove));
}

async function list(cli: Cli): Promise<void> {
  await withClient(cli, async (client) => {
    const { items } = await client.call('serverSets.list', {}, { signal: cli.signal });
    for (const set of items) cli.out.data(set);
    const rows = items.map(({ name, selector, savedBy, savedAt }): Text[] => [
      name,
      selector,
      savedBy,
      formatTime(savedAt),
    ]);
    cli.out.table(['SET', 'SELECTOR', 'BY', 'SAVED'], rows);
  });
}

async function save(cli: Cli, name: string, selector: string): Promise<void> {
  await withClient(cli, async (client) => {
    const saved = await client.call('serverSets.save', { name, selector }, { signal: cli.signal });
    cli.out.data(saved);
    cli.out.line('Saved ', bold(saved.name), `: ${saved.selector}`);
  });
}

async function remove(cli: Cli, name: string): Promise<void> {
  await withClient(cli, async (client) => {
    await client.call('serverSets.remove', { name }, { signal: cli.signal });
    cli.out.data({ removed: name });
    cli.out.line(`Removed server set ${name}.`);
  });
}

/** What is meant by a target: `set:NAME` is the selector that is kept under this name now. */
export async function selectorOf(cli: Cli, client: Client, target: string): Promise<string> {
  const name = /^set:(.+)$/.exec(target.trim())?.[1];
  if (name === undefined) return target;
  const { items } = await client.call('serverSets.list', {}, { signal: cli.signal });
  const set = items.find((one) => one.name === name);
  if (!set) throw new CliError(`There is no server set ${name}; "om sets list" shows those there are.`);
  return set.selector;
}
