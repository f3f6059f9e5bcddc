import type { Client } from '@omanager/client';
import { modeText } from '@omanager/contract';
import { type Command, InvalidArgumentError } from 'commander';
import type { Cli } from '../cli.ts';
import { withClient } from '../connect.ts';
import { CliError } from '../errors.ts';
import { confirmed } from '../files/confirmed.ts';
import { type Place, placeOf } from '../files/place.ts';
import { fetch, put } from '../files/transfer.ts';
import { formatBytes, formatTime } from '../io/format.ts';
import { dim } from '../io/text.ts';
import { example, type Runner } from './command.ts';

const where = '<server>:<path>; a path without / at its beginning is under the home of the login user';
const confirmOption = ['--confirm <server>', 'on a production server: its name, instead of typing it'] as const;

interface Confirm {
  confirm?: string;
}

export function filesCommands(program: Command, run: Runner): void {
  const files = program
    .command('files')
    .description('Files of a server by SFTP, as its login user; all of it is audited');
  files
    .command('list')
    .description('What is in a folder of a server')
    .argument('<place>', `<server>, or ${where}`)
    .option('--find <text>', 'only names that contain it')
    .addHelpText('after', example('om files list web-01', 'om files list web-01:/var/log --find access'))
    .action(run(list));
  files
    .command('get')
    .description('Fetch a file of a server')
    .argument('<from>', where)
    .argument('[to]', 'a file that is not there yet, or a folder; else the same name here')
    .addHelpText('after', example('om files get web-01:/var/log/nginx/error.log'))
    .action(run((cli, from, to) => fetch(cli, from, to)));
  files
    .command('put')
    .description('Put a file on a server: it appears there whole, or not at all')
    .argument('<from>', 'a file here')
    .argument('<to>', `${where}; with / at its end, a folder`)
    .option('--replace', 'what is at that path is replaced, and keeps its mode and owner')
    .option(...confirmOption)
    .addHelpText('after', example('om files put nginx.conf web-01:/etc/nginx/nginx.conf --replace'))
    .action(run((cli, from, to, options) => put(cli, from, to, options)));
  change(files, run, 'mkdir', 'Make a folder', 'files.makeFolder', 'Made');
  change(files, run, 'rm', 'Remove a file, a link or an empty folder', 'files.remove', 'Removed');
  files
    .command('mv')
    .description('Rename or move on the same server; never over something else')
    .argument('<from>', where)
    .argument('<to>', 'a path on that server')
    .option(...confirmOption)
    .addHelpText('after', example('om files mv web-01:/etc/app.conf.new /etc/app.conf.old'))
    .action(run(move));
  files
    .command('chmod')
    .description('Set the permission bits')
    .argument('<mode>', 'octal, such as 644', octal)
    .argument('<place>', where)
    .option(...confirmOption)
    .addHelpText('after', example('om files chmod 600 web-01:.ssh/authorized_keys'))
    .action(run(setMode));
}

async function list(cli: Cli, text: string, { find }: { find?: string }): Promise<void> {
  await withClient(cli, async (client) => {
    const { host, path } = text.includes(':') ? await placeOf(cli, client, text) : { host: text, path: undefined };
    const params = { host, ...(path !== undefined && { path }), ...(find !== undefined && { find }) };
    const folder = await client.call('files.list', params, { signal: cli.signal });
    for (const item of folder.items) cli.out.data({ path: folder.path, ...item });
    cli.out.note(dim(`${folder.login}@${host}:${folder.path}`));
    const rows = folder.items
      .toSorted((a, b) => a.name.localeCompare(b.name))
      .map(({ kind, leadsTo, name, mode, owner, group, size, modifiedAt }) => [
        modeText(kind, mode),
        `${owner}:${group}`,
        kind === 'file' ? formatBytes(size) : '',
        formatTime(modifiedAt),
        kind === 'directory' || leadsTo === 'directory' ? `${name}/` : name,
      ]);
    cli.out.table(['MODE', 'OWNER', 'SIZE', 'CHANGED', 'NAME'], rows);
    if (rows.length === 0) cli.out.note(dim('Nothing.'));
    if (folder.more) cli.out.note(`There are more than ${folder.items.length}; say a part of the name: --find`);
  });
}

function change(
  files: Command,
  run: Runner,
  name: 'mkdir' | 'rm',
  what: string,
  method: 'files.makeFolder' | 'files.remove',
  done: string,
): void {
  files
    .command(name)
    .description(`${what} on a server`)
    .argument('<place>', where)
    .option(...confirmOption)
    .addHelpText('after', example(`om files ${name} web-01:/srv/old`))
    .action(
      run(async (cli, text: string, given: Confirm) =>
        at(cli, text, given, async (client, place) => {
          await client.call(method, place, { signal: cli.signal });
          cli.out.line(`${done} ${place.path} on ${place.host}.`);
        }),
      ),
    );
}

async function move(cli: Cli, from: string, to: string, given: Confirm): Promise<void> {
  await at(cli, from, given, async (client, place) => {
    const target = await placeOf(cli, client, to.includes(':') ? to : `${place.host}:${to}`);
    if (target.host !== place.host)
      throw new CliError('Both must be on one server: get it from the one, put it on the other.');
    await client.call('files.rename', { ...place, to: target.path }, { signal: cli.signal });
    cli.out.line(`${place.path} is ${target.path} now.`);
  });
}

async function setMode(cli: Cli, mode: number, text: string, given: Confirm): Promise<void> {
  await at(cli, text, given, async (client, place) => {
    await client.call('files.setMode', { ...place, mode }, { signal: cli.signal });
    cli.out.line(`${place.path} has the mode ${mode.toString(8).padStart(3, '0')} now.`);
  });
}

/** A change at this place; where the server wants its name to be typed, it is asked for. */
async function at(
  cli: Cli,
  text: string,
  given: Confirm,
  work: (client: Client, place: Place & Confirm) => Promise<void>,
): Promise<void> {
  await withClient(cli, async (client) => {
    const place = await placeOf(cli, client, text);
    await confirmed(cli, given, (confirm) => work(client, { ...place, ...confirm }));
    cli.out.data(place);
  });
}

function octal(text: string): number {
  if (!/^[0-7]{3,4}$/.test(text))
    throw new InvalidArgumentError('three or four octal digits such as 644 are expected.');
  return Number.parseInt(text, 8);
}
