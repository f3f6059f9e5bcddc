import { type Client, pages } from '@omanager/client';
import { compressRanges, type HostKey, type ParamsIn } from '@omanager/contract';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { withClient } from '../connect.ts';
import { CliError } from '../errors.ts';
import { readText } from '../io/files.ts';
import { formatTime } from '../io/format.ts';
import { green, red, type Text, yellow } from '../io/text.ts';
import { example, oneOf, type Runner } from './command.ts';

type State = HostKey['state'];
const idForm = /^[0-9a-f]{8}-[0-9a-f-]{27}$/i;

export function hostKeysCommands(program: Command, run: Runner): void {
  const keys = program.command('hostkeys').description('Host keys: who a server must prove to be');
  const which = 'server names, fingerprints (SHA256:…) or ids';
  keys
    .command('list')
    .description('Host keys: trusted, waiting for a yes (pending), revoked')
    .option('--state <state>', 'trusted, pending or revoked', oneOf(['trusted', 'pending', 'revoked']))
    .option('--host <server>', 'of one server')
    .addHelpText('after', example('om hostkeys list --state pending'))
    .action(run(list));
  keys
    .command('trust')
    .description('Say yes to keys that are waiting, after comparing their fingerprints with the servers themselves')
    .argument('<keys...>', `${which}; "all" for all that wait and replace no other`)
    .option('--fingerprint <fingerprint>', 'for a changed key: its fingerprint as read on the server itself')
    .option('--yes', 'do not ask')
    .addHelpText('after', example('om hostkeys trust web-01', 'om hostkeys trust web-01 --fingerprint SHA256:2b5c…'))
    .action(run(trust));
  keys
    .command('revoke')
    .description('Never accept these keys again')
    .argument('<keys...>', which)
    .option('--yes', 'do not ask')
    .addHelpText('after', example('om hostkeys revoke SHA256:2b5c…'))
    .action(run(revoke));
  keys
    .command('remove')
    .description('Forget host keys; the next connection asks again')
    .argument('<keys...>', which)
    .option('--yes', 'do not ask')
    .addHelpText('after', example('om hostkeys remove web-01'))
    .action(run(remove));
  keys
    .command('import')
    .description('Trust the keys of a known_hosts file for the servers of the inventory')
    .argument('<file>', '- for standard input')
    .option('--zone <name>', 'the zone of these servers', 'default')
    .addHelpText('after', example('om hostkeys import ~/.ssh/known_hosts'))
    .action(run(importFile));
}

async function list(cli: Cli, options: { state?: State; host?: string }): Promise<void> {
  await withClient(cli, async (client) => {
    const found = await readKeys(cli, client, options);
    for (const key of found) cli.out.data(key);
    printKeys(cli, found);
  });
}

async function readKeys(cli: Cli, client: Client, filter: ParamsIn<'hostKeys.list'>): Promise<HostKey[]> {
  const found: HostKey[] = [];
  for await (const key of pages(client, 'hostKeys.list', { ...filter, limit: 1000 }, { signal: cli.signal }))
    found.push(key);
  return found;
}

function printKeys(cli: Cli, keys: readonly HostKey[]): void {
  const rows = keys.map((key): Text[] => [
    key.hosts.length > 0 ? compressRanges(key.hosts) : '(no server)',
    `${key.address}:${key.port}`,
    key.zone,
    key.type,
    key.fingerprint,
    key.state === 'trusted' ? green(key.state) : key.state === 'revoked' ? red(key.state) : yellow(key.state),
    key.changed ? red('CHANGED') : '',
    formatTime(key.seenAt),
  ]);
  cli.out.table(['SERVERS', 'ADDRESS', 'ZONE', 'TYPE', 'FINGERPRINT', 'STATE', '', 'SEEN'], rows);
}

/** The keys that these words mean; every word must mean at least one. */
async function find(cli: Cli, client: Client, words: readonly string[], state?: State): Promise<HostKey[]> {
  const filter = state ? { state } : {};
  const chosen = new Map<string, HostKey>();
  let everything: HostKey[] | undefined;
  for (const word of words) {
    const byHost = !word.startsWith('SHA256:') && !idForm.test(word) && word !== 'all';
    let matching: HostKey[];
    if (byHost) matching = await readKeys(cli, client, { ...filter, host: word });
    else {
      everything ??= await readKeys(cli, client, filter);
      matching = everything.filter(({ id, fingerprint, changed }) =>
        word === 'all' ? !changed : id === word || fingerprint === word,
      );
    }
    if (matching.length === 0) throw new CliError(`${word} has no ${state ?? ''} host key; see: om hostkeys list`);
    for (const key of matching) chosen.set(key.id, key);
  }
  return [...chosen.values()];
}

async function trust(cli: Cli, words: string[], options: { fingerprint?: string; yes?: boolean }): Promise<void> {
  await withClient(cli, async (client) => {
    const keys = await find(cli, client, words, 'pending');
    printKeys(cli, keys);
    if (keys.some(({ changed }) => changed) && options.fingerprint === undefined) {
      throw new CliError(
        'A changed key may mean that somebody stands between you and that server. Find out why it changed, read the ' +
          'fingerprint on the server itself, and pass it: --fingerprint SHA256:…',
      );
    }
    const sure = await cli.prompt.confirm('Do these fingerprints belong to those servers?', options.yes === true);
    if (!sure) throw new CliError('Nothing was trusted.');
    const params = { ...idsOf(keys), ...(options.fingerprint !== undefined && { fingerprint: options.fingerprint }) };
    const { trusted } = await client.call('hostKeys.trust', params, { signal: cli.signal });
    cli.out.data({ trusted });
    cli.out.line(`Trusted ${trusted} host key${trusted === 1 ? '' : 's'}.`);
  });
}

async function revoke(cli: Cli, words: string[], options: { yes?: boolean }): Promise<void> {
  await withClient(cli, async (client) => {
    const keys = await find(cli, client, words);
    printKeys(cli, keys);
    const sure = await cli.prompt.confirm('Never accept these keys again?', options.yes === true);
    if (!sure) throw new CliError('Nothing was revoked.');
    const { revoked } = await client.call('hostKeys.revoke', idsOf(keys), { signal: cli.signal });
    cli.out.data({ revoked });
    cli.out.line(`Revoked ${revoked} host key${revoked === 1 ? '' : 's'}.`);
  });
}

async function remove(cli: Cli, words: string[], options: { yes?: boolean }): Promise<void> {
  await withClient(cli, async (client) => {
    const keys = await find(cli, client, words);
    printKeys(cli, keys);
    const sure = await cli.prompt.confirm('Forget these keys?', options.yes === true);
    if (!sure) throw new CliError('Nothing was removed.');
    const { removed } = await client.call('hostKeys.remove', idsOf(keys), { signal: cli.signal });
    cli.out.data({ removed });
    cli.out.line(`Removed ${removed} host key${removed === 1 ? '' : 's'}.`);
  });
}

function idsOf(keys: readonly HostKey[]): { ids: string[] } {
  if (keys.length > 1000) throw new CliError('At most 1000 keys at a time; name fewer.');
  return { ids: keys.map(({ id }) => id) };
}

async function importFile(cli: Cli, file: string, options: { zone: string }): Promise<void> {
  const text = await readText(file, cli.stdin);
  await withClient(cli, async (client) => {
    const done = await client.call('hostKeys.import', { text, zone: options.zone }, { signal: cli.signal });
    cli.out.data(done);
    for (const { line, message } of done.problems) cli.out.line(yellow(`line ${line}: `), message);
    cli.out.line(
      `${done.trusted} trusted, ${done.revoked} revoked, ${done.unmatched} lines name no server of zone ${options.zone}.`,
    );
  });
}
