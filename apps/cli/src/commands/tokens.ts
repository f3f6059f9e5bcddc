import { type Client, pages } from '@omanager/client';
import { type Role, roles, type Token } from '@omanager/contract';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { withClient } from '../connect.ts';
import { CliError } from '../errors.ts';
import { formatTime } from '../io/format.ts';
import { bold, dim, red, type Text } from '../io/text.ts';
import { example, oneOf, type Runner, wholeNumber } from './command.ts';

export function tokensCommands(program: Command, run: Runner): void {
  const tokens = program.command('tokens').description('API tokens, for POST /rpc from scripts and pipelines');
  tokens
    .command('list')
    .description('Your tokens, or everybody’s if you may see them')
    .option('--mine', 'only yours')
    .addHelpText('after', example('om tokens list'))
    .action(run(list));
  tokens
    .command('show')
    .description('One token, without its secret')
    .argument('<token>', 'name or id')
    .addHelpText('after', example('om tokens show ci'))
    .action(run(show));
  tokens
    .command('add')
    .description('Make a token; it is shown once, and its power is never more than yours')
    .argument('<name>')
    .requiredOption('--role <role>', roles.join(', '), oneOf(roles))
    .option('--days <n>', 'how long it is good for', wholeNumber(1, 366), 90)
    .addHelpText('after', example('om tokens add ci --role operator --days 30'))
    .action(run(add));
  tokens
    .command('remove')
    .description('Make a token worthless at once')
    .argument('<token>', 'name or id')
    .addHelpText('after', example('om tokens remove ci'))
    .action(run(remove));
}

async function list(cli: Cli, { mine = false }: { mine?: boolean }): Promise<void> {
  await withClient(cli, async (client) => {
    const rows: Text[][] = [];
    for await (const token of pages(client, 'tokens.list', { mine }, { signal: cli.signal })) {
      cli.out.data(token);
      const { id, name, userName, role, expiresAt, lastUsedAt, revokedAt } = token;
      rows.push([
        name,
        userName,
        role,
        formatTime(expiresAt),
        formatTime(lastUsedAt),
        revokedAt ? red('revoked') : '',
        id,
      ]);
    }
    cli.out.table(['TOKEN', 'USER', 'ROLE', 'GOOD UNTIL', 'LAST USED', '', 'ID'], rows);
  });
}

async function find(cli: Cli, client: Client, nameOrId: string): Promise<Token> {
  const found: Token[] = [];
  for await (const token of pages(client, 'tokens.list', {}, { signal: cli.signal })) {
    if (token.id === nameOrId || (token.name === nameOrId && token.revokedAt === null)) found.push(token);
  }
  const [token, second] = found;
  if (token === undefined) throw new CliError(`There is no token ${nameOrId}; see: om tokens list`);
  if (second !== undefined) throw new CliError(`Several tokens are named ${nameOrId}; use the id: om tokens list`);
  return token;
}

async function show(cli: Cli, nameOrId: string): Promise<void> {
  await withClient(cli, async (client) => {
    const token = await find(cli, client, nameOrId);
    cli.out.data(token);
    cli.out.line(bold(token.name), `  ${token.role} of ${token.userName}${token.revokedAt ? ', revoked' : ''}`);
    cli.out.line(dim('Good until  '), formatTime(token.expiresAt));
    cli.out.line(dim('Last used   '), formatTime(token.lastUsedAt));
    cli.out.line(dim('Id          '), token.id);
  });
}

async function add(cli: Cli, name: string, options: { role: Role; days: number }): Promise<void> {
  await withClient(cli, async (client) => {
    const params = { name, role: options.role, ttlDays: options.days };
    const made = await client.call('tokens.create', params, { signal: cli.signal });
    cli.out.data(made);
    cli.out.line(made.secret);
    cli.out.note(dim(`Shown this once; good until ${formatTime(made.token.expiresAt)}.`));
  });
}

async function remove(cli: Cli, nameOrId: string): Promise<void> {
  await withClient(cli, async (client) => {
    const { id, name } = await find(cli, client, nameOrId);
    await client.call('tokens.revoke', { id }, { signal: cli.signal });
    cli.out.data({ removed: id });
    cli.out.line(`Token ${name} is worthless now.`);
  });
}
