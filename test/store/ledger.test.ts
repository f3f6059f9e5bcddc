import { randomBytes } from 'node:crypto';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../../apps/server/src/db/database.ts';
import { type Block, hashOf, signBlock } from '../../apps/server/src/features/audit/ledger/block.ts';
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
import { blockOf, newestBlock } from '../../apps/server/src/features/audit/ledger/ledgerStore.ts';
import { sealNext } from '../../apps/server/src/features/audit/ledger/sealing.ts';
import { verifyLedger } from '../../apps/server/src/features/audit/ledger/verify.ts';
import { writeAudit } from '../../apps/server/src/features/audit/writer.ts';
import { createSealer } from '../../apps/server/src/features/vault/sealer.ts';
import { databases, type TestDatabase } from './databases.ts';

const signal = new AbortController().signal;
const heartbeatMs = 3_600_000;

describe.each(databases)('the ledger on $name', ({ missing, open }) => {
  describe.skipIf(missing)('', () => {
    let database: TestDatabase;
    let db: Database;
    let key: LedgerKey;
    /** The events of blocks 0, 1 and 2, in their order. */
    let ids: string[][];

    beforeAll(async () => {
      database = await open();
      db = database.db;
      return () => database.close();
    });
    beforeEach(async () => {
      for (const table of ['action_events', 'ledger_blocks', 'ledger_keys']) await db.knex(table).delete();
      key = await loadLedgerKey(db, createSealer([{ id: '0123456789abcdef', key: randomBytes(32) }]));
      ids = [await written(5), await written(1), await written(4)];
    });

    const seal = () => sealNext({ db, key, heartbeatMs });

    async function written(count: number): Promise<string[]> {
      for (let i = 0; i < count; i++) {
        await db.transaction((tx) =>
          writeAudit(tx, {
            actor: { kind: 'system', name: 'test' },
            action: 'test.act',
            object: `Größe 漢字 \ud800 ${i}`,
            outcome: 'done',
            details: { i, text: 'quote " and\nline \u0000' },
          }),
        );
      }
      const block = await seal();
      const rows = await db.knex('action_events').where({ block: block?.number }).orderBy('position');
      expect(rows).toHaveLength(count);
      return rows.map(({ id }) => id);
    }

    async function verified(checkpoints: readonly Checkpoint[] = []) {
      const publicKey = await storedPublicKey(db.knex);
      if (!publicKey) throw new Error('there is no key');
      return verifyLedger({ knex: db.knex, key: publicKey, keyGiven: false, checkpoints, signal });
    }

    async function checkpointOf(number: number): Promise<Checkpoint> {
      const block = await blockOf(db.knex, number);
      const checkpoint = block && readCheckpoint(writeCheckpoint(block, key.secret));
      if (!checkpoint) throw new Error(`there is no block ${number}`);
      return checkpoint;
    }

    const idOf = (block: number, position: number) => ids[block]?.[position] ?? '';

    it('is intact as it was written, and complete as far as somebody can know', async () => {
      expect(await verified()).toEqual({
        ...{ intact: true, complete: 'unknown', blocks: 3, events: 10, unsealed: 0 },
        ...{ findings: [], keyGiven: false },
      });
      expect(await verified([await checkpointOf(0), await checkpointOf(2)])).toMatchObject({
        intact: true,
        complete: 'yes',
      });
    });

    it('adds nothing when there is nothing, but an empty block after a time of silence', async () => {
      expect(await seal()).toBeNull();
      expect(await sealNext({ db, key, heartbeatMs: 0 })).toMatchObject({ number: 3, events: 0 });
      expect(await verified()).toMatchObject({ intact: true, blocks: 4, events: 10 });
    });

    it('takes up events from before there was a ledger', async () => {
      await db.knex('action_events').update({ salt: null, leaf: null, block: null, position: null });
      await db.knex('ledger_blocks').delete();
      await seal();
      expect(await verified()).toMatchObject({ intact: true, blocks: 1, events: 10 });
    });

    it('is added to by one of two that try at once', async () => {
      await db.transaction((tx) =>
        writeAudit(tx, { actor: { kind: 'system', name: 'test' }, action: 'a', outcome: 'done', details: {} }),
      );
      const tried = await Promise.allSettled([seal(), seal()]);
      expect(tried.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThan(0);
      expect(await verified()).toMatchObject({ intact: true, complete: 'unknown', blocks: 4, events: 11 });
    });

    const columns = {
      at: 1,
      actor_kind: 'user',
      actor_id: 'x',
      actor_name: 'mallory',
      device_id: 'x',
      address: '1.2.3.4',
      action: 'x',
      object: 'x',
      outcome: 'failed',
      code: 'x',
      details: '{}',
      salt: Buffer.alloc(16),
      leaf: Buffer.alloc(32),
    };
    it.each(Object.entries(columns))('names the event whose %s was changed', async (column, value) => {
      await db
        .knex('action_events')
        .where({ id: idOf(0, 3) })
        .update({ [column]: value });
      const { intact, findings } = await verified();
      expect(intact).toBe(false);
      expect(findings).toEqual([{ block: 0, event: idOf(0, 3), what: 'event_changed' }]);
    });

    it('tells of a block whose event and leaf were changed together', async () => {
      await db
        .knex('action_events')
        .where({ id: idOf(2, 1) })
        .update({ salt: null, leaf: null, block: null, position: null, object: 'other' });
      const before = await newestBlock(db.knex);
      await seal();
      const again = await db
        .knex('action_events')
        .where({ id: idOf(2, 1) })
        .first('salt', 'leaf');
      await db
        .knex('action_events')
        .where({ id: idOf(2, 1) })
        .update({ ...again, block: 2, position: 1 });
      await db
        .knex('ledger_blocks')
        .where('number', '>', before?.number ?? 0)
        .delete();
      expect(await verified()).toMatchObject({
        intact: false,
        findings: [{ block: 2, what: 'events_differ' }],
      });
    });

    it.each([
      { what: 'first', position: 0, place: 1 },
      { what: 'middle', position: 2, place: 3 },
      { what: 'last', position: 4, place: 5 },
    ])('misses the $what event of a block', async ({ position, place }) => {
      await db
        .knex('action_events')
        .where({ id: idOf(0, position) })
        .delete();
      expect(await verified()).toMatchObject({
        intact: true,
        complete: 'no',
        findings: [{ block: 0, place, what: 'event_gone' }],
      });
    });

    it('misses a block, with or without its events', async () => {
      await db.knex('ledger_blocks').where({ number: 1 }).delete();
      expect((await verified()).findings).toContainEqual({ block: 1, what: 'block_gone' });
      await db.knex('action_events').where({ block: 1 }).delete();
      expect(await verified()).toMatchObject({ complete: 'no', findings: [{ block: 1, what: 'block_gone' }] });
    });

    it('misses the last block when its events are left, and by a checkpoint when nothing is', async () => {
      const checkpoint = await checkpointOf(2);
      await db.knex('ledger_blocks').where({ number: 2 }).delete();
      expect(await verified()).toMatchObject({ complete: 'no', findings: [{ block: 2 }] });
      await db.knex('action_events').where({ block: 2 }).delete();
      expect(await verified()).toMatchObject({ intact: true, complete: 'unknown' });
      expect(await verified([checkpoint])).toMatchObject({ intact: true, complete: 'no', findings: [{ block: 2 }] });
    });

    it('names an event that changed its place with another', async () => {
      await swap('position', idOf(0, 1), idOf(0, 3));
      const { findings } = await verified();
      expect(findings[0]).toEqual({ block: 0, event: idOf(0, 2), what: 'event_moved' });
    });

    it('is not kept busy by a place that no block can have', async () => {
      await db
        .knex('action_events')
        .where({ id: idOf(0, 4) })
        .update({ position: 2_147_483_647 });
      expect(await verified()).toMatchObject({
        ...{ intact: false, complete: 'no' },
        findings: [
          { block: 0, event: idOf(0, 4), what: 'event_moved' },
          { block: 0, place: 5, what: 'event_gone' },
        ],
      });
    });

    it('finds blocks that changed places', async () => {
      const [one, two] = [await blockOf(db.knex, 1), await blockOf(db.knex, 2)];
      await put({ ...required(two), number: 1 }, { ...required(one), number: 2 });
      expect((await verified()).findings[0]).toMatchObject({ block: 1 });
    });

    it('finds a chain that was signed anew with another key, also when that key was put into the database', async () => {
      const publicKey = await storedPublicKey(db.knex);
      if (!publicKey) throw new Error('there is no key');
      await db.knex('ledger_keys').delete();
      const forged = await loadLedgerKey(db, createSealer([{ id: '0123456789abcdef', key: randomBytes(32) }]));
      let previous: Uint8Array = new Uint8Array(32);
      for (const number of [0, 1, 2]) {
        const block = signBlock(
          { ...required(await blockOf(db.knex, number)), previous, keyId: forged.id },
          forged.secret,
        );
        await put(block);
        previous = hashOf(block);
      }
      expect(await verified()).toMatchObject({ intact: true });
      const verdict = await verifyLedger({ knex: db.knex, key: publicKey, keyGiven: false, checkpoints: [], signal });
      expect(verdict).toMatchObject({
        intact: false,
        findings: [{ block: 0, what: 'block_not_signed' }, {}, {}],
      });
    });

    it('finds a chain that says something else than a checkpoint', async () => {
      const checkpoint = await checkpointOf(2);
      await db.knex('action_events').delete();
      await db.knex('ledger_blocks').delete();
      for (const count of [5, 1, 4]) await written(count);
      expect(await verified()).toMatchObject({ intact: true });
      expect(await verified([checkpoint])).toMatchObject({
        intact: false,
        findings: [{ block: 2, what: 'checkpoint_differs' }],
      });
    });

    it('does not believe a checkpoint that somebody else signed', async () => {
      const checkpoint = await checkpointOf(1);
      const { findings } = await verified([{ ...checkpoint, hash: '0'.repeat(64) }]);
      expect(findings[0]).toEqual({ block: 1, what: 'checkpoint_not_signed' });
    });

    async function swap(column: string, a: string, b: string): Promise<void> {
      const [first, second] = [
        await db.knex('action_events').where({ id: a }).first(),
        await db.knex('action_events').where({ id: b }).first(),
      ];
      await db
        .knex('action_events')
        .where({ id: a })
        .update({ [column]: 9999 });
      await db
        .knex('action_events')
        .where({ id: b })
        .update({ [column]: first[column] });
      await db
        .knex('action_events')
        .where({ id: a })
        .update({ [column]: second[column] });
    }

    async function put(...blocks: Block[]): Promise<void> {
      await db
        .knex('ledger_blocks')
        .whereIn(
          'number',
          blocks.map(({ number }) => number),
        )
        .delete();
      for (const { number, kind, previous, root, events, sealedAt, keyId, signature } of blocks)
        await db.knex('ledger_blocks').insert({
          ...{ number, kind, events, sealed_at: sealedAt, key_id: keyId },
          ...{ previous: Buffer.from(previous), root: Buffer.from(root), signature: Buffer.from(signature) },
        });
    }
  });
});

function required<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('it is not there');
  return value;
}
