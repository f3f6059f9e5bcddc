import { randomBytes } from 'node:crypto';
import type { Database } from '../../apps/server/src/db/database.ts';
import { eventId, makeBatchId } from '../../apps/server/src/features/audit/commands/batchId.ts';
import { commandFields } from '../../apps/server/src/features/audit/commands/commandEvent.ts';
import { insertBatch } from '../../apps/server/src/features/audit/commands/commandStore.ts';
import { aboutHost } from '../../apps/server/src/features/audit/commands/newCommand.ts';
import { leafOf } from '../../apps/server/src/features/audit/ledger/leaf.ts';
import { databases } from '../store/databases.ts';
import { measureMillions } from './auditPages.ts';
import { type Crowd, commandOf, perBatch, startAuditServer } from './auditRig.ts';
import { measureVerify } from './auditVerify.ts';
import { figureOf, printFigures, printRatio, timed } from './figures.ts';

interface Options {
  rounds: number;
  /** So many more in MariaDB, for pages, live tail and the removal of a month; 0: that part is left out. */
  events: number;
  /** On this database only: `SQLite` or `MariaDB`. */
  only?: string | undefined;
}

const crowds: readonly (Crowd & { name: string })[] = [
  { name: '256 senders', senders: 256, requests: 10_000, anew: true },
  { name: '256 kept connections', senders: 256, requests: 10_000, anew: false },
  { name: '1,024 kept connections', senders: 1024, requests: 20_000, anew: false },
];
const batches = 320;

/** What is stored durably in a second, beside what the parts can do bare; how fast the ledger is verified; pages of many events. */
export async function benchAudit({ rounds, events, only = '' }: Options): Promise<void> {
  for (const { name, missing, open } of databases) {
    if (missing || !name.includes(only)) continue;
    console.log(`\naudit on ${name} …`);
    const { db, close } = await open();
    try {
      await measureIntake(db, name, rounds);
      await measureVerify(db, name);
    } finally {
      await close();
    }
  }
  if (events > 0 && 'MariaDB'.includes(only)) await measureMillions(events);
}

async function measureIntake(db: Database, name: string, rounds: number): Promise<void> {
  const server = await startAuditServer(db);
  const taken = { inserts: [] as number[], posts: [] as number[] };
  const pulled = crowds.map((crowd) => ({ ...crowd, bare: [] as number[], legacy: [] as number[] }));
  try {
    // Code is slow until it has run for a while: that is no part of the comparison.
    for (const crowd of crowds) {
      await server.bare(crowd);
      await server.legacy(crowd);
    }
    for (let round = 0; round < rounds; round++) {
      for (const { bare, legacy, ...crowd } of pulled) {
        bare.push(await server.bare(crowd));
        legacy.push(await server.legacy(crowd));
      }
      taken.inserts.push(await bareInserts(db));
      taken.posts.push((await server.posts(batches)) * perBatch);
    }
  } finally {
    await server.close();
  }
  const figures = {
    inserts: figureOf(`bare inserts of ${perBatch} rows`, 'rows/s', taken.inserts),
    posts: figureOf(`signed POST of ${perBatch}, each on disk`, 'events/s', taken.posts),
  };
  const gets = pulled.map(({ name: crowd, bare, legacy }) => ({
    crowd,
    bare: figureOf(`a bare Fastify route, GET, ${crowd}`, 'requests/s', bare),
    legacy: figureOf(`the original’s GET, each on disk, ${crowd}`, 'events/s', legacy),
  }));
  printFigures(`audit: events taken in, ${name}`, [
    ...gets.flatMap(({ bare, legacy }) => [bare, legacy]),
    ...Object.values(figures),
  ]);
  const post = figures.posts.median / figures.inserts.median;
  for (const { crowd, bare, legacy } of gets) {
    const ratio = legacy.median / bare.median;
    printRatio(`GET over the bare route, ${crowd}`, ratio, '≥ 0.5', ratio >= 0.5);
  }
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

function rowsOf(batch: string, count: number, at: number) {
  const host = 'bench';
  const rows = Array.from({ length: count }, (_, place) => {
    const n = Math.floor(Math.random() * 1e6);
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
    const fields = commandFields({ ...event, id: eventId(batch, place) });
    const salt = randomBytes(16);
    return { fields, salt, leaf: leafOf(salt, fields) };
  });
  return { batch, rows };
}
