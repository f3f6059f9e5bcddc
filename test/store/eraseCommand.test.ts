import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../../apps/server/src/db/database.ts';
import { commandFields } from '../../apps/server/src/features/audit/commands/commandEvent.ts';
import { eraseCommand } from '../../apps/server/src/features/audit/commands/eraseCommand.ts';
import { hex } from '../../apps/server/src/features/audit/ledger/block.ts';
import { erasedAction } from '../../apps/server/src/features/audit/ledger/erasures.ts';
import { actionFields, leafOf } from '../../apps/server/src/features/audit/ledger/leaf.ts';
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

const script = fileURLToPath(new URL('../../docs/verify-proof.mjs', import.meta.url));

describe.each(databases)('a command whose text was erased, on $name', ({ missing, open }) => {
  describe.skipIf(missing)('', () => {
    let database: TestDatabase;
    let db: Database;
    let key: LedgerKey;
    /** Of one block; the text of the second was erased. */
    let ids: string[];

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
      await agent.send(
        1,
        ['ls', 'mysql -pHunter2', 'id'].map((text) => recordLine(text)),
      );
      await sealAll();
      ids = await db.knex('command_events').orderBy('id').pluck('id');
      await erase(ids[1]);
      await sealAll();
    });

    async function sealAll(): Promise<void> {
      while (await sealNext({ db, key, heartbeatMs: 3_600_000 }));
    }

    /** As the method does it: the act and its event in one transaction. */
    async function erase(id = ''): Promise<void> {
      await db.transaction(async (tx) => {
        const details = { id, reason: 'a password', erasure: await eraseCommand(tx, id) };
        await writeAudit(tx, {
          actor: { kind: 'system', name: 'test' },
          action: erasedAction,
          outcome: 'done',
          details,
        });
      });
    }

    async function publicKey() {
      const stored = await storedPublicKey(db.knex);
      if (!stored) throw new Error('there is no key');
      return stored;
    }

    const verified = async () =>
      verifyLedger({
        ...{ knex: db.knex, key: await publicKey(), keyGiven: false, checkpoints: [] },
        signal: new AbortController().signal,
      });

    it('stands nowhere any more, and the ledger is intact', async () => {
      const row = await db.knex('command_events').where({ id: ids[1] }).first();
      expect(row).toMatchObject({ command: '', marks: 'erased' });
      for (const table of ['command_events', 'action_events', 'alerts', 'alert_queue'])
        expect(JSON.stringify(await db.knex(table))).not.toContain('Hunter2');
      expect(await verified()).toMatchObject({ intact: true, blocks: 2, events: 4, findings: [] });
    });

    it.each([
      ['user_name', 'mallory'],
      ['command', 'ls'],
      ['salt', Buffer.alloc(16)],
      ['leaf', Buffer.alloc(32)],
    ])('is named when its %s is changed afterwards', async (column, value) => {
      await db
        .knex('command_events')
        .where({ id: ids[1] })
        .update({ [column]: value });
      expect((await verified()).findings).toEqual([{ block: 0, event: ids[1], what: 'event_changed' }]);
    });

    it('is named when nothing tells of the erasure', async () => {
      await db.knex('action_events').where({ action: erasedAction }).update({ details: '{"id":' });
      expect((await verified()).findings).toMatchObject([
        { block: 0, event: ids[1], what: 'event_changed' },
        { block: 1, what: 'event_changed' },
      ]);
    });

    it('is no word for another text, nor for an act', async () => {
      const command = { ...(await db.knex('command_events').where({ id: ids[0] }).first()), command: 'true' };
      const act = { ...(await db.knex('action_events').orderBy('id').first()), actor_name: 'mallory' };
      const changed = [
        { table: 'command_events', row: command, fields: commandFields(command) },
        { table: 'action_events', row: act, fields: actionFields(act) },
      ];
      for (const { table, row, fields } of changed) {
        const erasure = { leaf: hex(row.leaf), remains: hex(leafOf(row.salt, fields)) };
        await db.knex(table).where({ id: row.id }).update(row);
        await db.transaction((tx) =>
          writeAudit(tx, {
            actor: { kind: 'system', name: 'test' },
            ...{ action: erasedAction, outcome: 'done', details: { id: row.id, erasure } },
          }),
        );
      }
      await sealAll();
      expect((await verified()).findings).toEqual([
        { block: 0, event: command.id, what: 'event_changed' },
        { block: 1, event: act.id, what: 'event_changed' },
      ]);
    });

    it('does not take the proofs of its neighbours with it, and has none itself', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'om-proof-'));
      try {
        const file = join(folder, 'proof.json');
        writeFileSync(file, JSON.stringify(await proveEvent(db.knex, ids[2] ?? '', await publicKey())));
        const said = execFileSync(process.execPath, [script, file, (await publicKey()).text], { encoding: 'utf8' });
        expect(said).toContain(ids[2]);
        expect(await proveEvent(db.knex, ids[1] ?? '', await publicKey())).toBeNull();
      } finally {
        rmSync(folder, { recursive: true });
      }
    });

    it('cannot be erased twice, nor what is no command, nor what no block holds', async () => {
      await expect(erase(ids[1])).rejects.toMatchObject({ code: 'CONFLICT', message: 'Its text was erased before.' });
      await expect(erase('0199')).rejects.toMatchObject({ code: 'NOT_FOUND' });
      await db.knex('command_events').where({ id: ids[0] }).update({ kind: 'gap' });
      await expect(erase(ids[0])).rejects.toMatchObject({ code: 'CONFLICT' });
      await db.knex('command_batches').update({ block: null });
      await expect(erase(ids[2])).rejects.toMatchObject({ code: 'CONFLICT' });
      expect(await db.knex('command_events').where({ id: ids[2] }).first()).toMatchObject({ command: 'id' });
    });
  });
});
