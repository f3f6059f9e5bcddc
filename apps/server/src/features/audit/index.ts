import type { ActionEvent } from '@omanager/contract';
import { type Bus, createWaiter } from '../../bus/bus.ts';
import type { Database } from '../../db/database.ts';
import type { HandlersOf } from '../../rpc/handlers.ts';
import type { Sealer } from '../vault/sealer.ts';
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
  handlers: HandlersOf<'audit.list' | 'audit.follow'> & LedgerHandlers;
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
        let seen = after ?? (await store.newestId());
        while (!call.signal.aborted) {
          const events: ActionEvent[] = await store.after(seen, filter);
          const last = events.at(-1);
          if (last) {
            seen = last.id;
            yield { events };
          } else await news.wait();
        }
      },
    },
  };
}

const sweepMs = 1000;
