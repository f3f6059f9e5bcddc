import type { Client } from '@omanager/client';
import { type AlertEmail, type AlertTarget, alertSeverities, alertTargetKinds } from '@omanager/contract';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { withClient } from '../connect.ts';
import { CliError, exitCodes } from '../errors.ts';
import { readSecret } from '../io/files.ts';
import { formatTime } from '../io/format.ts';
import { dim, type Text } from '../io/text.ts';
import { collect, example, oneOf, type Runner } from './command.ts';

interface AddOptions {
  kind: AlertTarget['kind'];
  least?: AlertTarget['least'];
  command: boolean;
  urlFile?: string;
  secretFile?: string;
  from?: string;
  to?: string[];
  user?: string;
}

/** `om audit targets`: where alerts are sent to. */
export function alertTargetCommands(audit: Command, run: Runner): void {
  const targets = audit.command('targets').description('Where alerts are sent to');
  targets
    .command('list')
    .description('Targets, and how the last delivery went')
    .addHelpText('after', example('om audit targets list'))
    .action(run(list));
  targets
    .command('add')
    .description('Send alerts somewhere; the address is asked for')
    .argument('<name>')
    .requiredOption('--kind <kind>', alertTargetKinds.join(', '), oneOf(alertTargetKinds))
    .option('--least <severity>', `only this and above: ${alertSeverities.join(', ')}`, oneOf(alertSeverities))
    .option('--url-file <file>', 'the address, instead of asking for it')
    .option('--secret-file <file>', 'what messages are signed with; for e-mail the password')
    .option('--no-command', 'leave the command itself out')
    .option('--from <address>', 'sender of e-mail')
    .option('--to <address>', 'receiver of e-mail; may be repeated', collect)
    .option('--user <name>', 'whom the mail server knows you as')
    .addHelpText(
      'after',
      example(
        'om audit targets add on-call --kind dingtalk --least critical',
        'om audit targets add ops --kind email --url-file url --from om@example.com --to ops@example.com',
      ),
    )
    .action(run(add));
  targets
    .command('update')
    .description('Change a target; what is not given stays')
    .argument('<name>')
    .option('--rename <name>')
    .option('--least <severity>', `only this and above: ${alertSeverities.join(', ')}`, oneOf(alertSeverities))
    .option('--url-file <file>', 'another address; a stored secret is then needed anew')
    .option('--secret-file <file>', 'another secret; for e-mail the password')
    .option('--no-secret', 'store none; for e-mail nobody signs in then')
    .option('--from <address>', 'another sender of e-mail')
    .option('--to <address>', 'other receivers of e-mail; may be repeated', collect)
    .option('--user <name>', 'whom the mail server knows you as; needs the password anew')
    .option('--on', 'send alerts again')
    .option('--off', 'send none until it is on again')
    .option('--with-command', 'send the command itself')
    .option('--no-command', 'leave it out')
    .addHelpText(
      'after',
      example(
        'om audit targets update on-call --off',
        'om audit targets update ops --to ops@example.com --to lead@example.com',
      ),
    )
    .action(run(update));
  targets
    .command('test')
    .description('Send a message to a target now')
    .argument('<name>')
    .addHelpText('after', example('om audit targets test on-call'))
    .action(run(test));
  targets
    .command('remove')
    .description('Remove a target and what waits for it')
    .argument('<name>')
    .addHelpText('after', example('om audit targets remove on-call'))
    .action(run(remove));
}

async function list(cli: Cli): Promise<void> {
  await withClient(cli, async (client) => {
    const { items } = await client.call('alertTargets.list', {}, { signal: cli.signal });
    for (const target of items) cli.out.data(target);
    const rows = items.map(({ name, enabled, kind, origin, least, waiting, lastAt, lastError }): Text[] => [
      ...[enabled ? name : dim(`${name} (off)`), kind, origin, least, String(waiting)],
      lastAt === null ? 'nothing sent yet' : `${formatTime(lastAt)} ${lastError ?? 'ok'}`,
    ]);
    cli.out.table(['TARGET', 'KIND', 'TO', 'FROM', 'WAITING', 'LAST'], rows);
  });
}

async function add(cli: Cli, name: string, options: AddOptions): Promise<void> {
  const { kind, least, command, urlFile, secretFile, from = '', to = [], user } = options;
  const url =
    urlFile === undefined
      ? await cli.prompt.askHidden('Address: ', '--url-file')
      : await readSecret(urlFile, cli.stdin);
  await withClient(cli, async (client) => {
    const secret = secretFile === undefined ? {} : { secret: await readSecret(secretFile, cli.stdin) };
    const email = kind === 'email' ? { email: { from, to, ...(user !== undefined && { user }) } } : {};
    const target = { name, kind, url, ...secret, ...email, ...(least && { least }), withCommand: command };
    const added = await client.call('alertTargets.add', { target }, { signal: cli.signal });
    cli.out.data(added);
    cli.out.line(`Added ${added.name}; "om audit targets test" sends a message.`);
  });
}

interface UpdateOptions {
  rename?: string;
  least?: AlertTarget['least'];
  urlFile?: string;
  secretFile?: string;
  on?: boolean;
  off?: boolean;
  withCommand?: boolean;
  command: boolean;
  secret: boolean;
  from?: string;
  to?: string[];
  user?: string;
}

async function update(cli: Cli, name: string, options: UpdateOptions): Promise<void> {
  const { rename, least, urlFile, on, off, withCommand, command } = options;
  if (on && off) throw new CliError('Either --on or --off.');
  await withClient(cli, async (client) => {
    const before = await find(cli, client, name);
    const email = changedEmail(before, options);
    const url = urlFile === undefined ? {} : { url: await readSecret(urlFile, cli.stdin) };
    const moved = urlFile !== undefined || (email !== undefined && email.user !== before.email?.user);
    const target = {
      ...{ name: rename ?? before.name, least: least ?? before.least, ...url },
      ...(email && { email }),
      ...(await changedSecret(cli, options, before.hasSecret && moved)),
      enabled: on ? true : off ? false : before.enabled,
      withCommand: withCommand ? true : command ? before.withCommand : false,
    };
    const changed = await client.call('alertTargets.update', { id: before.id, target }, { signal: cli.signal });
    cli.out.data(changed);
    cli.out.line(`Changed ${changed.name}${changed.enabled ? '.' : ', which is off.'}`);
  });
}

function changedEmail(before: AlertTarget, { from, to, user, secret }: UpdateOptions): AlertEmail | undefined {
  const given = from !== undefined || to !== undefined || user !== undefined;
  if (!before.email) {
    if (given) throw new CliError(`${before.name} is no e-mail: --from, --to and --user are not for it.`);
    return undefined;
  }
  if (!secret && user !== undefined) throw new CliError('Either --user or --no-secret.');
  const { user: known, ...kept } = before.email;
  const signsIn = secret ? (user ?? known) : undefined;
  return {
    ...kept,
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
    ...(signsIn !== undefined && { user: signsIn }),
  };
}

/** A stored secret is for the address and the user that it was given for. */
async function changedSecret(
  cli: Cli,
  { secretFile, secret }: UpdateOptions,
  needed: boolean,
): Promise<{ secret?: string | null }> {
  if (!secret) {
    if (secretFile !== undefined) throw new CliError('Either --secret-file or --no-secret.');
    return { secret: null };
  }
  if (secretFile !== undefined) return { secret: await readSecret(secretFile, cli.stdin) };
  if (!needed) return {};
  const asked = await cli.prompt.askHidden('Its secret, anew: ', '--secret-file or --no-secret');
  if (asked === '') throw new CliError('For none pass --no-secret.');
  return { secret: asked };
}

async function test(cli: Cli, name: string): Promise<void> {
  await withClient(cli, async (client) => {
    const { error } = await client.call(
      'alertTargets.test',
      { id: await idOf(cli, client, name) },
      { signal: cli.signal },
    );
    cli.out.data({ error });
    if (error !== null) throw new CliError(`It was not taken: ${error}.`, exitCodes.other);
    cli.out.line('It was taken.');
  });
}

async function remove(cli: Cli, name: string): Promise<void> {
  await withClient(cli, async (client) => {
    await client.call('alertTargets.remove', { id: await idOf(cli, client, name) }, { signal: cli.signal });
    cli.out.data({ removed: name });
    cli.out.line(`Removed target ${name}.`);
  });
}

const idOf = async (cli: Cli, client: Client, name: string): Promise<string> => (await find(cli, client, name)).id;

async function find(cli: Cli, client: Client, name: string): Promise<AlertTarget> {
  const { items } = await client.call('alertTargets.list', {}, { signal: cli.signal });
  const target = items.find((one) => one.name === name);
  if (!target) throw new CliError(`There is no target ${name}; "om audit targets list" shows those there are.`);
  return target;
}
