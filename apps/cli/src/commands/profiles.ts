import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { CliError } from '../errors.ts';
import type { Profile } from '../profiles.ts';
import { example, type Runner } from './command.ts';

export function profilesCommands(program: Command, run: Runner): void {
  const profiles = program.command('profiles').description('The servers that this computer is enrolled with');
  profiles
    .command('list')
    .description('List profiles; * marks the default')
    .addHelpText('after', example('om profiles list'))
    .action(run(list));
  profiles
    .command('use')
    .description('Make a profile the default')
    .argument('<name>')
    .addHelpText('after', example('om profiles use bastion-hk'))
    .action(run(use));
  profiles
    .command('remove')
    .description('Forget a server: its device key is deleted here (revoke it on the server with "om devices revoke")')
    .argument('<name>')
    .option('--yes', 'do not ask')
    .addHelpText('after', example('om profiles remove bastion-hk'))
    .action(run(remove));
}

async function list(cli: Cli): Promise<void> {
  const { out, profiles } = cli;
  const chosen = await profiles.defaultName();
  const rows: string[][] = [];
  for (const name of await profiles.list()) {
    const { url, userName, session } = await known(cli, name);
    out.data({ name, url, userName, signedIn: session !== null, default: name === chosen });
    rows.push([name === chosen ? '*' : '', name, url, userName ?? '', session === null ? 'signed out' : 'signed in']);
  }
  if (rows.length === 0) out.note('There is no profile yet: om login');
  out.table(['', 'NAME', 'SERVER', 'USER', 'SESSION'], rows);
}

async function use(cli: Cli, name: string): Promise<void> {
  await known(cli, name);
  await cli.profiles.setDefault(name);
  cli.out.data({ default: name });
  cli.out.line(`Commands without --profile now go to ${name}.`);
}

async function remove(cli: Cli, name: string, options: { yes?: boolean }): Promise<void> {
  await known(cli, name);
  const sure = await cli.prompt.confirm(`Remove profile ${name} and its device key?`, options.yes === true);
  if (!sure) throw new CliError('Nothing was removed.');
  await cli.profiles.remove(name);
  cli.out.data({ removed: name });
  cli.out.line(`Profile ${name} is removed.`);
}

async function known(cli: Cli, name: string): Promise<Profile> {
  const profile = await cli.profiles.get(name);
  if (profile) return profile;
  throw new CliError(`There is no profile named ${name}.`);
}
