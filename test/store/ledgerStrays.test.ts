import { randomBytes, randomUUID } from 'node:crypto';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../../apps/server/src/db/database.ts';
import { createCommandRetention } from '../../apps/server/src/features/audit/commands/commandRetention.ts';
import { monthOf } from '../../apps/server/src/features/audit/commands/months.ts';
import { signBlock } from '../../apps/server/src/features/audit/ledger/block.ts';
import {
  type Checkpoint,
  readCheckpoint,
  writeCheckpoint,
} from '../../apps/server/src/features/audit/ledger/checkpoint.ts';
import {
  type LedgerKey,
  loadLedgerKey,
  storedPublicKey,
} from '../../apps/server/src/features/audit/ledger/ledgerKey.ts';
import { blockOf } from '../../apps/server/src/features/audit/ledger/ledgerStore.ts';
import { sealNext } from '../../apps/server/src/features/audit/ledger/sealing.ts';
import { verifyLedger } from '../../apps/server/src/features/audit/ledger/verify.ts';
import { writeAudit } from '../../apps/server/src/features/audit/writer.ts';
import { createSealer } from '../../apps/server/src/features/vault/sealer.ts';
import { commandTables, createIntakeRig, recordLine } from './commandsRig.ts';
import { databases, type TestDatabase } from './databases.ts';

/** The id of a batch so many milliseconds later; of a greater number within one of these. */
function later(id: string, ms: number, number = 0): string {
  const time = (Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16) + ms).toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${number.toString(16).padStart(6, '0')}000000`;
}

/** What somebody writes into the database who has not the keys, and hopes that no verification looks there. */
describe.each(databases)('what was put beside the ledger on $name', ({ missing, open }) => {
  describe.skipIf(missing)('', () => {
    let database: TestDatabase;
    let db: Database;
    let key: LedgerKey;

    beforeAll(async () => {
      database = await open();
      db = database.db;
      return () => database.close();
    });
    /** Block 0 holds commands, block 1 an act. */
    beforeEach(async () => {
      for (const table of [...commandTables, 'action_events', 'ledger_blocks', 'ledger_keys', 'leases'])
        await db.knex(table).delete();
      key = await loadLedgerKey(db, createSealer([{ id: '0123456789abcdef', key: randomBytes(32) }]));
      const agent = await (await createIntakeRig(db)).agent();
      await agent.send(
        1,
        ['ls', 'id', 'w'].map((text) => recordLine(text)),
      );
      await sealAll();
      await db.transaction((tx) =>
        writeAudit(tx, {
          actor: { kind: 'system', name: 'test' },
          ...{ action: 'test.act', outcome: 'done', details: {} },
        }),
      );
      await sealAll();
      expect(await verified()).toMatchObject({ intact: true, blocks: 2, events: 4, unsealed: 0, findings: [] });
    });

    async function sealAll(): Promise<void> {
      while (await sealNext({ db, key, heartbeatMs: 3_600_000 }));
    }

    async function verified(checkpoints: readonly Checkpoint[] = []) {
      const publicKey = await storedPublicKey(db.knex);
      if (!publicKey) throw new Error('there is no key');
      const { signal } = new AbortController();
      return verifyLedger({ knex: db.knex, key: publicKey, keyGiven: false, checkpoints, signal });
    }

    async function addAct(more: Record<string, unknown>): Promise<string> {
      const act = await db.knex('action_events').first();
      const id = `${act.id.slice(0, -12)}${randomBytes(6).toString('hex')}`;
      await db.knex('action_events').insert({ ...act, id, actor_name: 'mallory', ...more });
      return id;
    }

    /** A batch with one command, as if it stood in this block. */
    async function addBatch(block: number): Promise<string> {
      const event = await db.knex('command_events').orderBy('id').first();
      const id = `${event.id.slice(0, 24)}${randomBytes(3).toString('hex')}000000`;
      await db.knex('command_batches').insert({ id, events: 1, block, place: 99 });
      await db.knex('command_events').insert({ ...event, id, command: 'rm -rf /' });
      return id;
    }

    it.each([-1, 0])('is named when an act says that it stands in block %s, which holds none', async (block) => {
      const event = await addAct({ block, position: 0 });
      expect(await verified()).toMatchObject({ intact: false, findings: [{ block, event, what: 'event_outside' }] });
    });

    it.each([-1, 1])('is named when commands say that they stand in block %s, which holds none', async (block) => {
      const event = await addBatch(block);
      expect(await verified()).toMatchObject({ intact: false, findings: [{ block, event, what: 'event_outside' }] });
    });

    it('is named wherever a command stands that belongs to no batch', async () => {
      const agent = await (await createIntakeRig(db)).agent();
      await agent.send(
        1,
        ['cat', 'df'].map((text) => recordLine(text)),
      );
      await sealAll();
      const row = await db.knex('command_events').first();
      const batches: string[] = await db.knex('command_batches').orderBy('id').pluck('id');
      const [first = '', second = ''] = batches;
      const places = { nowhere: '', before: later(first, -1), between: later(first, 1), after: later(second, 1) };
      expect(places.between < second).toBe(true);
      for (const [where, id] of Object.entries(places)) {
        await db.knex('command_events').insert({ ...row, id, command: 'rm -rf /' });
        const [stored] = await db.knex('command_events').where({ id }).pluck('id');
        const { intact, findings } = await verified();
        const stray = { block: null, event: stored, what: 'event_outside' };
        expect({ intact, findings }, where).toEqual({ intact: false, findings: [stray] });
        await db.knex('command_events').where({ id }).delete();
      }
    });

    it('is named among the commands of a block, however many there are', async () => {
      const row = await db.knex('command_events').orderBy('id').first();
      const end = later(row.id, 2);
      await db.knex('command_batches').insert({ id: end, events: 1, block: 0, place: 1 });
      await db.knex('command_events').insert({ ...row, id: end });
      const strays = Array.from({ length: 3000 }, (_, number) => later(row.id, 1, number));
      for (const some of [strays.slice(0, 1), strays]) {
        await db.knex.batchInsert(
          'command_events',
          some.map((id) => ({ ...row, id })),
          100,
        );
        const { findings } = await verified();
        const outside = findings.filter(({ what }) => what === 'event_outside').map(({ event }) => event);
        expect(outside).toEqual(some.slice(0, 20));
        await db.knex('command_events').whereIn('id', some).delete();
      }
    });

    it('is seen in a month that retention has removed', async () => {
      const before = await db.knex('command_events').orderBy('id').first();
      const now = () => monthOf(Date.now()).endMs + 10 * 86_400_000;
      const retention = createCommandRetention({ db, audit: writeAudit, keepMs: 86_400_000, log: { info() {} }, now });
      await retention.round(new AbortController().signal);
      await sealAll();
      expect(await verified()).toMatchObject({ intact: true, findings: [] });
      await db.knex('command_batches').insert({ id: before.id, events: 3, block: 0, place: 0 });
      expect(await verified()).toMatchObject({ intact: true, findings: [] });
      await db.knex('command_events').insert({ ...before, command: 'rm -rf /' });
      expect((await verified()).findings).toContainEqual({ block: 0, event: before.id, what: 'event_changed' });
    });

    it('is seen when a number is written so that it reads alike, and is another one to the database', async () => {
      if (db.kind === 'mysql') return;
      const { id } = await db.knex('command_events').orderBy('id').first();
      const changed = [
        { table: 'command_events', column: 'outside', value: Buffer.from('1') },
        { table: 'command_events', column: 'signed', value: '0x1' },
        { table: 'command_events', column: 'uid', value: '0x3e8' },
      ];
      for (const { table, column, value } of changed) {
        const row = () => db.knex(table).where({ id });
        const whole = await row().first();
        await row().update({ [column]: value });
        expect((await verified()).findings, column).toEqual([{ block: 0, event: id, what: 'event_changed' }]);
        await row().update({ [column]: whole[column] });
      }
      const act = await db.knex('action_events').first();
      await db.knex('action_events').update({ at: `0x${Number(act.at).toString(16)}` });
      expect((await verified()).findings).toEqual([{ block: 1, event: act.id, what: 'event_changed' }]);
    });

    it('does not hide behind a later checkpoint of a block of the same number', async () => {
      const told = await blockOf(db.knex, 1);
      if (!told) throw new Error('there is no block 1');
      // Somebody put an older copy back, and the server went on from there.
      const another = signBlock({ ...told, sealedAt: told.sealedAt + 1 }, key.secret);
      const lines = [another, told].map((block) => readCheckpoint(writeCheckpoint(block, key.secret)));
      const checkpoints = lines.filter((one) => one !== null);
      expect(await verified(checkpoints)).toMatchObject({
        intact: false,
        findings: [{ block: 1, what: 'checkpoint_differs' }],
      });
      expect(await verified(checkpoints.toReversed())).toMatchObject({ intact: false });
    });

    it('is not taken for an event that no block holds yet', async () => {
      await db.knex('action_events').insert({
        ...(await db.knex('action_events').first()),
        ...{ id: randomUUID(), block: null, position: null },
      });
      expect(await verified()).toMatchObject({ intact: true, unsealed: 1, findings: [] });
    });
  });
});
