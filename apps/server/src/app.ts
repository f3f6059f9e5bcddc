import { readFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { encodeKey } from '@omanager/secure-channel';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { sealTo, shardContext } from './channel/sealedBox.ts';
import { loadPrimitives } from './channel/sodiumPrimitives.ts';
import type { Config } from './config.ts';
import { openDatabase } from './db/database.ts';
import { migrate } from './db/migrate.ts';
import { createSshEngine } from './engines/ssh/index.ts';
import { createShardStore } from './engines/ssh/shard.ts';
import { encodeHosts, encodePlan } from './engines/ssh/shardMessage.ts';
import { createAccess } from './features/access/index.ts';
import { createAgentKeys } from './features/audit/agentKeys/agentKeys.ts';
import { createAudit } from './features/audit/index.ts';
import { createCheckClaims } from './features/audit/ingest/claims.ts';
import { writeAudit } from './features/audit/writer.ts';
import { createInventory, endpointKey } from './features/inventory/index.ts';
import { createModules } from './features/modules/index.ts';
import { lostAttempts } from './features/runs/claims/lostAttempts.ts';
import { createZoneWork } from './features/runs/claims/zoneWork.ts';
import { createDiscardCount } from './features/runs/execute/budget.ts';
import { createDiskWatch } from './features/runs/execute/budgetDisk.ts';
import { describeNewest, newestSql } from './features/runs/history/lastRuns.ts';
import { ranOn } from './features/runs/history/ranOn.ts';
import { createRuns } from './features/runs/index.ts';
import { createPlanStore } from './features/runs/plan/planStore.ts';
import { createRetention } from './features/runs/retention/retention.ts';
import { createRunUsage } from './features/runs/usage.ts';
import { createTerminal } from './features/terminal/index.ts';
import { recordedOn } from './features/terminal/recordedOn.ts';
import { createVault, loadSealer } from './features/vault/index.ts';
import { createWorkers, createWorkerZones } from './features/workers/index.ts';
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

/** Builds the whole server without listening: lists the features in order and wires what they need of each other. */
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

  const access = createAccess({
    db,
    sealer,
    audit: writeAudit,
    serverPublicKey,
    linkOrigin: () => linkOrigin(config, listeningPort),
    workerOfKey: (...key) => workers.ofKey(...key),
    log,
  });
  building.defer(() => access.close());
  const vault = createVault({ db, sealer });
  const inventory = createInventory({
    db,
    audit: writeAudit,
    credentials: vault.names,
    history: { sql: newestSql, describe: describeNewest },
    zonesChanged: () => workerZones.refresh(),
  });
  const workerZones = createWorkerZones({ read: () => inventory.zones.reachedByWorkers(db.knex), log });
  building.defer(() => workerZones.close());
  await inventory.ensureDefaults();
  await workerZones.start();
  const modules = await createModules({
    db,
    folder: config.moduleDir,
    usage: createRunUsage(),
    preview: (...asked) => ssh.preview(...asked),
    log,
  });
  const audit = createAudit({
    ...{ db, bus, sealer, checkpointFile: config.checkpointFile, log },
    hosts: inventory.names,
    checkClaims: createCheckClaims({
      runs: (claims) => ranOn(db.knex, claims),
      terminals: (claims) => recordedOn(db.knex, claims),
    }),
    keepCommandsMs: config.commands.keepMs,
    legacyFrom: config.commands.legacyFrom,
  });
  building.defer(() => audit.ledger.stop());
  building.defer(() => audit.commands.stop());
  const plans = createPlanStore({ db, sealer });
  const agentKeys = createAgentKeys({ db, sealer });
  const shards = createShardStore({
    db,
    plans,
    lostAttempts,
    vault,
    inventory: { trustOf: inventory.hostKeys.trustOf },
    modules: modules.store,
    issueAgentKey: agentKeys.issue,
  });
  const ssh = createSshEngine({
    shards,
    endpointKey,
    hostKeys: inventory.hostKeys,
    onCredentialChange: vault.onChange,
    config: config.ssh,
  });
  building.defer(() => ssh.close());
  const disk = createDiskWatch({
    folder: config.dataDir,
    minFreeBytes: db.kind === 'sqlite' ? config.minFreeBytes : 0,
    log,
  });
  await disk.look();
  const discarded = createDiscardCount();
  const output = {
    capBytes: config.outputCapBytes,
    runCapBytes: config.runOutputCapBytes,
    diskIsLow: disk.isLow,
    onDiscard: discarded.add,
  };
  const retention = createRetention({ db, policy: config.retention, audit: writeAudit, log });
  const primitives = await loadPrimitives();
  const runs = createRuns({
    db,
    bus,
    queue,
    plans,
    inventory: {
      resolve: inventory.resolve,
      emptyTerms: inventory.emptyTerms,
      trustOf: inventory.hostKeys.trustOf,
      zoneLimits: inventory.zones.limits,
      endpointKey,
    },
    modules: { ...modules.offered, manifest: modules.store.manifest },
    bodies: ssh,
    engineFor: ssh.engineFor,
    secretKey: sealer.deriveKey('plan digest'),
    limits: config.limits,
    output,
    concurrency: config.concurrency,
    embedded: db.kind === 'sqlite',
    leaseMs: config.leaseMs,
    maxBusy: config.maxBusy,
    afterOk: { 'audit.remove': agentKeys.removed },
    workerZones: workerZones.current,
    log,
  });
  const workers = createWorkers({
    db,
    bus,
    queue,
    claims: runs.claims,
    work: createZoneWork(db),
    shards: {
      plan: async (runId) => encodePlan(await shards.plan(runId)),
      hosts: async (runId, ordinals, zoneId) =>
        encodeHosts(await shards.hosts(runId, ordinals), { zoneId, endpointKey }),
    },
    seal: (publicKey, bound, plain) => sealTo(primitives, publicKey, shardContext(bound), plain),
    hostKeys: {
      record: inventory.hostKeys.record,
      routes: async (runId, ordinals) =>
        new Map(
          (await plans.hosts(db.knex, await plans.idOfRun(db.knex, runId), { ordinals })).map((host) => [
            host.ordinal,
            host,
          ]),
        ),
    },
    zones: inventory.zones,
    credentials: { byIds: vault.names.byIds, onChange: vault.onChange },
    access,
    settings: { leaseMs: config.leaseMs, output },
  });
  building.defer(() => workers.close());

  const terminal = createTerminal({
    db,
    sealer,
    audit: writeAudit,
    audited: () => bus.publish('audit'),
    ports: {
      resolve: inventory.resolve,
      openShell: ssh.createShells({
        trustOf: (endpoints) => inventory.hostKeys.trustOf(db.knex, endpoints),
        openCredentials: vault.openMany,
      }),
      workerZones: workerZones.current,
      diskIsLow: disk.isLow,
    },
    settings: config.terminal,
    actorNow: ({ publicKey, address, sessionId }) =>
      access.actorOfKey(publicKey ?? '', address, { sessionId, pendingUserId: null }),
    authorize: access.authorize,
    log,
  });
  building.defer(() => terminal.close());
  await terminal.begin();

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
