import { pages } from '@omanager/client';
import { workerKeySchema, type ZoneWorker } from '@omanager/contract';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { withClient } from '../connect.ts';
import { CliError } from '../errors.ts';
import { formatTime } from '../io/format.ts';
import { bold, dim, green, red, type Text, yellow } from '../io/text.ts';
import { example, type Runner } from './command.ts';

const exampleKey = 'b4Yw0cI8m2Qz1uV7nT5kX3rJ9pL6sD_fG-hAeBoCqEw';

export function workersCommands(program: Command, run: Runner): void {
  const workers = program
    .command('workers')
    .description('Zone workers: they reach the servers of zones that OMServer itself does not (om zones set --reach)');
  workers
    .command('list')
    .description('Workers: which are connected, what they do')
    .option('--all', 'revoked ones too')
    .addHelpText('after', example('om workers list'))
    .action(run(list));
  workers
    .command('add')
    .description('Let a worker work for a zone; it is shown the credentials of that zone’s servers, shard by shard')
    .argument('<name>')
    .requiredOption('--zone <zone>', 'the zone it works for')
    .requiredOption('--key <key>', 'its public key, as "omserver worker" printed it')
    .addHelpText('after', example(`om workers add hk-1 --zone hk --key ${exampleKey}`))
    .action(run(add));
  workers
    .command('revoke')
    .description('Cut a worker off at once; what it was running becomes lost, and its key is never accepted again')
    .argument('<name>')
    .addHelpText('after', example('om workers revoke hk-1'))
    .action(run(revoke));
}

async function list(cli: Cli, { all = false }: { all?: boolean }): Promise<void> {
  await withClient(cli, async (client) => {
    const rows: Text[][] = [];
    for await (const worker of pages(client, 'workers.list', { limit: 200 }, { signal: cli.signal })) {
      if (worker.state === 'revoked' && !all) continue;
      cli.out.data(worker);
      const { name, zone, hosts, version, address, lastSeenAt, publicKey } = worker;
      rows.push([
        name,
        zone,
        stateText(worker),
        hosts,
        version ?? '',
        address ?? '',
        formatTime(lastSeenAt),
        publicKey,
      ]);
    }
    cli.out.table(['WORKER', 'ZONE', 'STATE', 'SERVERS', 'VERSION', 'FROM', 'LAST SEEN', 'KEY'], rows);
  });
}

function stateText({ state }: ZoneWorker): Text {
  switch (state) {
    case 'connected':
      return green(state);
    case 'away':
      return red(state);
    case 'new':
      return yellow('never seen');
    case 'revoked':
      return dim(state);
  }
}

async function add(cli: Cli, name: string, { zone, key }: { zone: string; key: string }): Promise<void> {
  if (!workerKeySchema.safeParse(key).success)
    throw new CliError('The key is not whole: give the 43 characters that "omserver worker" printed.');
  await withClient(cli, async (client) => {
    const worker = await client.call('workers.add', { name, zone, publicKey: key }, { signal: cli.signal });
    cli.out.data(worker);
    cli.out.line('Worker ', bold(worker.name), ` may work for zone ${worker.zone}; it connects within seconds.`);
    cli.out.line(dim('see: '), 'om workers list');
  });
}

async function revoke(cli: Cli, name: string): Promise<void> {
  await withClient(cli, async (client) => {
    await client.call('workers.revoke', { name }, { signal: cli.signal });
    cli.out.data({ revoked: name });
    cli.out.line(`Worker ${name} is cut off; what it was running becomes lost and will be asked.`);
  });
}
