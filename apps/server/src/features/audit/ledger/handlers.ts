import { OmError } from '@omanager/contract';
import type { Database } from '../../../db/database.ts';
import { iso } from '../../../db/page.ts';
import type { HandlersOf } from '../../../rpc/handlers.ts';
import type { Looks } from '../looks.ts';
import type { WriteAudit } from '../writer.ts';
import { hashOf, hex } from './block.ts';
import { readCheckpoints } from './checkpoint.ts';
import { type CheckpointPlace, readTargets } from './checkpointStates.ts';
import { threadsWorth } from './checkThreads.ts';
import { type LedgerPublicKey, parsePublicKey, storedPublicKey } from './ledgerKey.ts';
import { countUnsealed, newestBlock } from './ledgerStore.ts';
import { proveEvent } from './proof.ts';
import { verifyLedger } from './verify.ts';

export type LedgerHandlers = HandlersOf<'ledger.state' | 'ledger.verify' | 'ledger.prove'>;

/** So many blocks are checked between two words about how far it is. */
const blocksPerEvent = 200;

interface Options {
  db: Database;
  audit: WriteAudit;
  places: readonly CheckpointPlace[];
  looked: Looks['looked'];
}

export function createLedgerHandlers({ db, audit, places, looked }: Options): LedgerHandlers {
  let verifying = false;

  async function requireKey(): Promise<LedgerPublicKey> {
    const key = await storedPublicKey(db.knex);
    if (!key)
      throw new OmError('NOT_FOUND', 'There is no ledger yet: the server makes it within a second of its start.');
    return key;
  }

  return {
    'ledger.state': async () => {
      const newest = await newestBlock(db.knex);
      return {
        publicKey: (await storedPublicKey(db.knex))?.text ?? null,
        newest: newest ? { block: newest.number, hash: hex(hashOf(newest)), sealedAt: iso(newest.sealedAt) } : null,
        unsealed: await countUnsealed(db.knex),
        targets: await readTargets(db.knex, places),
      };
    },

    'ledger.prove': async ({ actor }, { event }) => {
      const proof = await proveEvent(db.knex, event, await requireKey());
      if (!proof)
        throw new OmError(
          'NOT_FOUND',
          'No block holds this event, or its text was erased; a new event is in a block after a second.',
        );
      await looked(actor, 'ledger.prove', { event });
      return { proof: JSON.stringify(proof) };
    },

    'ledger.verify': async function* (call, asked) {
      const stored = await requireKey();
      const key = asked.publicKey === undefined ? stored : parsePublicKey(asked.publicKey);
      if (!key) throw new OmError('INVALID_PARAMS', 'This is not a public key of a ledger: 32 bytes in base64 are.');
      const checkpoints = readCheckpoints(asked.checkpoints ?? '');
      if (!Array.isArray(checkpoints))
        throw new OmError('INVALID_PARAMS', `Line ${checkpoints.wrongLine} is no checkpoint.`);
      if (verifying)
        throw new OmError('BUSY', 'Somebody has the ledger verified just now; try again when that is done.');
      verifying = true;
      try {
        const of = ((await newestBlock(db.knex))?.number ?? -1) + 1;
        const steps = createSteps();
        const work = verifyLedger({
          ...{ knex: db.knex, key, keyGiven: asked.publicKey !== undefined, checkpoints, signal: call.signal },
          // Operators work meanwhile: a core is left to them where there are several.
          threads: { database: db.config, count: await threadsWorth(db.knex, { spare: 1 }) },
          progress: (blocks) => {
            if (blocks % blocksPerEvent === 0) steps.tell(blocks);
          },
        }).finally(steps.end);
        yield { blocks: 0, of };
        for await (const blocks of steps.told) yield { blocks, of };
        const verdict = await work;
        const { intact, complete, keyGiven, findings } = verdict;
        const details = { intact, complete, keyGiven, checkpoints: checkpoints.length, findings: findings.slice(0, 5) };
        await db.transaction((tx) =>
          audit(tx, { actor: call.actor, action: 'ledger.verify', outcome: 'done', details }),
        );
        yield { blocks: verdict.blocks, of: verdict.blocks, verdict };
      } finally {
        verifying = false;
      }
    },
  };
}

/** How far the work is, for whoever listens: the newest step only, whatever came between. */
function createSteps() {
  let newest: number | undefined;
  let over = false;
  let wake = Promise.withResolvers<void>();
  async function* told(): AsyncIterable<number> {
    for (;;) {
      if (newest !== undefined) {
        const step = newest;
        newest = undefined;
        yield step;
      } else if (over) return;
      else {
        await wake.promise;
        wake = Promise.withResolvers<void>();
      }
    }
  }
  return {
    told: told(),
    tell(step: number) {
      newest = step;
      wake.resolve();
    },
    end() {
      over = true;
      wake.resolve();
    },
  };
}
