import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { Knex } from 'knex';
import type { Database } from '../../../db/database.ts';
import type { Sealer } from '../../vault/sealer.ts';
import { keyIdOf, readPublicKey } from './block.ts';

/** The key that signs blocks. Its secret half stands in the database, sealed with the master key. */
export interface LedgerKey {
  id: string;
  secret: KeyObject;
}

export interface LedgerPublicKey {
  id: string;
  /** The 32 bytes in base64: what an auditor writes down. */
  text: string;
  key: KeyObject;
}

interface Row {
  key_id: string;
  public_key: Buffer;
  secret_sealed: Buffer;
}

/** The context that the secret half is sealed with. */
const ledgerKeyContext = (id: string): string => `ledger|${id}`;

/** The ledger's key; made by whoever asks first. */
export async function loadLedgerKey(db: Database, sealer: Sealer): Promise<LedgerKey> {
  const stored = (await readRow(db.knex)) ?? (await make(db, sealer));
  const pkcs8 = sealer.open(ledgerKeyContext(stored.key_id), stored.secret_sealed);
  return { id: stored.key_id, secret: createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' }) };
}

/** What the database says the public key is; null before there is a ledger. */
export async function storedPublicKey(on: Knex): Promise<LedgerPublicKey | null> {
  const row = await readRow(on);
  return row ? publicKeyOf(row.public_key) : null;
}

/** From the text of a public key, 32 bytes in base64. Null when it is none. */
export function parsePublicKey(text: string): LedgerPublicKey | null {
  const bytes = Buffer.from(text.trim(), 'base64');
  return bytes.length === 32 && bytes.toString('base64') === text.trim() ? publicKeyOf(bytes) : null;
}

function publicKeyOf(bytes: Buffer): LedgerPublicKey {
  return { id: keyIdOf(bytes), text: bytes.toString('base64'), key: readPublicKey(bytes) };
}

function readRow(on: Knex): Promise<Row | undefined> {
  return on('ledger_keys').orderBy('made_at').first();
}

async function make(db: Database, sealer: Sealer): Promise<Row> {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const bytes = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
  const keyId = keyIdOf(bytes);
  const pkcs8 = privateKey.export({ format: 'der', type: 'pkcs8' });
  return db.transaction(async (tx) => {
    // Two processes that start side by side agree on the one key.
    const known = await readRow(tx);
    if (known) return known;
    const row: Row = { key_id: keyId, public_key: bytes, secret_sealed: sealer.seal(ledgerKeyContext(keyId), pkcs8) };
    await tx('ledger_keys').insert({ ...row, made_at: await db.now(tx) });
    return row;
  });
}
