import { type Bus, createWaiter } from '../../bus/bus.ts';
import type { Database } from '../../db/database.ts';
import type { HandlersOf } from '../../rpc/handlers.ts';
import type { Sealer } from '../vault/sealer.ts';
import { followEvents } from './followEvents.ts';
import { createLedgerHandlers, type LedgerHandlers } from './ledger/handlers.ts';
import { createLedger, type Ledger } from './ledger/ledger.ts';
import { createAuditStore } from './store.ts';
import { writeAudit } from './writer.ts';

interface Options {
  db: Database;
  bus: Bus;
  sealer: Sealer;
  checkpointFile: string | null;
  log: { error(details: object, message: string): void };
}

/** What operators did: read, and followed. Writing is `writeAudit`, in the transaction of each act. */
export function createAudit({ db, bus, ...ledger }: Options): {
  handlers: HandlersOf<'audit.list' | 'audit.follow' | 'audit.export'> & LedgerHandlers;
  ledger: Ledger;
} {
  const store = createAuditStore(db);
  return {
    ledger: createLedger({ db, ...ledger }),
    handlers: {
      ...createLedgerHandlers({ db, audit: writeAudit }),
      'audit.list': (_call, params) => store.list(params),
      'audit.follow': async function* (call, { after, ...filter }) {
        using news = createWaiter(bus, 'audit', call.signal, sweepMs);
        const { signal } = call;
        for await (const events of followEvents({ store, filter, after, wait: () => news.wait(), signal }))
          yield { events };
      },
      'audit.export': async function* (call, { skip = 0, ...filter }) {
        const upTo = await store.newestId();
        await db.transaction((tx) =>
          writeAudit(tx, { actor: call.actor, action: 'audit.export', outcome: 'done', details: { ...filter, skip } }),
        );
        bus.publish('audit');
        let passed = 0;
        for (let after = ''; !call.signal.aborted; ) {
          const events = await store.between(after, upTo, filter, exportedAtOnce);
          const wanted = events.slice(Math.max(0, skip - passed));
          passed += events.length;
          if (wanted.length > 0) yield { events: wanted };
          after = events.at(-1)?.id ?? upTo;
          if (events.length < exportedAtOnce) return;
        }
      },
    },
  };
}

const sweepMs = 1000;
const exportedAtOnce = 500;
