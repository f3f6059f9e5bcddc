import { OmError } from '@omanager/contract';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { chosenProfile, withClient, withProfile } from '../connect.ts';
import { readSecret } from '../io/files.ts';
import { bold, dim } from '../io/text.ts';
import { example, type Runner } from './command.ts';
import { askNewPassword } from './login.ts';

export function accountCommands(program: Command, run: Runner): void {
  program
    .command('logout')
    .description('End your session here; this computer stays enrolled')
    .addHelpText('after', example('om logout'))
    .action(run(logout));
  program
    .command('whoami')
    .description('Who you are for the server, and what you may do')
    .addHelpText('after', example('om whoami', 'om whoami --json'))
    .action(run(whoami));
  program
    .command('password')
    .description('Change your password; your other sessions end')
    .option('--current-file <file>', 'read the current password from a file, - for standard input')
    .option('--new-file <file>', 'read the new password from a file')
    .addHelpText('after', example('om password'))
    .action(run(changePassword));
  const totp = program.command('totp').description('Second factor: the code of an authenticator app');
  totp
    .command('on')
    .description('Turn the second factor on, or move it to another app')
    .option('--password-file <file>', 'read your password from a file, - for standard input')
    .addHelpText('after', example('om totp on'))
    .action(run(totpOn));
  totp
    .command('off')
    .description('Turn the second factor off')
    .option('--password-file <file>', 'read your password from a file, - for standard input')
    .addHelpText('after', example('om totp off'))
    .action(run(totpOff));
}

async function logout(cli: Cli): Promise<void> {
  const profile = await chosenProfile(cli);
  if (profile.session !== null) {
    try {
      await withProfile(cli, profile, (client) => client.call('access.signOut', {}, { signal: cli.signal }));
    } catch (error) {
      if (!(error instanceof OmError)) throw error;
      // Signed out already, as far as the server is concerned; or it is away, and then the secret is thrown away here.
      if (error.code !== 'UNAUTHENTICATED') cli.out.note(`The server was not told: ${error.message}`);
    }
    await cli.profiles.save({ ...profile, session: null });
  }
  cli.out.data({ type: 'logout', profile: profile.name });
  cli.out.line(`Signed out (profile ${profile.name}).`);
}

async function whoami(cli: Cli): Promise<void> {
  const { name, url } = await chosenProfile(cli);
  await withClient(cli, async (client) => {
    const me = await client.call('access.whoami', {}, { signal: cli.signal });
    cli.out.data({ profile: name, url, ...me });
    cli.out.line(bold(me.userName), ` (${me.role}) at ${url}, profile ${name}`);
    cli.out.line(dim('Second factor  '), me.totp ? 'on' : 'off');
    cli.out.line(dim('Permissions    '), me.permissions.join(', '));
  });
}

async function changePassword(cli: Cli, options: { currentFile?: string; newFile?: string }): Promise<void> {
  await withClient(cli, async (client) => {
    const current = await passwordOf(cli, options.currentFile, 'Current password: ', '--current-file');
    const next =
      options.newFile === undefined
        ? await askNewPassword(cli, '--new-file')
        : await readSecret(options.newFile, cli.stdin);
    await client.call('access.changePassword', { current, next }, { signal: cli.signal });
    cli.out.data({ type: 'password', changed: true });
    cli.out.line('The password is changed.');
  });
}

async function totpOn(cli: Cli, { passwordFile }: { passwordFile?: string }): Promise<void> {
  await withClient(cli, async (client) => {
    const { signal } = cli;
    const password = await passwordOf(cli, passwordFile, 'Password: ', '--password-file');
    const { secret, uri } = await client.call('access.beginTotp', { password }, { signal });
    cli.out.data({ type: 'totp', secret, uri });
    cli.out.line('Enter this in your authenticator app:');
    cli.out.line('  Secret  ', bold(secret));
    cli.out.line('  Link    ', uri);
    const code = (await cli.prompt.ask('The code it shows: ', 'nothing: this needs a terminal')).replaceAll(' ', '');
    await client.call('access.confirmTotp', { code }, { signal });
    cli.out.line('The second factor is on.');
  });
}

async function totpOff(cli: Cli, { passwordFile }: { passwordFile?: string }): Promise<void> {
  await withClient(cli, async (client) => {
    const password = await passwordOf(cli, passwordFile, 'Password: ', '--password-file');
    await client.call('access.disableTotp', { password }, { signal: cli.signal });
    cli.out.data({ type: 'totp', on: false });
    cli.out.line('The second factor is off.');
  });
}

function passwordOf(cli: Cli, file: string | undefined, question: string, instead: string): Promise<string> {
  return file === undefined ? cli.prompt.askHidden(question, instead) : readSecret(file, cli.stdin);
}
