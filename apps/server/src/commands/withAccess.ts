import { existsSync } from 'node:fs';
import { encodeKey } from '@omanager/secure-channel';
import { openDatabase } from '../db/database.ts';
import { pendingMigrations } from '../db/migrate.ts';
import { type Access, createAccess } from '../features/access/index.ts';
import { writeAudit } from '../features/audit/writer.ts';
import { loadSealer } from '../features/vault/index.ts';
import { linkOrigin } from '../linkOrigin.ts';
import { loadServerKey } from '../serverKey.ts';
import { CommandError } from './exitCodes.ts';
import type { Terminal } from './surroundings.ts';

/** Runs `work` with the access feature on the server's own database; the server may run meanwhile. */
export async function withAccess<T>(terminal: Terminal, work: (access: Access) => Promise<T>): Promise<T> {
  const config = terminal.config();
  const { database, dataDir, masterKeyFile, listen, publicUrl } = config;
  if (!publicUrl && listen.port === 0) {
    throw new CommandError('OM_PORT is 0, so nobody knows where the server listens; set the port that it took');
  }
  const started = existsSync(`${dataDir}/server.key`) && (database.kind !== 'sqlite' || existsSync(database.file));
  if (!started) throw new CommandError(`no server was ever started with ${dataDir}; check OM_DATA_DIR, or run serve`);
  await using scope = new AsyncDisposableStack();
  const db = openDatabase(database);
  scope.defer(() => db.close());
  const pending = await pendingMigrations(db);
  if (pending.length > 0) throw new CommandError('the database has an older schema; run migrate or serve first');
  const access = createAccess({
    db,
    sealer: await loadSealer({ db, file: masterKeyFile }),
    audit: writeAudit,
    serverPublicKey: encodeKey((await loadServerKey(dataDir)).publicKey),
    linkOrigin: () => linkOrigin(config, listen.port),
    log: { error: (_, message) => terminal.note(message) },
  });
  scope.defer(() => access.close());
  // Awaited here: the database must stay open until it is done.
  return await work(access);
}
