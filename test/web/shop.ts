import type { Client } from '@omanager/client';
import type { HostRun, Run } from '@omanager/contract';
import type { SimulatedFleet } from '../lab/fleet.ts';
import { finished, hostsOf, start } from '../runs/rig.ts';

const applications = [
  { group: 'web/shop-web', count: 48, labels: { role: 'front' } },
  { group: 'web/search-api', count: 30, labels: { role: 'front', tier: '1' } },
  { group: 'web/img-cdn', count: 24, labels: { role: 'edge' } },
  { group: 'payments/pay-gateway', count: 24, labels: { role: 'api', pci: '' } },
  { group: 'cache/session-redis', count: 12, labels: { role: 'cache' } },
  { group: 'databases/order-mysql', count: 12, labels: { role: 'primary' } },
];

/** The servers of a made-up shop. */
export const shopServers = applications.flatMap(({ group, count, labels }) =>
  Array.from({ length: count }, (_, i) => {
    const application = group.split('/')[1] ?? '';
    return { name: `${application}-${String(i + 1).padStart(3, '0')}`, group, labels };
  }),
);

/** Makes a simulated fleet known as that shop. */
export async function fillShop(client: Client, fleet: SimulatedFleet): Promise<void> {
  const { hosts, hostKey, userKey, username } = fleet;
  await client.call('credentials.add', { name: 'ops-prod', secret: { kind: 'key', privateKey: userKey.privateKey } });
  const drafts = hosts.map(({ address, port }, i) => {
    const { name = `h-${i}`, group = 'other', labels = {} } = shopServers[i] ?? {};
    const environment = i % 8 === 7 ? 'staging' : 'prod';
    return { name, address, port, user: username, credential: 'ops-prod', environment, groups: [group], labels };
  });
  const text = JSON.stringify(drafts);
  const { digest, problems } = await client.call('hosts.importPreview', { format: 'yaml', text });
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  await client.call('hosts.importApply', { format: 'yaml', text, digest });
  const known = hosts.map(({ address, port }) => `[${address}]:${port} ${hostKey.publicLine}\n`).join('');
  await client.call('hostKeys.import', { text: known });
}

/** Two runs: one that went well, and one that did not everywhere, which is given back with a server where it failed. */
export async function runInShop(client: Client, { behave }: SimulatedFleet): Promise<{ run: Run; failed: HostRun }> {
  await behave({ output: 'CentOS Linux release 7.9.2009 (Core)\nLinux 3.10.0-1160.119.1.el7.x86_64\n', latencyMs: 20 });
  await finished(client, (await start(client, { module: 'system.version', selector: 'group:web' })).id);
  const lines = 'Filesystem      Size  Used Avail Use% Mounted on\n/dev/vda1        40G';
  await behave({ output: `${lines}   21G   19G  53% /\n`, latencyMs: 900 });
  await behave(
    { output: `${lines}   40G     0 100% /\ndf: /var/cache: No space left on device\n`, exitCode: 1, latencyMs: 1200 },
    [6, 21, 30],
  );
  await behave({ output: `${lines}   38G    2G  95% /\n`, latencyMs: 700 }, [50, 51, 52, 53]);
  await behave({ refuseSignIn: true }, [110, 111]);
  const rollout = { canary: 1, waves: [15, '100%'] };
  const { id } = await start(client, { module: 'system.disk', selector: '*', rollout });
  const run = await finished(client, id);
  const failed = (await hostsOf(client, id)).find(({ state }) => state === 'failed');
  if (!failed) throw new Error('no server of the shop failed');
  return { run, failed };
}
