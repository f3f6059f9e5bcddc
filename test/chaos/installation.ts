import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from '@omanager/client';
import { openDatabase } from '../../apps/server/src/db/database.ts';
import { workerOf } from '../../apps/server/src/features/workers/owner.ts';
import { generateKey } from '../lab/keys.ts';
import { type Mariadb, startMariadb } from '../lab/mariadb.ts';
import { enrolAdmin } from '../lab/operators.ts';
import { type LabRedis, startRedis } from '../lab/redis.ts';
import { startServer, type TestServer } from '../lab/server.ts';
import { startSshd } from '../lab/sshd.ts';
import { createUser } from '../lab/users.ts';
import { createWorkspace } from '../lab/workspace.ts';
import { startZoneWorker } from '../lab/zoneWorker.ts';
import { addHosts, hostName } from '../runs/rig.ts';

type LabWorker = Awaited<ReturnType<typeof startZoneWorker>>;

const zone = 'far';
const leaseSeconds = 5;

// One line an execution, written at once; the sleep is what a kill finds running.
const appends = `id: test.append
title: { en: Append a line, zh: 追加一行 }
risk: read
shell: |
  echo "$OM_RUN $OM_HOST $OM_ATTEMPT" >>"$HOME/lines/$OM_HOST"
  sleep 1.5
`;

/** Everything of a grown OManager, each part a process that can be killed and comes back. */
export interface Installation {
  mariadb: Mariadb;
  redis: LabRedis;
  apis: TestServer[];
  workers: LabWorker[];
  /** An admin's connection by way of each API process. */
  clients: Client[];
  /** How often each attempt was executed on a host: `run host attempt` → lines. */
  executions(): Map<string, number>;
  /** Scripts of the module that are alive on the hosts at this moment. */
  alive(): number;
  /** Hosts that the store says are running; only those of one worker, when it is named. */
  running(workerId?: string): Promise<number>;
  stop(): Promise<void>;
}

/** MariaDB with durable settings, Redis, two pure API processes, three workers of one zone, and hosts of a real sshd. */
export async function startInstallation(hosts: number): Promise<Installation> {
  await using stack = new AsyncDisposableStack();
  const workspace = createWorkspace('chaos');
  stack.defer(() => workspace.remove());
  const modules = join(workspace.dir, 'modules');
  mkdirSync(modules, { mode: 0o700 });
  writeFileSync(join(modules, 'append.yaml'), appends, { mode: 0o600 });

  const [mariadb, redis] = await Promise.all([startMariadb(), startRedis()]);
  stack.defer(() => mariadb.stop());
  stack.defer(() => redis.stop());
  const key = generateKey();
  const user = await createUser({ authorizedKey: key.publicLine });
  stack.defer(() => user.remove());
  const sshd = await startSshd({ addresses: hosts, config: ['LogLevel ERROR'] });
  stack.defer(() => sshd.stop());

  const database = await mariadb.createDatabase();
  const store = openDatabase({ kind: 'mysql', url: database, verifyTls: false });
  stack.defer(() => store.close());
  const env = {
    OM_MODULE_DIR: modules,
    OM_REDIS_URL: redis.url,
    OM_LEASE_SECONDS: String(leaseSeconds),
    OM_SSH_CONNECT_SECONDS: '30',
    OM_LOG_LEVEL: 'warn',
  };
  const first = await startServer({ database, env, args: ['--no-worker'] });
  stack.defer(() => first.stop());
  const admin = await enrolAdmin(first);
  stack.defer(() => admin.client.close());
  const dataDir = join(workspace.dir, 'second');
  cpSync(first.dataDir, dataDir, { recursive: true });
  const second = await startServer({ database, env, args: ['--no-worker'], dataDir });
  stack.defer(() => second.stop());
  const other = admin.connect(second.port);
  stack.defer(() => other.close());

  const { client } = admin;
  await client.call('credentials.add', { name: 'lab', secret: { kind: 'key', privateKey: key.privateKey } });
  await client.call('zones.save', { zone: { name: zone, hostKeyPolicy: 'accept', reach: 'worker' } });
  await addHosts(
    client,
    sshd.addresses.map((address, i) => ({
      name: hostName(i),
      address,
      port: sshd.port,
      user: user.name,
      credential: 'lab',
      zone,
    })),
  );
  const apis = [first, second];
  const workers: LabWorker[] = [];
  for (const name of ['w1', 'w2', 'w3']) {
    const ports = apis.map(({ port }) => port);
    const { serverPublicKey } = admin;
    const worker = await startZoneWorker({ name, zone, ports, serverPublicKey, admin, concurrency: 60 });
    stack.defer(() => worker.stop());
    workers.push(worker);
  }
  const lines = join(user.home, 'lines');
  mkdirSync(lines);
  chmodSync(lines, 0o777);
  const kept = stack.move();
  return {
    mariadb,
    redis,
    apis,
    workers,
    clients: [client, other],
    executions() {
      const counts = new Map<string, number>();
      for (const file of readdirSync(lines)) {
        for (const line of readFileSync(join(lines, file), 'utf8').trimEnd().split('\n'))
          counts.set(line, (counts.get(line) ?? 0) + 1);
      }
      return counts;
    },
    alive: () => user.processes().filter(({ command }) => command === 'sleep 1.5').length,
    async running(workerId) {
      const rows: { worker: string }[] = await store.knex('run_hosts').where({ state: 'running' }).select('worker');
      return rows.filter(({ worker }) => workerId === undefined || workerOf(worker) === workerId).length;
    },
    stop: () => kept.disposeAsync(),
  };
}
