import { createHash, sign } from 'node:crypto';
import {
  type AuditFileFormat,
  type AuditFileKind,
  auditFileCut,
  auditFileHead,
  auditFileLine,
  type ExportSeal,
} from '@omanager/contract';
import type { Database } from '../../db/database.ts';
import { iso } from '../../db/page.ts';
import type { Actor } from '../../rpc/actor.ts';
import type { Sealer } from '../vault/sealer.ts';
import { hashOf, hex } from './ledger/block.ts';
import { type LedgerKey, loadLedgerKey, storedPublicKey } from './ledger/ledgerKey.ts';
import { newestBlock } from './ledger/ledgerStore.ts';
import type { WriteAudit } from './writer.ts';

interface Options {
  db: Database;
  sealer: Sealer;
  audit: WriteAudit;
}

interface Asked {
  actor: Actor;
  filter: Record<string, unknown>;
  format: AuditFileFormat;
}

type EventOf<K extends AuditFileKind> = Parameters<typeof auditFileLine<K>>[1];

export interface SealedExport<K extends AuditFileKind> {
  add(events: readonly EventOf<K>[]): void;
  /** Signs what was added, and writes down that the file exists. Not `whole`: there is more, and the file says so. */
  seal(whole: boolean): Promise<ExportSeal>;
}

/** Signs exported files with the key of the ledger: an auditor who holds the public key needs no server to believe one. */
export function createExports({ db, sealer, audit }: Options) {
  let key: LedgerKey | undefined;
  return {
    begin<K extends AuditFileKind>(kind: K, { actor, filter, format }: Asked): SealedExport<K> {
      const hash = createHash('sha256').update(auditFileHead(kind, format));
      let count = 0;
      let first: string | null = null;
      let last: string | null = null;
      return {
        add(events) {
          for (const event of events) hash.update(auditFileLine(kind, event, format));
          count += events.length;
          first ??= events[0]?.id ?? null;
          last = events.at(-1)?.id ?? last;
        },
        async seal(whole) {
          if (!whole) hash.update(auditFileCut(kind, format, count));
          key ??= await loadLedgerKey(db, sealer);
          const stored = await storedPublicKey(db.knex);
          const block = await newestBlock(db.knex);
          const sha256 = hash.digest('hex');
          const manifest = JSON.stringify({
            ...{ type: 'om-export-1', kind, format, filter, events: count, whole },
            ...{ firstEvent: first, lastEvent: last, sha256 },
            by: 'userName' in actor ? actor.userName : actor.kind,
            at: iso(await db.now(db.knex)),
            ledger: block ? { block: block.number, hash: hex(hashOf(block)) } : null,
            publicKey: stored?.text ?? null,
          });
          const signature = sign(null, Buffer.from(manifest), key.secret).toString('base64');
          const details = { kind, format, filter, events: count, whole, sha256 };
          await db.transaction((tx) => audit(tx, { actor, action: 'audit.exported', outcome: 'done', details }));
          return { manifest, signature, whole };
        },
      };
    },
  };
}

export type Exports = ReturnType<typeof createExports>;
