import type { Client } from '@omanager/client';
import { type SimulatedFleet, startFleet } from '../lab/fleet.ts';
import { startMariadb } from '../lab/mariadb.ts';
import { enrolAdmin } from '../lab/operators.ts';
import { startRedis } from '../lab/redis.ts';
import { startServer } from '../lab/server.ts';
import { startZoneWorker } from '../lab/zoneWorker.ts';
import { runOn } from '../runs/rig.ts';
import { type Figure, figureOf, printFigures, printRatio, timed } from './figures.ts';
import { makeKnown } from './scaleRig.ts';

const hosts = 1000;
/** What one process works on at a time: with as long a script as this, the processes are what limits a run. */
const concurrency = 100;
const scriptMs = 500;
const output = ' 10:00:00 up 12 days,  3:04,  0 users,  load average: 0.08, 0.02, 0.01\n';

interface Setup {
  name: string;
  redis: boolean;
  zoneWorkers: number;
}

const setups: Setup[] = [
  { name: 'embedded', redis: false, zoneWorkers: 0 },
  { name: 'BullMQ, worker in the server', redis: true, zoneWorkers: 0 },
  { name: 'BullMQ, one zone worker', redis: true, zoneWorkers: 1 },
  { name: 'BullMQ, two zone workers', redis: true, zoneWorkers: 2 },
];

/**
 * The same run on 1,000 simulated hosts, all on MariaDB: woken inside the server, by BullMQ on Redis, and executed by
 * zone workers. Short scripts show what a wake-up and the way to a worker cost, long ones what a second worker is worth.
 */
export async function benchQueue(rounds: number): Promise<void> {
  await using stack = new AsyncDisposableStack();
  const fleet = await startFleet({ hosts, behaviour: { output } });
  stack.defer(() => fleet.stop());
  const [mariadb, redis] = await Promise.all([startMariadb(), startRedis()]);
  stack.defer(() => mariadb.stop());
  stack.defer(() => redis.stop());
  const times: Record<string, number[]> = {};
  const clients = new Map<string, Client>();
  for (const setup of setups) {
    const running = await start(setup, { fleet, database: await mariadb.createDatabase(), redisUrl: redis.url });
    stack.defer(() => running[Symbol.asyncDispose]());
    clients.set(setup.name, running.client);
    // The first run connects.
    await expectAllOk(running.client);
  }
  // In turn, so that all meet the same moments of the machine.
  for (let i = 0; i < rounds; i++) {
    for (const [kind, latencyMs] of [['short', 0] as const, [`${scriptMs} ms`, scriptMs] as const]) {
      await fleet.behave({ output, latencyMs });
      for (const [setup, client] of clients) {
        const name = `${kind} scripts, ${setup}`;
        times[name] = [...(times[name] ?? []), await timed(() => expectAllOk(client))];
      }
    }
  }
  const figures: Figure[] = Object.entries(times).map(([name, values]) => figureOf(name, 'ms', values));
  printFigures(`${hosts} simulated hosts on MariaDB, ${concurrency} at a time in each process`, figures);
  const median = (name: string) => figures.find((figure) => figure.name === name)?.median ?? Number.NaN;
  const ratio = (a: string, b: string, aim: string, holds: (r: number) => boolean) => {
    const value = median(a) / median(b);
    printRatio(`${a} / ${b}`, value, aim, holds(value));
  };
  const short = (name: string) => `short scripts, ${name}`;
  const long = (name: string) => `${scriptMs} ms scripts, ${name}`;
  ratio(short('BullMQ, worker in the server'), short('embedded'), '≤ 1.3', (r) => r <= 1.3);
  ratio(short('BullMQ, one zone worker'), short('embedded'), '≤ 1.3', (r) => r <= 1.3);
  ratio(long('BullMQ, two zone workers'), long('BullMQ, one zone worker'), '< 1', (r) => r < 1);
}

async function start(
  { redis, zoneWorkers }: Setup,
  { fleet, database, redisUrl }: { fleet: SimulatedFleet; database: string; redisUrl: string },
): Promise<AsyncDisposable & { client: Client }> {
  await using stack = new AsyncDisposableStack();
  const env = {
    OM_LOG_LEVEL: 'warn',
    OM_CONCURRENCY: String(concurrency),
    OM_SSH_CONNECTIONS: String(hosts),
    OM_SSH_IDLE_SECONDS: '3600',
    ...(redis ? { OM_REDIS_URL: redisUrl, OM_REDIS_PREFIX: `bench${zoneWorkers}` } : {}),
  };
  const args = zoneWorkers > 0 ? ['--no-worker'] : [];
  const server = await startServer({ database, env, args });
  stack.defer(() => server.stop());
  const admin = await enrolAdmin(server);
  stack.defer(() => admin.client.close());
  const reach = zoneWorkers > 0 ? ('worker' as const) : ('server' as const);
  await admin.client.call('zones.save', { zone: { name: 'default', reach } });
  await makeKnown(admin.client, fleet);
  for (let i = 1; i <= zoneWorkers; i++) {
    const worker = await startZoneWorker({
      name: `w${i}`,
      zone: 'default',
      ports: [server.port],
      serverPublicKey: admin.serverPublicKey,
      concurrency,
      env: { OM_LOG_LEVEL: 'warn', OM_SSH_CONNECTIONS: String(hosts), OM_SSH_IDLE_SECONDS: '3600' },
      admin,
    });
    stack.defer(() => worker.stop());
  }
  const kept = stack.move();
  return { client: admin.client, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

async function expectAllOk(client: Client): Promise<void> {
  const { run } = await runOn(client, { module: 'system.uptime', selector: '*', parallel: 1000 });
  if (run.counts.ok !== hosts)
    throw new Error(`only ${run.counts.ok} of ${hosts} were ok: ${JSON.stringify(run.counts)}`);
}
