import type { Database } from '../../../db/database.ts';
import type { WriteAudit } from '../writer.ts';
import { createBuckets } from './buckets.ts';

export interface Refusal {
  address: string;
  /** Of the server, as the batch claims. */
  host?: string | undefined;
  code: string;
  details?: Record<string, unknown>;
}

/** One event for each address and cause in ten minutes, and so many in all: nobody fills the store with refusals. */
const eachRate = { burst: 1, perSecond: 1 / 600 };
const allRate = { burst: 60, perSecond: 1 / 30 };

/** Writes refused batches down as action events; `unsaid` counts those that were refused and not written. */
export function createRefusals({
  db,
  audit,
  audited,
  log,
}: {
  db: Database;
  audit: WriteAudit;
  audited(): void;
  log: { error(details: object, message: string): void };
}) {
  const each = createBuckets(eachRate);
  const all = createBuckets(allRate);
  let unsaid = 0;
  return (refusal: Refusal): void => {
    if (!each(`${refusal.address} ${refusal.code}`) || !all('')) {
      unsaid++;
      return;
    }
    const { address, host, code } = refusal;
    const details = { address, ...refusal.details, ...(unsaid > 0 ? { unsaid } : {}) };
    unsaid = 0;
    db.transaction((tx) =>
      audit(tx, {
        actor: { kind: 'system', name: 'audit agent' },
        action: 'agent.batch',
        ...{ object: host, outcome: 'refused', code, details },
      }),
    ).then(audited, (error) => log.error({ err: String(error).slice(0, 500) }, 'a refusal could not be written down'));
  };
}
