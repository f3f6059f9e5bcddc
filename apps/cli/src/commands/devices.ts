import { pages } from '@omanager/client';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { withClient } from '../connect.ts';
import { CliError } from '../errors.ts';
import { formatTime } from '../io/format.ts';
import { red, type Text } from '../io/text.ts';
import { example, type Runner } from './command.ts';

export function devicesCommands(program: Command, run: Runner): void {
  const devices = program.command('devices').description('Computers and phones that are enrolled');
  devices
    .command('list')
    .description('Your devices, or everybody’s if you may see them')
    .option('--mine', 'only yours')
    .addHelpText('after', example('om devices list --mine'))
    .action(run(listDevices));
  devices
    .command('revoke')
    .description('Cut a device off at once')
    .argument('<id>')
    .option('--yes', 'do not ask')
    .addHelpText('after', example('om devices revoke 019a7c1e-5b7e-7c52-9b0e-2b8d4c9f1a10'))
    .action(run(revokeDevice));
  const sessions = program.command('sessions').description('Live sign-ins');
  sessions
    .command('list')
    .description('Your sessions, or everybody’s if you may see them')
    .option('--mine', 'only yours')
    .addHelpText('after', example('om sessions list'))
    .action(run(listSessions));
  sessions
    .command('revoke')
    .description('End a session at once')
    .argument('<id>')
    .addHelpText('after', example('om sessions revoke 019a7c1e-5b7e-7c52-9b0e-2b8d4c9f1a10'))
    .action(run(revokeSession));
}

async function listDevices(cli: Cli, { mine = false }: { mine?: boolean }): Promise<void> {
  await withClient(cli, async (client) => {
    const rows: Text[][] = [];
    for await (const device of pages(client, 'devices.list', { mine }, { signal: cli.signal })) {
      cli.out.data(device);
      const { id, userName, name, fingerprint, lastSeenAt, revokedAt } = device;
      rows.push([id, userName, name, fingerprint, formatTime(lastSeenAt), revokedAt ? red('revoked') : '']);
    }
    cli.out.table(['DEVICE', 'USER', 'NAME', 'FINGERPRINT', 'LAST SEEN', ''], rows);
  });
}

async function revokeDevice(cli: Cli, id: string, options: { yes?: boolean }): Promise<void> {
  const sure = await cli.prompt.confirm(
    `Cut device ${id} off? It needs a new invite to come back.`,
    options.yes === true,
  );
  if (!sure) throw new CliError('Nothing was revoked.');
  await withClient(cli, async (client) => {
    await client.call('devices.revoke', { id }, { signal: cli.signal });
    cli.out.data({ revoked: id });
    cli.out.line('The device is cut off.');
  });
}

async function listSessions(cli: Cli, { mine = false }: { mine?: boolean }): Promise<void> {
  await withClient(cli, async (client) => {
    const rows: Text[][] = [];
    for await (const session of pages(client, 'sessions.list', { mine }, { signal: cli.signal })) {
      cli.out.data(session);
      const { id, userName, deviceName, address, lastSeenAt, expiresAt } = session;
      rows.push([id, userName, deviceName, address, formatTime(lastSeenAt), formatTime(expiresAt)]);
    }
    cli.out.table(['SESSION', 'USER', 'DEVICE', 'FROM', 'LAST SEEN', 'UNTIL'], rows);
  });
}

async function revokeSession(cli: Cli, id: string): Promise<void> {
  await withClient(cli, async (client) => {
    await client.call('sessions.revoke', { id }, { signal: cli.signal });
    cli.out.data({ revoked: id });
    cli.out.line('The session has ended.');
  });
}
