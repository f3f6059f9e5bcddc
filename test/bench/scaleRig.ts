import type { Client } from '@omanager/client';
import type { Behaviour } from '../lab/fleet.ts';
import { type SimulatedFleet, startFleet } from '../lab/fleet.ts';
import { enrolAdmin, type Operator } from '../lab/operators.ts';
import { startServer, type TestServer } from '../lab/server.ts';
import { createWorkspace } from '../lab/workspace.ts';
import { type ModuleFile, moduleFolder } from '../runs/rig.ts';
import { timed } from './figures.ts';

/** A simulated fleet, a real server that knows all of its hosts and their keys, and an admin. */
export interface ScaleRig {
  fleet: SimulatedFleet;
  server: TestServer;
  admin: Operator;
  client: Client;
  /** Milliseconds that it took to make the hosts and their keys known. */
  took: { preview: number; apply: number; hostKeys: number };
  stop(): Promise<void>;
}

export async function startScaleRig({
  hosts,
  behaviour,
  env = {},
  modules = [],
}: {
  hosts: number;
  behaviour: Behaviour;
  env?: Readonly<Record<string, string>>;
  modules?: ModuleFile[];
}): Promise<ScaleRig> {
  await using stack = new AsyncDisposableStack();
  const fleet = await startFleet({ hosts, behaviour });
  stack.defer(() => fleet.stop());
  const workspace = createWorkspace('modules');
  stack.defer(() => workspace.remove());
  const server = await startServer({
    env: {
      OM_LOG_LEVEL: 'warn',
      OM_MODULE_DIR: moduleFolder(workspace.dir, modules),
      OM_SSH_CONNECT_SECONDS: '60',
      OM_SSH_IDLE_SECONDS: '3600',
      ...env,
    },
  });
  stack.defer(() => server.stop());
  const admin = await enrolAdmin(server);
  stack.defer(() => admin.client.close());
  const took = await makeKnown(admin.client, fleet);
  const kept = stack.move();
  return { fleet, server, admin, client: admin.client, took, stop: () => kept.disposeAsync() };
}

/** Tells a server of all simulated hosts, with credential and host keys. */
export async function makeKnown(client: Client, fleet: SimulatedFleet): Promise<ScaleRig['took']> {
  await client.call('credentials.add', {
    name: 'lab',
    secret: { kind: 'key', privateKey: fleet.userKey.privateKey },
  });
  const rows = fleet.hosts.map(({ address, port }, i) =>
    [`h-${String(i + 1).padStart(5, '0')}`, address, port, fleet.username, 'lab'].join(','),
  );
  const text = ['name,address,port,user,credential', ...rows].join('\n');
  let digest = '';
  const preview = await timed(async () => {
    const asked = await client.call('hosts.importPreview', { format: 'csv', text });
    if (asked.problems.length > 0) throw new Error(`the inventory is wrong: ${JSON.stringify(asked.problems)}`);
    digest = asked.digest;
  });
  const apply = await timed(() => client.call('hosts.importApply', { format: 'csv', text, digest }));
  const known = fleet.hosts.map(({ address, port }) => `[${address}]:${port} ${fleet.hostKey.publicLine}\n`).join('');
  const hostKeys = await timed(() => client.call('hostKeys.import', { text: known }));
  return { preview, apply, hostKeys };
}
