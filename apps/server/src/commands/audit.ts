import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { type LedgerVerdict, ledgerFindingText } from '@omanager/contract';
import { z } from 'zod';
import { type Database, openDatabase } from '../db/database.ts';
import { pendingMigrations } from '../db/migrate.ts';
import { type Checkpoint, readCheckpoints } from '../features/audit/ledger/checkpoint.ts';
import { threadsWorth } from '../features/audit/ledger/checkThreads.ts';
import { type LedgerPublicKey, parsePublicKey, storedPublicKey } from '../features/audit/ledger/ledgerKey.ts';
import { proveEvent } from '../features/audit/ledger/proof.ts';
import { verifyLedger } from '../features/audit/ledger/verify.ts';
import { CommandError, type ExitCode, exitCodes } from './exitCodes.ts';
import { handOver } from './handOver.ts';
import { readOptions } from './readOptions.ts';
import type { Terminal } from './surroundings.ts';

const verifySchema = z.strictObject({ checkpoint: z.string().optional(), pubkey: z.string().optional() });
const proveSchema = z.strictObject({ event: z.string().min(1).max(100), file: z.string().min(1).optional() });

/** `omserver audit verify`: whether the ledger is intact and complete, and the first event that is wrong. */
export async function verifyAudit(terminal: Terminal, given: unknown): Promise<ExitCode> {
  const options = readOptions(verifySchema, given);
  const checkpoints = options.checkpoint === undefined ? [] : await checkpointsOf(options.checkpoint);
  return withLedger(terminal, async (db, stored) => {
    const key = options.pubkey === undefined ? stored : parsePublicKey(options.pubkey);
    if (!key) throw new CommandError('--pubkey: not a public key as `omserver audit key` prints it');
    const verdict = await verifyLedger({
      knex: db.knex,
      key,
      keyGiven: options.pubkey !== undefined,
      checkpoints,
      signal: terminal.signal,
      threads: { database: db.config, count: await threadsWorth(db.knex) },
      progress: (blocks) => {
        if (terminal.interactive && blocks % 1000 === 0) terminal.note(`${blocks} blocks …`);
      },
    });
    for (const line of verdictLines(verdict)) terminal.say(line);
    if (options.pubkey === undefined)
      terminal.note(
        'The public key was taken from the database itself: who can write there could have changed it. Give yours with --pubkey.',
      );
    if (checkpoints.length === 0)
      terminal.note(
        'Without a checkpoint an old copy of the whole ledger cannot be told from the newest. Give one with --checkpoint.',
      );
    return verdict.intact && verdict.complete !== 'no' ? exitCodes.ok : exitCodes.problems;
  });
}

/** `omserver audit prove`: writes a proof that one event stands in the ledger, for docs/verify-proof.mjs. */
export async function proveAudit(terminal: Terminal, given: unknown): Promise<ExitCode> {
  const { event, file } = readOptions(proveSchema, given);
  const give = handOver(terminal, file);
  return withLedger(terminal, async (db, key) => {
    const proof = await proveEvent(db.knex, event, key);
    if (!proof)
      throw new CommandError(
        `no block holds an event ${event}, or its text was erased; a new event is in one after a second`,
      );
    await give(JSON.stringify(proof));
    return exitCodes.ok;
  });
}

/** `omserver audit key`: the public key to write down. */
export function auditKey(terminal: Terminal): Promise<ExitCode> {
  return withLedger(terminal, async (_, { text }) => {
    terminal.say(text);
    return exitCodes.ok;
  });
}

function verdictLines({ intact, complete, blocks, events, unsealed, findings }: LedgerVerdict): string[] {
  const completeness = {
    yes: 'complete, up to the checkpoint and beyond',
    no: 'NOT COMPLETE',
    unknown: 'nothing is missing in between',
  };
  const held = `${counted(events, 'event')} in ${counted(blocks, 'block')}, ${unsealed} not yet in one`;
  return [
    `${intact ? 'intact' : 'NOT INTACT'}; ${completeness[complete]}: ${held}`,
    ...findings.map(ledgerFindingText),
  ];
}

function counted(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`;
}

async function checkpointsOf(file: string): Promise<Checkpoint[]> {
  const text = await readFile(file, 'utf8').catch((error: Error) => {
    throw new CommandError(`--checkpoint: ${error.message}`);
  });
  const checkpoints = readCheckpoints(text);
  if (Array.isArray(checkpoints)) return checkpoints;
  throw new CommandError(`--checkpoint: line ${checkpoints.wrongLine} of ${file} is no checkpoint`);
}

async function withLedger<T>(terminal: Terminal, work: (db: Database, key: LedgerPublicKey) => Promise<T>): Promise<T> {
  const { database } = terminal.config();
  if (database.kind === 'sqlite' && !existsSync(database.file))
    throw new CommandError(`there is no database ${database.file}; check OM_DATA_DIR`);
  await using scope = new AsyncDisposableStack();
  const db = openDatabase(database);
  scope.defer(() => db.close());
  const pending = await pendingMigrations(db);
  if (pending.length > 0) throw new CommandError('the database has an older schema; run migrate or serve first');
  const key = await storedPublicKey(db.knex);
  if (!key) throw new CommandError('there is no ledger yet: the server makes it within a second of its start');
  // Awaited here: the database must stay open until it is done.
  return await work(db, key);
}
