import { randomBytes } from 'node:crypto';
import type { CommandEvent } from '@omanager/contract';
import type { Database } from '../../apps/server/src/db/database.ts';
import type { CommandFilter, Period } from '../../apps/server/src/features/audit/commands/commandFilter.ts';
import { type Place, readCommands } from '../../apps/server/src/features/audit/commands/commandPages.ts';
import { createCommandRetention } from '../../apps/server/src/features/audit/commands/commandRetention.ts';
import { loadLedgerKey } from '../../apps/server/src/features/audit/ledger/ledgerKey.ts';
import { sealNext } from '../../apps/server/src/features/audit/ledger/sealing.ts';
import { writeAudit } from '../../apps/server/src/features/audit/writer.ts';
import { createSealer } from '../../apps/server/src/features/vault/sealer.ts';
import { openMariadb } from '../store/databases.ts';
import { type Millions, storeMillions } from './auditMillions.ts';
import { measureTail } from './auditTail.ts';
import { verifyRates } from './auditVerify.ts';
import { figureOf, printFigures, printRatio, progressOf, timed } from './figures.ts';

/** As a server for so many events has them; the tests' MariaDB has the least that works. */
const settings = ['--innodb-buffer-pool-size=2G', '--innodb-log-file-size=1G'];
const signal = new AbortController().signal;
const limit = 200;
const deep = 10;

/** Pages, live tail, verification and retention among millions of events in MariaDB. */
export async function measureMillions(events: number): Promise<void> {
  console.log(`\naudit: ${events} events in MariaDB are made`);
  const { db, close } = await openMariadb(...settings);
  try {
    const stored = await storeMillions(db, events);
    await sealAll(db, events);
    await measurePages(db, stored, events);
    await measureTail(db);
    const rates = await verifyRates(db, 1);
    printFigures('audit: verify all of them', [figureOf('verify', 'events/s', rates)]);
    const [rate = 0] = rates;
    printRatio('verify, over its aim of 100,000 events/s', rate / 100_000, '≥ 1', rate >= 100_000);
    await measureRemoval(db, stored);
  } finally {
    await close();
  }
}

async function sealAll(db: Database, events: number): Promise<void> {
  const key = await loadLedgerKey(db, createSealer([{ id: '0123456789abcdef', key: randomBytes(32) }]));
  const progress = progressOf('sealed', events);
  for (let sealed = 0; ; ) {
    const block = await sealNext({ db, key, heartbeatMs: 3_600_000 });
    if (!block) return progress('sealed');
    sealed += block.events;
    progress(Math.min(sealed, events - 1));
  }
}

async function measurePages(db: Database, { hosts, months }: Millions, events: number): Promise<void> {
  const host = { id: hosts[0] ?? '' };
  const [, second] = months;
  const period: Period = { fromMs: second?.beginMs, toMs: second?.endMs };
  const cases: Record<string, { filter: CommandFilter; period?: Period }> = {
    'no filter': { filter: {} },
    host: { filter: { host } },
    user: { filter: { user: 'user7' } },
    'text, common': { filter: { text: 'nginx' } },
    'text, rare': { filter: { text: '# 12345' } },
    'text, nowhere': { filter: { text: 'is not there' } },
    time: { filter: {}, period },
    'host, user': { filter: { host, user: 'user7' } },
    'host, text': { filter: { host, text: 'nginx' } },
    'user, text': { filter: { user: 'user7', text: 'error' } },
    'host, text nowhere': { filter: { host, text: 'is not there' } },
    'time, text nowhere': { filter: { text: 'is not there' }, period },
    'host, user, text, time': { filter: { host, user: 'user7', text: 'error' }, period },
    'failed ones': { filter: { exit: 'failed' } },
  };
  const figures = [];
  for (const [what, { filter, period: within = {} }] of Object.entries(cases)) {
    const took: number[] = [];
    let shown = 0;
    let before: Place | undefined;
    for (let page = 0; page < deep; page++) {
      let items: CommandEvent[] = [];
      const asked = { filter, period: within, before, limit };
      let next: Place | undefined;
      took.push(
        await timed(async () => {
          ({ items, next } = await readCommands(db, asked));
        }),
      );
      shown += items.length;
      before = next;
      if (!next) break;
    }
    figures.push(figureOf(`${what} (${took.length} pages, ${shown} events)`, 'ms', took));
  }
  printFigures(`audit: pages of ${limit} out of ${events} commands of four months, MariaDB`, figures);
  const worst = Math.max(...figures.map(({ max }) => max));
  printRatio('the slowest page of all, over its aim of 300 ms', worst / 300, '≤ 1', worst <= 300);
}

/** The oldest month goes as it does in the product: said in the ledger before, then events, batches and counts. */
async function measureRemoval(db: Database, { months }: Millions): Promise<void> {
  const [oldest] = months;
  if (!oldest) return;
  const left = await db.knex('command_events').where('at', '<', oldest.endMs).count({ n: '*' }).first();
  const log = { info() {} };
  const retention = createCommandRetention({ db, audit: writeAudit, keepMs: Date.now() - oldest.endMs, log });
  const ms = await timed(() => retention.round(signal));
  printRatio(
    `removing a month of ${left?.n} events took ${ms.toFixed(0)} ms, over its aim of 5 s`,
    ms / 5000,
    '≤ 1',
    ms <= 5000,
  );
}
