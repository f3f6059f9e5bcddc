import type { Primitives } from '@omanager/secure-channel';
import type { Logger } from 'pino';
import { sealTo, shardContext } from './channel/sealedBox.ts';
import type { Config } from './config.ts';
import type { Database } from './db/database.ts';
import { createSshEngine } from './engines/ssh/index.ts';
import { createShardStore } from './engines/ssh/shard.ts';
import { encodeHosts, encodePlan } from './engines/ssh/shardMessage.ts';
import { createAccess } from './features/access/index.ts';
import type { LinkOrigin } from './features/access/link.ts';
import { createAgentKeys } from './features/audit/agentKeys/agentKeys.ts';
import { createAudit } from './features/audit/index.ts';
import { createCheckClaims } from './features/audit/ingest/claims.ts';
import { recordedEnd } from './features/audit/recordedEnd.ts';
import { writeAudit } from './features/audit/writer.ts';
import { createInventory, endpointKey } from './features/inventory/index.ts';
import { createModules } from './features/modules/index.ts';
import { lostAttempts } from './features/runs/claims/lostAttempts.ts';
import { createZoneWork } from './features/runs/claims/zoneWork.ts';
import { createDiscardCount } from './features/runs/execute/budget.ts';
import { createDiskWatch } from './features/runs/execute/budgetDisk.ts';
import { describeNewest, newestSql } from './features/runs/history/lastRuns.ts';
import { ranOn } from './features/runs/history/ranOn.ts';
import { hostIdsOfRun, runsBefore, statesOnHost } from './features/runs/history/runsBefore.ts';
import { createRuns } from './features/runs/index.ts';
import { createPlanStore } from './features/runs/plan/planStore.ts';
import { createRetention } from './features/runs/retention/retention.ts';
import { createRunUsage } from './features/runs/usage.ts';
import { createTerminal } from './features/terminal/index.ts';
import { recordedOn } from './features/terminal/recordedOn.ts';
import { recordingsBefore } from './features/terminal/recordingsBefore.ts';
import { createVault } from './features/vault/index.ts';
import type { Sealer } from './features/vault/sealer.ts';
import { createWorkers, createWorkerZones } from './features/workers/index.ts';
import type { WakeUps } from './wakeUps.ts';

/** What the features are built on, and the stack that ends what they start. */
export interface Ground {
  config: Config;
  db: Database;
  bus: WakeUps['bus'];
  queue: WakeUps['queue'];
  sealer: Sealer;
  primitives: Primitives;
  serverPublicKey: string;
  /** Where links to this server lead. */
  linkOrigin(): LinkOrigin;
  building: AsyncDisposableStack;
  log: Logger;
}

/** Lists the features in order and wires what they need of each other. */
export async function createFeatures(ground: Ground) {
  const { config, db, bus, queue, sealer, primitives, serverPublicKey, linkOrigin, building, log } = ground;
  const access = createAccess({
    db,
    sealer,
    audit: writeAudit,
    serverPublicKey,
    linkOrigin,
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
    ...{ db, bus, sealer, checkpoints: config.checkpoints, log },
    hosts: inventory.names,
    agentVersion: modules.agentVersion,
    checkClaims: createCheckClaims({
      runs: (claims) => ranOn(db.knex, claims),
      terminals: (claims) => recordedOn(db.knex, claims),
    }),
    told: {
      runs: (of, older) => runsBefore(db.knex, of, older),
      statesOnHost: (...asked) => statesOnHost(db.knex, ...asked),
      hostIdsOfRun: (runId) => hostIdsOfRun(db.knex, runId),
      recordings: (of, older) => recordingsBefore(db.knex, of, older),
    },
    keepCommandsMs: config.commands.keepMs,
    legacyFrom: config.commands.legacyFrom,
    alertNetworks: config.alertNetworks,
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
    bus,
    sealer,
    audit: writeAudit,
    audited: () => bus.publish('audit'),
    endedAs: (id) => recordedEnd(db.knex, id),
    ports: {
      resolve: inventory.resolve,
      hostsNow: (ids) => inventory.resolveIds(db.knex, ids),
      ...ssh.createDirect({
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

  return { access, vault, inventory, modules, audit, ssh, runs, workers, terminal, retention, disk, discarded };
}
