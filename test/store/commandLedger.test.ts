import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../../apps/server/src/db/database.ts';
import { createCommandRetention } from '../../apps/server/src/features/audit/commands/commandRetention.ts';
import { monthOf } from '../../apps/server/src/features/audit/commands/months.ts';
import { makePartitions, storedMonths } from '../../apps/server/src/features/audit/commands/partitions.ts';
import {
  type LedgerKey,
  loadLedgerKey,
  storedPublicKey,
} from '../../apps/server/src/features/audit/ledger/ledgerKey.ts';
import { proveEvent } from '../../apps/server/src/features/audit/ledger/proof.ts';
import { sealNext } from '../../apps/server/src/features/audit/ledger/sealing.ts';
import { verifyLedger } from '../../apps/server/src/features/audit/ledger/verify.ts';
import { writeAudit } from '../../apps/server/src/features/audit/writer.ts';
import { createSealer } from '../../apps/server/src/features/vault/sealer.ts';
import { commandTables, createIntakeRig, recordLine } from './commandsRig.ts';
import { databases, type TestDatabase } from './databases.ts';

const signal = new AbortController().signal;
const script = fileURLToPath(new URL('../../docs/verify-proof.mjs', import.meta.url));

/** A value of the same kind. */
function otherThan(value: unknown): unknown {
  if (Buffer.isBuffer(value)) return Buffer.concat([Buffer.from([(value[0] ?? 0) ^ 1]), value.subarray(1)]);
  if (typeof value === 'string') return (value.startsWith('f') ? 'e' : 'f') + value.slice(1);
  return value === null ? 1 : value === 1 ? 0 : Number(value) + 100;
}

describe.each(databases)('commands in the ledger on $name', ({ missing, open }) => {
  describe.skipIf(missing)('', () => {
    let database: TestDatabase;
    let db: Database;
    let key: LedgerKey;
    /** Of two blocks of commands, with one of actions between them: the ids of their events. */
    let first: string[];
    let second: string[];

    beforeAll(async () => {
      database = await open();
      db = database.db;
      return () => database.close();
    });
    beforeEach(async () => {
      for (const table of [...commandTables, 'action_events', 'ledger_blocks', 'ledger_keys'])
        await db.knex(table).delete();
      key = await loadLedgerKey(db, createSealer([{ id: '0123456789abcdef', key: randomBytes(32) }]));
      const agent = await (await createIntakeRig(db)).agent();
      const lines = (...texts: string[]) => texts.map((text) => recordLine(text));
      await agent.send(1, lines('Größe 漢字', 'b', `it's "c" ? :c ??'), (--`));
      await agent.send(4, lines('d', 'e \\x00'));
      await sealAll();
      await act();
      await sealAll();
      const before = await ids();
      await agent.send(6, lines('f', 'g'));
      await sealAll();
      first = before;
      second = (await ids()).slice(before.length);
    });

    const ids = (): Promise<string[]> => Promise.resolve(db.knex('command_events').orderBy('id').pluck('id'));

    async function act(): Promise<void> {
      const event = {
        actor: { kind: 'system', name: 'test' },
        action: 'test.act',
        outcome: 'done',
        details: {},
      } as const;
      await db.transaction((tx) => writeAudit(tx, event));
    }

    /** One of a command that goes, waiting to be sent, and one of a later command. */
    async function addAlerts(eventId: string): Promise<void> {
      const alert = {
        ...{
          rule_id: 'r',
          rule_name: 'r',
          severity: 'info',
          raised_at: 1,
          host_id: null,
          host_name: '',
          user_name: '',
        },
        ...{ event_id: eventId, last_at: 1, count: 1, note: '', version: 1, changed_at: 1 },
      };
      await db.knex('alerts').insert([
        { ...alert, id: 'gone', last_event_id: eventId },
        { ...alert, id: 'kept', rule_id: 's', last_event_id: 'f' },
      ]);
      await db.knex('alert_outbox').insert({ target_id: 't', alert_id: 'gone', attempts: 0, next_at: 1 });
    }

    async function sealAll(): Promise<void> {
      while (await sealNext({ db, key, heartbeatMs: 3_600_000 }));
    }

    async function publicKey() {
      const stored = await storedPublicKey(db.knex);
      if (!stored) throw new Error('there is no key');
      return stored;
    }

    const verified = async (count = 0) => {
      const threads = { count, database: db.config };
      return verifyLedger({ knex: db.knex, key: await publicKey(), keyGiven: false, checkpoints: [], signal, threads });
    };

    it('are intact beside actions, in one chain', async () => {
      expect(first).toHaveLength(5);
      expect(await verified()).toMatchObject({ intact: true, blocks: 3, events: 8, unsealed: 0, findings: [] });
      expect(await db.knex('ledger_blocks').orderBy('number').pluck('kind')).toEqual(['command', 'action', 'command']);
    });

    it('are named whichever of their columns was changed', async () => {
      const [, event = ''] = second;
      const row = () => db.knex('command_events').where({ id: event });
      const whole: Record<string, unknown> = await row().first();
      for (const [column, value] of Object.entries(whole)) {
        if (column === 'id') continue;
        await row().update({ [column]: otherThan(value) });
        expect(await verified(), column).toMatchObject({
          intact: false,
          findings: [{ block: 2, event, what: 'event_changed' }],
        });
        await row().update({ [column]: value });
      }
      const other = otherThan(event);
      await row().update({ id: other });
      // As one that is gone, and one that came: there is no batch of its new id.
      expect(await verified()).toMatchObject({
        complete: 'no',
        findings: [
          { block: 2, what: 'event_gone' },
          { block: null, event: other, what: 'event_outside' },
        ],
      });
    });

    it.each(['command_batches', 'ledger_blocks'])('are doubted whichever column of %s was changed', async (table) => {
      const key = table === 'ledger_blocks' ? 'number' : 'id';
      const rows = await db.knex(table).orderBy(key);
      for (const row of rows)
        for (const [column, value] of Object.entries(row)) {
          // What is counted anew, and what only says which of a block's batches comes first.
          if (column === 'events' || column === 'place') continue;
          const changed = column === 'number' ? Number(value) + 100 : otherThan(value);
          await db
            .knex(table)
            .where({ [key]: row[key] })
            .update({ [column]: changed });
          const found = await verified();
          expect(found.findings.length, `${table}.${column}`).toBeGreaterThan(0);
          expect(found.intact && found.complete === 'yes', `${table}.${column}`).toBe(false);
          await db
            .knex(table)
            .where({ [key]: column === key ? changed : row[key] })
            .update({ [column]: value });
        }
      expect((await verified()).findings).toEqual([]);
    });

    it('are missed when they are gone: one, the last, a batch, a block', async () => {
      await db.knex('command_events').where({ id: first[1] }).delete();
      expect((await verified()).findings).toEqual([{ block: 0, place: 2, what: 'event_gone' }]);
      await db
        .knex('command_events')
        .where({ id: second.at(-1) })
        .delete();
      expect((await verified()).findings[1]).toEqual({ block: 2, place: 2, what: 'event_gone' });
      const [batch] = await db.knex('command_batches').where({ block: 0 }).orderBy('place', 'desc').pluck('id');
      await db.knex('command_batches').where({ id: batch }).delete();
      expect((await verified()).findings).toContainEqual({ block: 0, place: 5, what: 'event_gone' });
      await db.knex('ledger_blocks').where({ number: 2 }).delete();
      expect((await verified()).findings).toContainEqual({ block: 2, what: 'block_gone' });
    });

    it('are missed when their whole batch is gone without a word of retention', async () => {
      await db.knex('command_batches').where({ block: 2 }).delete();
      expect(await verified()).toMatchObject({
        complete: 'no',
        findings: [
          { block: 2, place: 1 },
          { block: 2, place: 2 },
          { block: null, event: second[0], what: 'event_outside' },
          { block: null, event: second[1], what: 'event_outside' },
        ],
      });
    });

    it('are judged alike by threads, in the same order', async () => {
      for (let i = 0; i < 20; i++) {
        await act();
        await sealAll();
      }
      await db.knex('command_events').where({ id: first[3] }).update({ command: 'echo nothing' });
      await db.knex('action_events').where({ block: 9 }).update({ outcome: 'failed' });
      await db.knex('action_events').where({ block: 15 }).delete();
      await db.knex('ledger_blocks').where({ number: 12 }).delete();
      const alone = await verified();
      expect(alone.findings.map(({ block }) => block)).toEqual([0, 9, 12, 15]);
      expect(await verified(2)).toEqual(alone);
    });

    it('have proofs that the script believes', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'om-proof-'));
      try {
        for (const id of [first[0], first[4], second[0]]) {
          const proof = await proveEvent(db.knex, id ?? '', await publicKey());
          const file = join(folder, 'proof.json');
          writeFileSync(file, JSON.stringify(proof));
          const said = execFileSync(process.execPath, [script, file, (await publicKey()).text], { encoding: 'utf8' });
          expect(said).toContain(id);
        }
      } finally {
        rmSync(folder, { recursive: true });
      }
    });

    it('are removed by whole months; the chain still holds, and nothing else may go in the shadow of it', async () => {
      const month = monthOf(Date.now());
      const log = { info() {} };
      const later = () => month.endMs + 10 * 86_400_000;
      const counts = [month.beginMs, month.endMs - 1, month.endMs].map((at) => ({
        ...{ scope: 'all', name: '', at, inside: 1, outside: 1 },
      }));
      await db.knex('command_activity').insert(counts);
      const kept = createCommandRetention({ db, audit: writeAudit, keepMs: 20 * 86_400_000, log, now: later });
      await kept.round(signal);
      expect(await ids()).toHaveLength(7);
      const [second0] = second;
      await addAlerts(second0 ?? '');
      const gone = createCommandRetention({ db, audit: writeAudit, keepMs: 86_400_000, log, now: later });
      const lease = await db.knex('leases').where({ name: 'commands' }).update({ until_at: 0 });
      expect(lease).toBe(1);
      await gone.round(signal);
      expect(await ids()).toEqual([]);
      expect((await db.knex('command_activity').pluck('at')).map(Number)).toEqual([month.endMs]);
      await sealAll();
      expect(await verified()).toMatchObject({ intact: true, complete: 'unknown', events: 9, findings: [] });
      expect(await proveEvent(db.knex, second0 ?? '', await publicKey())).toBeNull();
      const event = await db.knex('action_events').where({ action: 'commands.removed' }).first();
      expect(JSON.parse(event.details)).toEqual({ batches: 3, events: 7, fromBlock: 0, toBlock: 2, alerts: 1 });
      expect(await db.knex('alerts').pluck('id')).toEqual(['kept']);
      expect(await db.knex('alert_outbox')).toEqual([]);
      await db.knex('action_events').where({ id: event.id }).delete();
      expect((await verified()).complete).toBe('no');
    });

    it('have partitions for the months to come', async () => {
      await makePartitions(db, monthOf(Date.now()).endMs + 70 * 86_400_000);
      if (db.kind === 'sqlite') return;
      expect((await storedMonths(db)).length).toBeGreaterThan(4);
      expect(await verified()).toMatchObject({ intact: true });
    });
  });
});
