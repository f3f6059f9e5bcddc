import { v4 as uuid } from 'uuid';
import type { Database } from './database.ts';

/** A turn at work that one process at a time should do. It ends by itself when its holder is gone. */
export interface Lease {
  /** Takes or extends it, for another `leaseMs` of the database's clock. False: somebody else holds it. */
  hold(): Promise<boolean>;
  /** Gives it back; nothing happens when somebody else holds it by now. */
  release(): Promise<void>;
}

/** Each lease made here is a holder of its own, also in the same process. */
export function createLease(db: Database, name: string, leaseMs: number): Lease {
  const owner = uuid();
  return {
    hold: () =>
      db.transaction(async (tx) => {
        const now = await db.now(tx);
        await tx('leases').insert({ name, owner, until_at: 0 }).onConflict('name').ignore();
        const taken = await tx('leases')
          .where({ name })
          .andWhere((free) => free.where({ owner }).orWhere('until_at', '<=', now))
          .update({ owner, until_at: now + leaseMs });
        return taken > 0;
      }),
    async release() {
      await db.knex('leases').where({ name, owner }).update({ until_at: 0 });
    },
  };
}
