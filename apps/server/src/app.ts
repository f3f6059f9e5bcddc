import { readFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { encodeKey } from '@omanager/secure-channel';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { loadPrimitives } from './channel/sodiumPrimitives.ts';
import type { Config } from './config.ts';
import { openDatabase } from './db/database.ts';
import { migrate } from './db/migrate.ts';
import { writeAudit } from './features/audit/writer.ts';
import { loadSealer } from './features/vault/index.ts';
import { createFeatures } from './features.ts';
import { createAdmission } from './http/admission.ts';
import { createGuards } from './http/guards.ts';
import { createSealedEndpoint } from './http/sealedEndpoint.ts';
import { buildHttp } from './http/server.ts';
import { openWebFiles } from './http/webFiles.ts';
import { linkOrigin } from './linkOrigin.ts';
import { createMetrics } from './metrics.ts';
import { startRounds } from './rounds.ts';
import { createCalls } from './rpc/calls.ts';
import { createConnections } from './rpc/connections.ts';
import { createDispatcher } from './rpc/dispatcher.ts';
import type { Handlers } from './rpc/handlers.ts';
import { loadServerKey } from './serverKey.ts';
import { version } from './version.ts';
import { openWakeUps } from './wakeUps.ts';

export interface App {
  http: FastifyInstance;
  serverPublicKey: string;
  /** The one-time link for the first admin, or null when there are users. */
  firstInvite(): Promise<string | null>;
  /** Begins the background work: sweeps and, unless told otherwise, the worker. */
  start(options?: { worker?: boolean }): void;
  /** Stops in order: no new work, clients told, hosts under way finished within the budget, store closed. */
  close(): Promise<void>;
}

const sweepMs = 5 * 60_000;
const keepCallsMs = 7 * 24 * 3_600_000;
const keepPlansMs = 24 * 3_600_000;

/** Builds the whole server without listening: its ground, its features, and the ways in. */
export async function buildApp(config: Config, log: Logger): Promise<App> {
  await using building = new AsyncDisposableStack();
  const db = openDatabase(config.database);
  building.defer(() => db.close());
  const applied = await migrate(db);
  if (applied.length > 0) log.info({ applied }, 'the database schema was brought up to date');
  const sealer = await loadSealer({ db, file: config.masterKeyFile });
  const serverKeyPair = await loadServerKey(config.dataDir);
  const serverPublicKey = encodeKey(serverKeyPair.publicKey);
  const { bus, queue, close: closeWakeUps } = await openWakeUps(config.redis, log);
  building.defer(closeWakeUps);
  let listeningPort = config.listen.port;

  const primitives = await loadPrimitives();
  const features = await createFeatures({
    ...{ config, db, bus, queue, sealer, primitives, serverPublicKey, building, log },
    linkOrigin: () => linkOrigin(config, listeningPort),
  });
  const { access, vault, inventory, modules, audit, ssh, runs, workers, terminal } = features;
  const { retention, disk, discarded } = features;

  const handlers: Handlers = {
    'system.info': async () => ({ name: 'OMServer', version, time: new Date().toISOString() }),
    ...access.handlers,
    ...vault.handlers,
    ...inventory.handlers,
    ...modules.handlers,
    ...runs.handlers,
    ...audit.handlers,
    ...workers.handlers,
    ...terminal.handlers,
  };
  const metrics = createMetrics({
    fleet: ssh.stats,
    worker: runs.worker.stats,
    connections: () => connections.count(),
    checkpoints: audit.checkpoints,
    store: { bytes: retention.storeBytes, runsRemoved: retention.runsRemoved },
    output: { discarded: discarded.totals, diskIsLow: disk.isLow },
    queue,
  });
  const calls = createCalls({ db, sealer });
  const dispatcher = createDispatcher({
    handlers,
    db,
    calls,
    audit: writeAudit,
    audited: () => bus.publish('audit'),
    authorize: access.authorize,
    log,
    observe: metrics.observeCall,
  });
  const connections = createConnections({
    dispatcher,
    authorize: access.authorize,
    actorOfKey: access.actorOfKey,
    log,
  });
  building.defer(access.onEpoch(() => void connections.recheck().catch(logged('rechecking connections'))));
  building.defer(access.onEpoch(() => void terminal.recheck()));
  const { allowedHosts, trustedProxies } = config;
  const guards = createGuards({ allowedHosts, trustedProxies, tls: config.tls !== null });
  const sealed = createSealedEndpoint({
    serverKeyPair,
    primitives,
    admission: createAdmission(),
    connections,
    addressOf: guards.addressOf,
    refuse: guards.refuse,
    handshakeMs: 10_000,
  });
  const http = buildHttp({
    guards,
    dispatcher,
    actorOfToken: access.actorOfToken,
    upgrade: (request: IncomingMessage, socket, head) => sealed.upgrade(request, socket, head),
    ready: async () => {
      try {
        await db.knex.raw('select 1');
        return null;
      } catch {
        return 'the database does not answer';
      }
    },
    intake: audit.commands.intake,
    metrics: metrics.text,
    metricsToken: config.metricsToken,
    webFiles: config.webRoot === null ? null : await openWebFiles(config.webRoot),
    tls: config.tls && { cert: await readFile(config.tls.certFile), key: await readFile(config.tls.keyFile) },
  });
  http.server.once('listening', () => {
    const address = http.server.address();
    if (typeof address === 'object' && address) listeningPort = address.port;
  });

  function logged(what: string) {
    return (error: unknown) => log.error({ err: String(error).slice(0, 500) }, `${what} failed`);
  }

  async function sweep(): Promise<void> {
    await access.sweep();
    await calls.prune(Date.now() - keepCallsMs);
    await runs.prune(Date.now() - keepPlansMs);
    await retention.round(closing.signal);
    await audit.commands.maintain(closing.signal);
    await terminal.sweep(closing.signal);
  }

  const closing = new AbortController();
  let sweeping: ReturnType<typeof startRounds> | undefined;
  const kept = building.move();
  return {
    http,
    serverPublicKey,
    async firstInvite() {
      return (await access.firstInvite())?.link ?? null;
    },
    start({ worker = true } = {}) {
      audit.ledger.start();
      audit.commands.start();
      void runs.sweeper.start().then(() => {
        if (worker) runs.worker.start();
      });
      sweeping = startRounds(sweepMs, () => sweep().catch(logged('sweeping')));
    },
    async close() {
      closing.abort();
      const swept = sweeping?.stop();
      runs.sweeper.stop();
      await sealed.close();
      await http.close();
      await runs.worker.stop(AbortSignal.timeout(config.stopMs));
      await swept;
      await kept.disposeAsync();
    },
  };
}
