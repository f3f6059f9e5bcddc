import { readRestoredNote, restoredNoteFile } from '../../backup/restoredNote.ts';
import type { Config } from '../../config.ts';
import type { Database } from '../../db/database.ts';
import { type Revived, revivedBy } from '../../features/access/afterRestore.ts';
import { type Finding, warning } from './finding.ts';

const named = 100;

/** After a restore: what lets somebody in again although it may have been revoked since the backup. */
export async function checkRestored(db: Database, { dataDir }: Config): Promise<Finding[]> {
  const note = await readRestoredNote(dataDir);
  if (!note) return [];
  const revived = await revivedBy(db.knex, Date.parse(note.backupAt), Date.now());
  const since = `restored on ${note.restoredAt} from a backup of ${note.backupAt}`;
  const done = `when all were looked at, delete ${restoredNoteFile(dataDir)}`;
  const findings = revived
    .slice(0, named)
    .map((one) =>
      warning('restored', `${one.kind} ${one.id} (${one.name}) is valid again as it was then`, revoke(one)),
    );
  const more = revived.length - findings.length;
  const all =
    more > 0
      ? `${revived.length} of them, ${more} not shown; see om devices list and om tokens list`
      : `${revived.length}`;
  return [
    warning('restored', `${since}; devices, tokens and invites that may have been revoked meanwhile: ${all}`, done),
    ...findings,
  ];
}

function revoke({ kind, id }: Revived): string {
  if (kind === 'invite') return 'it ends by itself within the hour';
  return `if it should not be: ${kind === 'token' ? 'om tokens remove' : 'om devices revoke'} ${id}`;
}
