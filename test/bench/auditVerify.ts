import { randomBytes } from 'node:crypto';
import type { Database } from '../../apps/server/src/db/database.ts';
import { threadsWorth } from '../../apps/server/src/features/audit/ledger/checkThreads.ts';
import { loadLedgerKey, storedPublicKey } from '../../apps/server/src/features/audit/ledger/ledgerKey.ts';
import { sealNext } from '../../apps/server/src/features/audit/ledger/sealing.ts';
import { verifyLedger } from '../../apps/server/src/features/audit/ledger/verify.ts';
import { createSealer } from '../../apps/server/src/features/vault/sealer.ts';
import { figureOf, printFigures, printRatio, timed } from './figures.ts';

const signal = new AbortController().signal;

/** How fast all that is stored is sealed, and verified. */
export async function measureVerify(db: Database, name: string): Promise<void> {
  const key = await loadLedgerKey(db, createSealer([{ id: '0123456789abcdef', key: randomBytes(32) }]));
  let events = 0;
  const sealed = await timed(async () => {
    for (;;) {
      const block = await sealNext({ db, key, heartbeatMs: 3_600_000 });
      if (!block) return;
      events += block.events;
    }
  });
  const verify = figureOf('verify', 'events/s', await verifyRates(db, 3));
  printFigures(`audit: the ledger of ${events} commands, ${name}`, [
    figureOf('seal', 'events/s', [(events * 1000) / sealed]),
    verify,
  ]);
  printRatio('verify, over its aim of 100,000 events/s', verify.median / 100_000, '≥ 1', verify.median >= 100_000);
}

/** Events a second, by verifications of the whole ledger as `omserver audit verify` makes them. */
export async function verifyRates(db: Database, rounds: number): Promise<number[]> {
  const publicKey = await storedPublicKey(db.knex);
  if (!publicKey) throw new Error('there is no key');
  const rates: number[] = [];
  for (let round = 0; round < rounds; round++) {
    let events = 0;
    const ms = await timed(async () => {
      const threads = { database: db.config, count: await threadsWorth(db.knex) };
      const asked = { knex: db.knex, key: publicKey, keyGiven: true, checkpoints: [], signal, threads };
      const verdict = await verifyLedger(asked);
      if (!verdict.intact) throw new Error(JSON.stringify(verdict.findings));
      events = verdict.events;
    });
    rates.push((events * 1000) / ms);
  }
  return rates;
}
