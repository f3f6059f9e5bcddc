import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import { type Client, type InviteLink, parseInvite, webSocketUrl } from '@omanager/client';
import { OmError, type ParamsOf, type ResultOf } from '@omanager/contract';
import { decodeKey, encodeKey, generateKeyPair } from '@omanager/secure-channel';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { withProfile } from '../connect.ts';
import { CliError } from '../errors.ts';
import { readSecret } from '../io/files.ts';
import { bold, dim } from '../io/text.ts';
import type { Profile } from '../profiles.ts';
import { example, type Runner } from './command.ts';

interface LoginOptions {
  linkFile?: string;
  user?: string;
  passwordFile?: string;
  totpFile?: string;
  deviceName: string;
  yes?: boolean;
}

type SignedIn = ResultOf<'access.signIn'>;

export function loginCommand(program: Command, run: Runner): void {
  program
    .command('login')
    .description('Sign in to a server; with an invite link, also enrol this computer and set your name and password')
    .argument('[link]', 'a link without an invite code; one with a code is read from the prompt or --link-file')
    .option('--link-file <file>', 'read the link from a file, - for standard input')
    .option('--user <name>', 'your user name')
    .option('--password-file <file>', 'read the password from a file, - for standard input')
    .option('--totp-file <file>', 'read the code of the authenticator app from a file')
    .option('--device-name <name>', 'how the server lists this computer', hostname())
    .option('--yes', 'connect without asking whether host and key are right')
    .addHelpText(
      'after',
      example('om login', 'om login --link-file invite.txt --user ada', 'om login --profile bastion-hk'),
    )
    .action(run(login));
}

async function login(cli: Cli, link: string | undefined, options: LoginOptions): Promise<void> {
  const invite = await readInvite(cli, link, options);
  const profile = invite ? await profileFor(cli, invite) : await knownProfile(cli);
  if (invite) {
    await confirmServer(cli, invite, options.yes === true);
    if (invite.code !== null) profile.deviceKey = freshKey();
  }
  const userName = options.user ?? (await askUser(cli, profile.userName));
  const password = await askPassword(cli, options, invite?.code != null);
  profile.session = null;

  const session = await withProfile(cli, profile, async (client) => {
    const first =
      invite?.code == null
        ? await client.call('access.signIn', { userName, password }, { signal: cli.signal })
        : await enrol(cli, client, profile, { code: invite.code, userName, password, deviceName: options.deviceName });
    return first.next === 'totp' ? verifyTotp(cli, client, options) : first;
  });
  await cli.profiles.save({ ...profile, session: session.session, userName: session.whoami?.userName ?? userName });
  await cli.profiles.setDefault(profile.name);
  const role = session.whoami?.role ?? 'unknown role';
  cli.out.data({ type: 'login', profile: profile.name, url: profile.url, userName, role });
  cli.out.line('Signed in to ', bold(profile.url), ' as ', bold(userName), ` (${role}), profile ${profile.name}.`);
}

async function readInvite(cli: Cli, link: string | undefined, options: LoginOptions): Promise<InviteLink | null> {
  if (link !== undefined) {
    const invite = parseInvite(link);
    if (invite.code === null) return invite;
    throw new CliError(
      'This link carries an invite code, and what stands on a command line is visible to every user of this computer (ps). ' +
        'Run "om login" and paste the link, or use --link-file. Ask for a new invite if others may have seen this one.',
    );
  }
  if (options.linkFile !== undefined) return parseInvite(await readSecret(options.linkFile, cli.stdin));
  const known = cli.profileName ?? (await cli.profiles.defaultName());
  if (known !== null && (await cli.profiles.get(known))) return null;
  return parseInvite(await cli.prompt.askHidden('Invite link (not shown): ', '--link-file'));
}

/** The profile of this server: the one named, the one that has its key, or a new one named after the host. */
async function profileFor(cli: Cli, invite: InviteLink): Promise<Profile> {
  const serverKey = encodeKey(invite.serverPublicKey);
  const name =
    cli.profileName ??
    (await profileOfKey(cli, serverKey)) ??
    invite.host.replace(/[^A-Za-z0-9_.-]/g, '_').replace(/^[.-]+/, '');
  const url = webSocketUrl(invite);
  const existing = await cli.profiles.get(name);
  if (existing && existing.serverKey !== serverKey) {
    throw new CliError(
      `Profile ${name} belongs to a server with another key (${fingerprint(decodeKey(existing.serverKey))}). ` +
        `If this is a second server, choose a name with --profile. If the server's key was really replaced, ask its ` +
        `admin for the new fingerprint, and remove the old profile first: om profiles remove ${name}`,
    );
  }
  if (existing) return { ...existing, url };
  if (invite.code === null) {
    throw new CliError(
      'This computer is not enrolled with that server, and the link has no invite code: ask an admin for an invite.',
    );
  }
  return { name, url, serverKey, deviceKey: freshKey(), session: null, userName: null };
}

async function profileOfKey(cli: Cli, serverKey: string): Promise<string | null> {
  for (const name of await cli.profiles.list()) {
    if ((await cli.profiles.get(name))?.serverKey === serverKey) return name;
  }
  return null;
}

async function knownProfile(cli: Cli): Promise<Profile> {
  const name = cli.profileName ?? (await cli.profiles.defaultName());
  const profile = name === null ? null : await cli.profiles.get(name);
  if (profile) return profile;
  throw new CliError(`There is no profile ${name ?? ''} to sign in to: give an invite link.`);
}

async function confirmServer(cli: Cli, invite: InviteLink, yes: boolean): Promise<void> {
  const { host, port, tls, serverPublicKey, code } = invite;
  cli.out.note('Server      ', bold(`${host}:${port}`), tls ? ' (over TLS)' : '');
  cli.out.note('Server key  ', bold(fingerprint(serverPublicKey)));
  cli.out.note(
    dim(code === null ? 'The link has no invite.' : 'The link has an invite: this computer will be enrolled.'),
  );
  if (!(await cli.prompt.confirm('Connect to this server?', yes))) throw new CliError('Not connected.');
}

async function askUser(cli: Cli, before: string | null): Promise<string> {
  if (before !== null && !cli.prompt.interactive) return before;
  const typed = (await cli.prompt.ask(`User name${before === null ? '' : ` [${before}]`}: `, '--user')).trim();
  const name = typed || before;
  if (!name) throw new CliError('A user name is needed.');
  return name;
}

async function askPassword(cli: Cli, { passwordFile }: LoginOptions, isNew: boolean): Promise<string> {
  if (passwordFile !== undefined) return readSecret(passwordFile, cli.stdin);
  return isNew ? askNewPassword(cli, '--password-file') : cli.prompt.askHidden('Password: ', '--password-file');
}

export async function askNewPassword(cli: Cli, instead: string): Promise<string> {
  for (let attempt = 1; ; attempt++) {
    const password = await cli.prompt.askHidden('New password (at least 10 characters): ', instead);
    const longEnough = password.length >= 10;
    if (longEnough && (await cli.prompt.askHidden('The same again: ', instead)) === password) return password;
    const wrong = longEnough ? 'The two passwords differ.' : 'The password needs at least 10 characters.';
    if (attempt === 3) throw new CliError(`${wrong} Nothing was changed.`);
    cli.out.note(wrong);
  }
}

/**
 * The new device key must be on disk before the server knows it, and an enrolment there is must outlive a refusal: it
 * may be the only one that its user has. So the new one stands beside it until the server has taken it.
 */
async function enrol(cli: Cli, client: Client, profile: Profile, params: ParamsOf<'access.enrol'>): Promise<SignedIn> {
  const { profiles, out, signal } = cli;
  const isNew = (await profiles.get(profile.name)) === null;
  const pending = { ...profile, session: null, userName: params.userName };
  if (!isNew) pending.name = `${profile.name.slice(0, 60)}.new`;
  await profiles.save(pending);
  try {
    const signedIn = await client.call('access.enrol', params, { signal });
    await profiles.save({ ...pending, name: profile.name });
    if (!isNew) await profiles.remove(pending.name);
    return signedIn;
  } catch (error) {
    const refused = error instanceof OmError && !['DISCONNECTED', 'INTERNAL'].includes(error.code);
    if (refused) await profiles.remove(pending.name);
    else if (!isNew)
      out.note(`Whether this computer was enrolled anew is not known. If it was: om login --profile ${pending.name}`);
    throw error;
  }
}

async function verifyTotp(cli: Cli, client: Client, { totpFile }: LoginOptions): Promise<SignedIn> {
  const { signal } = cli;
  if (totpFile !== undefined)
    return client.call('access.verifyTotp', { code: await readSecret(totpFile, cli.stdin) }, { signal });
  for (let attempt = 1; ; attempt++) {
    const code = (await cli.prompt.ask('Code of your authenticator app: ', '--totp-file')).replaceAll(' ', '');
    try {
      return await client.call('access.verifyTotp', { code }, { signal });
    } catch (error) {
      const again = error instanceof OmError && ['BAD_CREDENTIALS', 'INVALID_PARAMS'].includes(error.code);
      if (!again || attempt === 3) throw error;
      cli.out.note(error.message);
    }
  }
}

function freshKey(): Profile['deviceKey'] {
  const { publicKey, secretKey } = generateKeyPair();
  return { publicKey: encodeKey(publicKey), secretKey: encodeKey(secretKey) };
}

/** As OpenSSH writes it: SHA-256, base64 without padding. */
function fingerprint(key: Uint8Array): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}
