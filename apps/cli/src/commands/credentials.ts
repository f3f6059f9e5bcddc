import { pages } from '@omanager/client';
import type { Credential, CredentialSecret } from '@omanager/contract';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { withClient } from '../connect.ts';
import { CliError } from '../errors.ts';
import { readSecret, readText } from '../io/files.ts';
import { formatTime } from '../io/format.ts';
import { bold, dim } from '../io/text.ts';
import { example, type Runner } from './command.ts';

interface SecretOptions {
  keyFile?: string;
  passphraseFile?: string;
  passphrase?: boolean;
  passwordFile?: string;
  password?: boolean;
  sudoPasswordFile?: string;
  sudoPassword?: boolean;
}

export function credentialsCommands(program: Command, run: Runner): void {
  const credentials = program
    .command('credentials')
    .description('SSH keys and passwords, sealed in the vault: they go in and are never shown again');
  const withSecret = (command: Command): Command =>
    command
      .argument('<name>')
      .option('--key-file <file>', 'SSH private key, - for standard input')
      .option('--passphrase', 'the key has a passphrase: ask for it')
      .option('--passphrase-file <file>', 'passphrase of the key')
      .option('--password', 'log in with a password: ask for it')
      .option('--password-file <file>', 'password, - for standard input')
      .option('--sudo-password', 'ask for the password that sudo wants')
      .option('--sudo-password-file <file>', 'password that sudo wants');
  credentials
    .command('list')
    .description('Credentials by name, without their secrets')
    .addHelpText('after', example('om credentials list'))
    .action(run(list));
  credentials
    .command('show')
    .description('One credential, without its secret')
    .argument('<name>')
    .addHelpText('after', example('om credentials show ops'))
    .action(run(show));
  withSecret(credentials.command('add'))
    .description('Add a credential; secrets come from files or the prompt, never from the command line')
    .addHelpText(
      'after',
      example(
        'om credentials add ops --key-file ~/.ssh/id_ed25519 --passphrase',
        'om credentials add ops --password --sudo-password',
      ),
    )
    .action(run(add));
  withSecret(credentials.command('replace'))
    .description('Replace the secret; connections that use the old one are closed')
    .addHelpText('after', example('om credentials replace ops --key-file new_key'))
    .action(run(replace));
  credentials
    .command('remove')
    .description('Remove a credential that no server uses')
    .argument('<name>')
    .option('--yes', 'do not ask')
    .addHelpText('after', example('om credentials remove ops'))
    .action(run(remove));
}

async function list(cli: Cli): Promise<void> {
  await withClient(cli, async (client) => {
    const rows: (string | number)[][] = [];
    for await (const credential of pages(client, 'credentials.list', {}, { signal: cli.signal })) {
      cli.out.data(credential);
      const { name, kind, version, fingerprint, hasSudoPassword, hosts, updatedAt } = credential;
      rows.push([name, kind, version, fingerprint ?? '', hasSudoPassword ? 'yes' : 'no', hosts, formatTime(updatedAt)]);
    }
    cli.out.table(['CREDENTIAL', 'KIND', 'VERSION', 'FINGERPRINT', 'SUDO', 'SERVERS', 'CHANGED'], rows);
  });
}

async function show(cli: Cli, name: string): Promise<void> {
  await withClient(cli, async (client) => {
    print(cli, await client.call('credentials.get', { name }, { signal: cli.signal }));
  });
}

function print(cli: Cli, credential: Credential): void {
  const { out } = cli;
  out.data(credential);
  out.line(bold(credential.name), `  ${credential.kind}, version ${credential.version}`);
  if (credential.fingerprint) out.line(dim('Fingerprint    '), credential.fingerprint);
  out.line(dim('Sudo password  '), credential.hasSudoPassword ? 'yes' : 'no');
  out.line(dim('Servers        '), credential.hosts);
  out.line(dim('Changed        '), formatTime(credential.updatedAt));
}

async function add(cli: Cli, name: string, options: SecretOptions): Promise<void> {
  const secret = await secretOf(cli, options);
  await withClient(cli, async (client) => {
    print(cli, await client.call('credentials.add', { name, secret }, { signal: cli.signal }));
  });
}

async function replace(cli: Cli, name: string, options: SecretOptions): Promise<void> {
  const secret = await secretOf(cli, options);
  await withClient(cli, async (client) => {
    print(cli, await client.call('credentials.replace', { name, secret }, { signal: cli.signal }));
  });
}

async function remove(cli: Cli, name: string, options: { yes?: boolean }): Promise<void> {
  const sure = await cli.prompt.confirm(`Remove credential ${name}?`, options.yes === true);
  if (!sure) throw new CliError('Nothing was removed.');
  await withClient(cli, async (client) => {
    await client.call('credentials.remove', { name }, { signal: cli.signal });
    cli.out.data({ removed: name });
    cli.out.line(`Removed ${name}.`);
  });
}

async function secretOf(cli: Cli, options: SecretOptions): Promise<CredentialSecret> {
  const { keyFile, passwordFile, sudoPasswordFile } = options;
  const byPassword = options.password === true || passwordFile !== undefined;
  if ((keyFile !== undefined) === byPassword)
    throw new CliError('Give either --key-file, or --password or --password-file.');
  const sudo = await optional(
    cli,
    options.sudoPassword,
    sudoPasswordFile,
    'Password for sudo: ',
    '--sudo-password-file',
  );
  const withSudo = sudo === undefined ? {} : { sudoPassword: sudo };
  if (keyFile === undefined) {
    const password = await optional(cli, true, passwordFile, 'Password: ', '--password-file');
    return { kind: 'password', password: password ?? '', ...withSudo };
  }
  const privateKey = await readText(keyFile, cli.stdin);
  const asked = await optional(
    cli,
    options.passphrase,
    options.passphraseFile,
    'Passphrase of the key: ',
    '--passphrase-file',
  );
  return { kind: 'key', privateKey, ...(asked !== undefined && { passphrase: asked }), ...withSudo };
}

async function optional(
  cli: Cli,
  ask: boolean | undefined,
  file: string | undefined,
  question: string,
  instead: string,
): Promise<string | undefined> {
  if (file !== undefined) return readSecret(file, cli.stdin);
  return ask === true ? cli.prompt.askHidden(question, instead) : undefined;
}
