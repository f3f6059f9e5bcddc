import { pages } from '@omanager/client';
import { type Role, roles, type User } from '@omanager/contract';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { withClient } from '../connect.ts';
import { CliError } from '../errors.ts';
import { formatTime } from '../io/format.ts';
import { bold, dim, type Text } from '../io/text.ts';
import { example, oneOf, type Runner, wholeNumber } from './command.ts';

export function usersCommands(program: Command, run: Runner): void {
  const users = program.command('users').description('Who may work here');
  users.command('list').description('Users by name').addHelpText('after', example('om users list')).action(run(list));
  users
    .command('show')
    .description('One user')
    .argument('<name>')
    .addHelpText('after', example('om users show ada'))
    .action(run(show));
  users
    .command('invite')
    .description('Make a one-time invite link, for a new user or a new device of one there is; it is shown once')
    .option('--role <role>', `role of the new user: ${roles.join(', ')}`, oneOf(roles), 'operator')
    .option('--user <name>', 'a user there is, who gets a new device and password')
    .option('--ttl <minutes>', 'how long it is good for', wholeNumber(1, 60), 60)
    .addHelpText('after', example('om users invite --role viewer', 'om users invite --user ada'))
    .action(run(invite));
  users
    .command('role')
    .description('Give a user another role; it takes hold everywhere at once')
    .argument('<name>')
    .argument('<role>', roles.join(', '), oneOf(roles))
    .addHelpText('after', example('om users role ada viewer'))
    .action(run(setRole));
  users
    .command('remove')
    .description('Disable a user: devices, sessions and tokens are revoked')
    .argument('<name>')
    .option('--yes', 'do not ask')
    .addHelpText('after', example('om users remove ada'))
    .action(run(remove));
  const invites = program.command('invites').description('Invites that were made');
  invites
    .command('list')
    .description('Invites, newest first')
    .addHelpText('after', example('om invites list'))
    .action(run(listInvites));
  invites
    .command('revoke')
    .description('Make an unused invite worthless')
    .argument('<id>')
    .addHelpText('after', example('om invites revoke 019a7c1e-5b7e-7c52-9b0e-2b8d4c9f1a10'))
    .action(run(revokeInvite));
}

async function list(cli: Cli): Promise<void> {
  await withClient(cli, async (client) => {
    const rows: Text[][] = [];
    for await (const user of pages(client, 'users.list', {}, { signal: cli.signal })) {
      cli.out.data(user);
      rows.push([
        user.name,
        user.role,
        user.totp ? 'on' : 'off',
        user.disabled ? 'disabled' : '',
        formatTime(user.lastSeenAt),
      ]);
    }
    cli.out.table(['USER', 'ROLE', 'SECOND FACTOR', '', 'LAST SEEN'], rows);
  });
}

async function show(cli: Cli, name: string): Promise<void> {
  await withClient(cli, async (client) => print(cli, await client.call('users.get', { name }, { signal: cli.signal })));
}

function print(cli: Cli, user: User): void {
  const { out } = cli;
  out.data(user);
  out.line(bold(user.name), `  ${user.role}${user.disabled ? ', disabled' : ''}`);
  out.line(dim('Second factor  '), user.totp ? 'on' : 'off');
  out.line(dim('Since          '), formatTime(user.createdAt));
  out.line(dim('Last seen      '), formatTime(user.lastSeenAt));
}

async function invite(cli: Cli, options: { role: Role; user?: string; ttl: number }): Promise<void> {
  const { role, user, ttl } = options;
  await withClient(cli, async (client) => {
    const params = { role, ttlMinutes: ttl, ...(user !== undefined && { userName: user }) };
    const made = await client.call('invites.create', params, { signal: cli.signal });
    cli.out.data(made);
    cli.out.line(made.link);
    cli.out.note(
      dim(`Good once, until ${formatTime(made.invite.expiresAt)}. Pass it on over a way that only that person reads.`),
    );
  });
}

async function setRole(cli: Cli, name: string, role: Role): Promise<void> {
  await withClient(cli, async (client) => {
    print(cli, await client.call('users.setRole', { name, role }, { signal: cli.signal }));
  });
}

async function remove(cli: Cli, name: string, options: { yes?: boolean }): Promise<void> {
  const sure = await cli.prompt.confirm(
    `Disable ${name} and revoke all devices, sessions and tokens?`,
    options.yes === true,
  );
  if (!sure) throw new CliError('Nothing was changed.');
  await withClient(cli, async (client) => {
    await client.call('users.remove', { name }, { signal: cli.signal });
    cli.out.data({ removed: name });
    cli.out.line(`${name} is disabled.`);
  });
}

async function listInvites(cli: Cli): Promise<void> {
  await withClient(cli, async (client) => {
    const rows: Text[][] = [];
    for await (const made of pages(client, 'invites.list', {}, { signal: cli.signal })) {
      cli.out.data(made);
      const { id, role, userName, createdBy, expiresAt, redeemedAt, revokedAt } = made;
      const late = Date.parse(expiresAt) < Date.now();
      const state = redeemedAt ? 'used' : revokedAt ? 'revoked' : late ? 'expired' : 'open';
      rows.push([id, state, userName ?? `new ${role}`, createdBy, formatTime(expiresAt)]);
    }
    cli.out.table(['INVITE', 'STATE', 'FOR', 'BY', 'GOOD UNTIL'], rows);
  });
}

async function revokeInvite(cli: Cli, id: string): Promise<void> {
  await withClient(cli, async (client) => {
    await client.call('invites.revoke', { id }, { signal: cli.signal });
    cli.out.data({ revoked: id });
    cli.out.line('The invite is worthless now.');
  });
}
