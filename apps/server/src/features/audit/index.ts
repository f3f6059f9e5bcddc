import type { CheckpointTarget } from '@omanager/contract';
import { type Bus, createWaiter } from '../../bus/bus.ts';
import type { Database } from '../../db/database.ts';
import { parted } from '../../db/fitting.ts';
import type { HandlersOf } from '../../rpc/handlers.ts';
import type { Sealer } from '../vault/sealer.ts';
import { type ActivityHandlers, createActivityHandlers } from './activity/handlers.ts';
import { createAgentKeys } from './agentKeys/agentKeys.ts';
import { type AgentHandlers, createAgentHandlers } from './agentKeys/handlers.ts';
import { type CommandHandlers, createCommandHandlers } from './commands/handlers.ts';
import { type Commands, createCommands } from './commands/index.ts';
import type { AlertTargetHandlers } from './delivery/handlers.ts';
import { createExports } from './exports.ts';
import { followEvents } from './followEvents.ts';
import type { CheckClaims } from './ingest/agentBatches.ts';
import { type CheckpointSettings, checkpointPlaces, readTargets } from './ledger/checkpointStates.ts';
import { createCheckpointTargets } from './ledger/checkpointTargets.ts';
import { createLedgerHandlers, type LedgerHandlers } from './ledger/handlers.ts';
import { createLedger, type Ledger } from './ledger/ledger.ts';
import { createLooks } from './looks.ts';
import type { AlertHandlers } from './rules/handlers.ts';
import { createAlerts } from './rules/index.ts';
import type { DescribeHosts } from './rules/matcher.ts';
import { createAuditStore } from './store.ts';
import { createTimelineHandlers, type TimelineHandlers, type Told } from './timeline/handlers.ts';
import { writeAudit } from './writer.ts';

interface Options {
  db: Database;
  bus: Bus;
  sealer: Sealer;
  /** Where checkpoints of the ledger go. */
  checkpoints: CheckpointSettings;
  /** What the registry knows of servers. */
  hosts: {
    nameOf(id: string): Promise<string | undefined>;
    idOf(name: string): Promise<string | undefined>;
    describe: DescribeHosts;
  };
  /** What others know of servers and users. */
  told: Told & { hostIdsOfRun(runId: string): Promise<string[]> };
  checkClaims: CheckClaims;
  /** The newest of agents. */
  agentVersion: string;
  /** How long commands are kept; null: for ever. */
  keepCommandsMs: number | null;
  /** Networks of the original's agents; none: they are not heard. */
  legacyFrom: readonly string[];
  /** Networks to which alerts may be sent although they are not public. */
  alertNetworks: readonly string[];
  log: { info(details: object, message: string): void; error(details: object, message: string): void };
}

export interface Audit {
  handlers: HandlersOf<'audit.list' | 'audit.follow' | 'audit.export'> &
    LedgerHandlers &
    CommandHandlers &
    AlertHandlers &
    AlertTargetHandlers &
    ActivityHandlers &
    TimelineHandlers &
    AgentHandlers;
  ledger: Ledger;
  commands: Commands;
  /** Where checkpoints go, and how that does. */
  checkpoints(): Promise<CheckpointTarget[]>;
}

/** What operators did: read, and followed; writing is `writeAudit`, in the transaction of each act. And what was typed on hosts. */
export function createAudit({ db, bus, ...options }: Options): Audit {
  const { hosts, told, sealer, checkpoints, log } = options;
  const known = { hostIdOf: hosts.idOf, nameOf: hosts.nameOf, hostIdsOfRun: told.hostIdsOfRun };
  const looks = createLooks({ db, bus, audit: writeAudit });
  const { looked, exported } = looks;
  const looking = { db, bus, audit: writeAudit, known, looked };
  const keys = createAgentKeys({ db, sealer });
  const exports = createExports({ db, sealer, audit: writeAudit });
  const commands = createCommands({ ...options, db, bus, keys, audit: writeAudit });
  const alerts = createAlerts({
    ...{ db, bus, sealer, audit: writeAudit, describe: hosts.describe, looked, log },
    networks: options.alertNetworks,
  });
  const store = createAuditStore(db);
  const places = checkpointPlaces(checkpoints);
  return {
    ledger: createLedger({ db, sealer, targets: createCheckpointTargets({ db, settings: checkpoints, log }), log }),
    commands: {
      ...commands,
      start() {
        commands.start();
        alerts.start();
      },
      async stop() {
        await commands.stop();
        await alerts.stop();
      },
    },
    checkpoints: () => readTargets(db.knex, places),
    handlers: {
      ...alerts.handlers,
      ...createLedgerHandlers({ db, audit: writeAudit, places, looked }),
      ...createAgentHandlers({ db, describe: hosts.describe, agentVersion: options.agentVersion }),
      ...createCommandHandlers({ ...looking, looks, exports, tagRisks: alerts.tagRisks }),
      ...createActivityHandlers(looking),
      ...createTimelineHandlers({ ...looking, told }),
      'audit.list': async ({ actor }, params) => {
        const page = await store.list(params);
        const { cursor: _, limit: __, ...asked } = params;
        await looked(actor, 'audit.list', asked);
        return page;
      },
      'audit.follow': async function* (call, { after, ...filter }) {
        await looked(call.actor, 'audit.follow', filter);
        using news = createWaiter(bus, 'audit', call.signal, sweepMs);
        const { signal } = call;
        for await (const events of followEvents({ store, filter, after, wait: () => news.wait(), signal }))
          yield { events };
      },
      'audit.export': async function* (call, { skip = 0, limit = Number.POSITIVE_INFINITY, format, ...filter }) {
        const sealed = format && skip === 0 && exports.begin('actions', { actor: call.actor, filter, format });
        const upTo = await store.newestId();
        await exported(call.actor, 'audit.export', { ...filter, skip });
        let passed = 0;
        let whole = true;
        for (let after = ''; !call.signal.aborted; ) {
          const found = await store.between(after, upTo, filter, exportedAtOnce);
          const events = found.slice(0, limit - passed);
          whole = events.length === found.length;
          const wanted = events.slice(Math.max(0, skip - passed));
          passed += events.length;
          if (sealed) sealed.add(events);
          for (const part of parted(wanted)) yield { events: part };
          after = events.at(-1)?.id ?? upTo;
          if (!whole || found.length < exportedAtOnce) break;
        }
        if (sealed && !call.signal.aborted) yield { events: [], seal: await sealed.seal(whole) };
      },
    },
  };
}

const sweepMs = 1000;
const exportedAtOnce = 500;
