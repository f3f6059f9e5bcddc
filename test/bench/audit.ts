import { randomBytes, randomUUID } from 'node:crypto';
import type { Database } from '../../apps/server/src/db/database.ts';
import { eventId, makeBatchId } from '../../apps/server/src/features/audit/commands/batchId.ts';
import { commandFields } from '../../apps/server/src/features/audit/commands/commandEvent.ts';
import { readCommands } from '../../apps/server/src/features/audit/commands/commandPages.ts';
import { insertBatch } from '../../apps/server/src/features/audit/commands/commandStore.ts';
import { monthOf } from '../../apps/server/src/features/audit/commands/months.ts';
import { aboutHost } from '../../apps/server/src/features/audit/commands/newCommand.ts';
import { dropMonth } from '../../apps/server/src/features/audit/commands/partitions.ts';
import { idFrom } from '../../apps/server/src/features/audit/eventFilter.ts';
import { leafOf } from '../../apps/server/src/features/audit/ledger/leaf.ts';
import { loadLedgerKey, storedPublicKey } from '../../apps/server/src/features/audit/ledger/ledgerKey.ts';
import { sealNext } from '../../apps/server/src/features/audit/ledger/sealing.ts';
import { verifyLedger } from '../../apps/server/src/features/audit/ledger/verify.ts';
import { createSealer } from '../../apps/server/src/features/vault/sealer.ts';
import { databases } from '../store/databases.ts';
import { commandOf, perBatch, startAuditServer } from './auditRig.ts';
import { figureOf, printFigures, printRatio, timed } from './figures.ts';

interface Options {
  rounds: number;
  /** Stored before pages are timed; 0: that part is left out. */
  events: number;
  /** On this database only: `SQLite` or `MariaDB`. */
  only?: string | undefined;
}

const requests = 10_000;
const batches = 320;
const signal = new AbortController().signal;

/** What is stored durably in a second, beside what the parts can do bare; how fast the ledger is verified; pages of many events. */
export async function benchAudit({ rounds, events, only = '' }: Options): Promise<void> {
  for (const { name, missing, open } of databases) {
    if (missing || !name.includes(only)) continue;
    const { db, close } = await open();
    try {
      await measureIntake(db, name, rounds);
      await measureVerify(db, name);
      if (events > 0) await measurePages(db, name, events);
    } finally {
      await close();
    }
  }
}

async function measureIntake(db: Database, name: string, rounds: number): Promise<void> {
  const server = await startAuditServer(db);
  const taken = { bare: [] as number[], legacy: [] as number[], inserts: [] as number[], posts: [] as number[] };
  try {
    await server.bare(2000);
    for (let round = 0; round < rounds; round++) {
      taken.bare.push(await server.bare(requests));
      taken.legacy.push(await server.legacy(requests));
      taken.inserts.push(await bareInserts(db));
      taken.posts.push((await server.posts(batches)) * perBatch);
    }
  } finally {
    await server.close();
  }
  const figures = {
    bare: figureOf('a bare Fastify route, GET', 'requests/s', taken.bare),
    legacy: figureOf('the original’s GET, each on disk', 'events/s', taken.legacy),
    inserts: figureOf(`bare inserts of ${perBatch} rows`, 'rows/s', taken.inserts),
    posts: figureOf(`signed POST of ${perBatch}, each on disk`, 'events/s', taken.posts),
  };
  printFigures(`audit: events taken in, ${name}`, Object.values(figures));
  const get = figures.legacy.median / figures.bare.median;
  const post = figures.posts.median / figures.inserts.median;
  printRatio('GET over the bare route', get, '≥ 0.5', get >= 0.5);
  printRatio('POST over bare inserts', post, '≥ 0.6', post >= 0.6);
}

/** The same rows, without leaves being made: a transaction for each statement, several under way where there may be. */
async function bareInserts(db: Database): Promise<number> {
  const made = Array.from({ length: batches }, () => rowsOf(makeBatchId(Date.now()), perBatch, Date.now()));
  const lanes = db.kind === 'mysql' ? 4 : 1;
  let next = 0;
  const ms = await timed(() =>
    Promise.all(
      Array.from({ length: lanes }, async () => {
        for (let at = next++; at < made.length; at = next++) {
          const batch = made[at];
          if (batch) await db.transaction((tx) => insertBatch(tx, db.kind, batch));
        }
      }),
    ),
  );
  return (batches * perBatch * 1000) / ms;
}

function rowsOf(batch: string, count: number, at: number, hosts: readonly string[] = ['bench']) {
  const rows = Array.from({ length: count }, (_, place) => {
    const n = Math.floor(Math.random() * 1e6);
    const host = hosts[n % hosts.length] ?? '';
    const origin = {
      hostId: host,
      hostName: host.slice(0, 8),
      address: '10.0.0.1',
      boot: host,
      signed: true,
      receivedAt: at,
    };
    const event = {
      ...aboutHost(origin, { kind: 'command', at: at + place, text: commandOf(n) }),
      user_name: `user${n % 50}`,
    };
    const row = { id: eventId(batch, place), ...event };
    const salt = randomBytes(16);
    return { ...row, salt, leaf: leafOf(salt, commandFields(row)) };
  });
  return { batch, rows };
}

async function measureVerify(db: Database, name: string): Promise<void> {
  const key = await loadLedgerKey(db, createSealer([{ id: '0123456789abcdef', key: randomBytes(32) }]));
  const sealed = await timed(async () => {
    while (await sealNext({ db, key, heartbeatMs: 3_600_000 }));
  });
  const publicKey = await storedPublicKey(db.knex);
  if (!publicKey) throw new Error('there is no key');
  const rates: number[] = [];
  let events = 0;
  for (let round = 0; round < 3; round++) {
    const ms = await timed(async () => {
      const verdict = await verifyLedger({ knex: db.knex, key: publicKey, keyGiven: true, checkpoints: [], signal });
      if (!verdict.intact) throw new Error(JSON.stringify(verdict.findings));
      events = verdict.events;
    });
    rates.push((events * 1000) / ms);
  }
  const verify = figureOf('verify', 'events/s', rates);
  printFigures(`audit: the ledger of ${events} commands, ${name}`, [
    figureOf('seal', 'events/s', [(events * 1000) / sealed]),
    verify,
  ]);
  printRatio('verify, over its aim of 100,000 events/s', verify.median / 100_000, '≥ 1', verify.median >= 100_000);
}

/** Events of a month that is over, on a thousand hosts: pages by several filters, then the removal of the month. */
async function measurePages(db: Database, name: string, events: number): Promise<void> {
  const hosts = Array.from({ length: 1000 }, () => randomUUID());
  const month = monthOf(Date.now());
  const begin = month.beginMs;
  const span = Math.max(1, Math.floor((Date.now() - begin) / Math.ceil(events / 1000)));
  for (let at = 0; at < events; at += 20_000)
    await db.transaction(async (tx) => {
      for (let batch = at; batch < Math.min(events, at + 20_000); batch += 1000) {
        const ms = begin + (batch / 1000) * span;
        await insertBatch(tx, db.kind, rowsOf(makeBatchId(ms), 1000, ms, hosts));
      }
    });
  const [host = ''] = hosts;
  const middle = { fromMs: begin + (Date.now() - begin) / 2, toMs: Date.now() };
  const cases = {
    newest: { filter: {}, period: {} },
    'a host': { filter: { host: { id: host } }, period: {} },
    'a user': { filter: { user: 'user7' }, period: {} },
    'a host, a text': { filter: { host: { id: host }, text: 'nginx' }, period: {} },
    'host, user, text, time': { filter: { host: { id: host }, user: 'user7', text: 'error' }, period: middle },
    'a rare text, a page': { filter: { text: 'is not there' }, period: {} },
    'failed ones, a page': { filter: { exit: 'failed' as const }, period: {} },
  };
  const figures = [];
  for (const [what, { filter, period }] of Object.entries(cases)) {
    const took: number[] = [];
    for (let round = 0; round < 5; round++)
      took.push(await timed(() => readCommands(db, { filter, period, limit: 200 })));
    figures.push(figureOf(what, 'ms', took));
  }
  printFigures(`audit: pages of 200 out of ${events} commands from ${idFrom(begin)} on, ${name}`, figures);
  const worst = Math.max(...figures.map(({ median }) => median));
  printRatio('the slowest page, over its aim of 300 ms', worst / 300, '≤ 1', worst <= 300);
  const dropped = await timed(() => dropMonth(db, month, signal));
  printRatio(
    `dropping the month took ${dropped.toFixed(0)} ms, over its aim of 5 s`,
    dropped / 5000,
    '≤ 1',
    dropped <= 5000,
  );
}
