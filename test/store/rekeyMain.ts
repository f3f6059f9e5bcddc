import { type DatabaseConfig, openDatabase } from '../../apps/server/src/db/database.ts';
import { rekey } from '../../apps/server/src/features/vault/rekey.ts';

/** A rekey in a process of its own, to be killed: says when it is ready, and begins when told. */
const [config = '', file = ''] = process.argv.slice(2);
const db = openDatabase(JSON.parse(config) as DatabaseConfig);
await db.knex.raw('select 1');
process.once('message', async () => {
  await rekey({ db, file, signal: new AbortController().signal });
  await db.close();
  process.disconnect();
});
process.send?.('ready');
