import { type HostRun, type HostState, OmError } from '@omanager/contract';
import type { Database, Tx } from '../../db/database.ts';
import { type Control, decide } from './decide.ts';
import { type LockedRun, lockRun, move, noLease, settle, slice } from './lockedRun.ts';
import { insertOutput, type NewChunk } from './output.ts';
import type { HostRunRow, RunRow } from './rows.ts';
import { mayMove, moveCounts } from './states.ts';

/** One host of a run at one attempt: what was claimed, begun or ended for an earlier attempt counts for no other. */
export interface HostAttempt {
  ordinal: number;
  attempt: number;
}

/** The end of one host's attempt, as an engine reports it. */
export interface HostResult extends HostAttempt {
  state: Extract<
    HostState,
    'ok' | 'failed' | 'unreachable' | 'timed_out' | 'aborted' | 'lost' | 'not_started' | 'pending'
  >;
  reason?: HostRun['reason'];
  message?: string | null;
  exitCode?: number | null;
  stdoutBytes?: number;
  stderrBytes?: number;
  discardedBytes?: number;
  fold?: string | null;
  survivors?: number[];
}

export interface Exchange {
  /** Results first, then what may begin, then new claims: one transaction. */
  chunks: NewChunk[];
  results: HostResult[];
  begins: HostAttempt[];
  /** How many hosts to claim, at most. */
  want: number;
}

export interface Exchanged {
  /** Ordinals now committed as `running`: only these may be sent a script. */
  begun: ReadonlySet<number>;
  /** Results that counted; the others came from a lease that is no longer ours. */
  accepted: ReadonlySet<number>;
  claimed: HostAttempt[];
  control: Control;
  /** Whether anything was written. */
  changed: boolean;
}

/** What a worker may do with a run. Every operation is one transaction that begins by locking the run's row. */
export interface Claims {
  exchange(runId: string, owner: string, asked: Exchange): Promise<Exchanged>;
  /** Extends the leases of these hosts, as far as this owner still holds them. */
  renew(runId: string, owner: string, ordinals: number[]): Promise<void>;
  /** Runs that hold a host whose lease has ended. */
  expired(): Promise<string[]>;
  /** Takes ended leases back: `connecting` to `pending`, `running` to `lost`. Returns how many. */
  takeBack(runId: string): Promise<number>;
  /** Ends every lease now. Only for the one process that owns an embedded store, when it starts. */
  endAllLeases(): Promise<void>;
  /** Runs that have, or may get, something to do. */
  unfinished(): Promise<string[]>;
}

export function createClaims(db: Database, leaseMs: number): Claims {
  return {
    async exchange(runId, owner, asked) {
      if (asked.chunks.length + asked.results.length + asked.begins.length === 0) {
        const idle = await nothingToClaim(db, runId, asked.want);
        if (idle) return idle;
      }
      return db.transaction(async (tx) => {
        const run = await lockRun(tx, runId);
        const now = await db.now(tx);
        await insertOutput(tx, runId, asked.chunks, now);
        const accepted = await acceptResults(tx, run, owner, asked.results, now);
        const begun = await begin(tx, run, owner, asked.begins, now, leaseMs);
        const claimed = await claim(tx, run, owner, asked.want, now, leaseMs);
        await settle(tx, run, now);
        return { begun, accepted, claimed, control: run.row.control, changed: true };
      });
    },

    async renew(runId, owner, ordinals) {
      const now = await db.now(db.knex);
      for (let i = 0; i < ordinals.length; i += slice) {
        await db
          .knex('run_hosts')
          .where({ run_id: runId, lease_owner: owner })
          .andWhere('lease_until', '>', now)
          .whereIn('ordinal', ordinals.slice(i, i + slice))
          .update({ lease_until: now + leaseMs });
      }
    },

    async expired() {
      const now = await db.now(db.knex);
      const rows = await db.knex('run_hosts').distinct('run_id').where('lease_until', '<=', now).limit(100);
      return rows.map(({ run_id }: { run_id: string }) => run_id);
    },

    async endAllLeases() {
      await db.knex('run_hosts').whereNotNull('lease_until').update({ lease_until: 0 });
    },

    async unfinished() {
      const rows: { id: string }[] = await db
        .knex('runs')
        .whereIn('state', ['queued', 'running', 'stopping'])
        .orderBy('id')
        .limit(1000)
        .select('id');
      return rows.map(({ id }) => id);
    },

    takeBack: (runId) =>
      db.transaction(async (tx) => {
        const run = await lockRun(tx, runId);
        const now = await db.now(tx);
        const ended: Pick<HostRunRow, 'ordinal' | 'state'>[] = await tx('run_hosts')
          .where({ run_id: runId })
          .andWhere('lease_until', '<=', now)
          .select('ordinal', 'state');
        const connecting = ended.filter(({ state }) => state === 'connecting').map(({ ordinal }) => ordinal);
        const running = ended.filter(({ state }) => state === 'running').map(({ ordinal }) => ordinal);
        await move(tx, run, connecting, 'connecting', 'pending', noLease);
        const message = 'The worker stopped while this server was running the script; how it ended is not known.';
        await move(tx, run, running, 'running', 'lost', { ...noLease, message, ended_at: now });
        await settle(tx, run, now);
        return ended.length;
      }),
  };
}

type HeldHost = Pick<HostRunRow, 'ordinal' | 'attempt' | 'state'>;

/** A sweep finds most runs with nothing to claim: a look without the lock settles that. */
async function nothingToClaim(db: Database, runId: string, want: number): Promise<Exchanged | null> {
  const row: RunRow | undefined = await db.knex('runs').where({ id: runId }).first();
  if (!row) throw new OmError('NOT_FOUND', 'There is no such run.');
  const { release, dropPending } = decide({ ...row, counts: JSON.parse(row.counts) });
  if (dropPending || Math.min(release, want) > 0) return null;
  return { begun: new Set(), accepted: new Set(), claimed: [], control: row.control, changed: false };
}

async function acceptResults(
  tx: Tx,
  run: LockedRun,
  owner: string,
  results: HostResult[],
  now: number,
): Promise<Set<number>> {
  const accepted = new Set<number>();
  const held = await heldBy(
    tx,
    run,
    owner,
    results.map(({ ordinal }) => ordinal),
    now,
  );
  for (const result of results) {
    const row = held.get(result.ordinal);
    if (!row || row.attempt !== result.attempt || !mayMove(row.state, result.state)) continue;
    const back = result.state === 'pending';
    await tx('run_hosts')
      .where({ run_id: run.row.id, ordinal: result.ordinal })
      .update({
        ...noLease,
        state: result.state,
        reason: result.reason ?? null,
        message: result.message ?? null,
        exit_code: result.exitCode ?? null,
        ended_at: back ? null : now,
        stdout_bytes: result.stdoutBytes ?? 0,
        stderr_bytes: result.stderrBytes ?? 0,
        discarded_bytes: result.discardedBytes ?? 0,
        fold: result.fold ?? null,
        survivors: result.survivors?.length ? JSON.stringify(result.survivors) : null,
        revision: run.row.revision,
      });
    moveCounts(run.counts, row.state, result.state);
    accepted.add(result.ordinal);
  }
  return accepted;
}

async function begin(
  tx: Tx,
  run: LockedRun,
  owner: string,
  asked: HostAttempt[],
  now: number,
  leaseMs: number,
): Promise<Set<number>> {
  if (asked.length === 0 || run.row.control !== 'run') return new Set();
  const ordinals = asked.map(({ ordinal }) => ordinal);
  const held = await heldBy(tx, run, owner, ordinals, now);
  const inState = (wanted: HostState) =>
    asked.flatMap(({ ordinal, attempt }) => {
      const row = held.get(ordinal);
      return row?.state === wanted && row.attempt === attempt ? [ordinal] : [];
    });
  const mine = inState('connecting');
  await move(tx, run, mine, 'connecting', 'running', { started_at: now, lease_until: now + leaseMs });
  // Whoever asks has sent nothing yet: what is running already was committed and the answer was cut off.
  return new Set([...mine, ...inState('running')]);
}

async function claim(
  tx: Tx,
  run: LockedRun,
  owner: string,
  want: number,
  now: number,
  leaseMs: number,
): Promise<HostAttempt[]> {
  const { row, counts } = run;
  const { release } = decide({ total: row.total, parallel: row.parallel, counts, control: row.control });
  const take = Math.min(release, want);
  if (take <= 0) return [];
  const rows: HostAttempt[] = await tx('run_hosts')
    .where({ run_id: row.id, state: 'pending' })
    .orderBy('ordinal')
    .limit(take)
    .select('ordinal', 'attempt');
  const ordinals = rows.map(({ ordinal }) => ordinal);
  await move(tx, run, ordinals, 'pending', 'connecting', { lease_owner: owner, lease_until: now + leaseMs });
  return rows;
}

/** Which of these hosts this owner holds by a live lease, in which state and attempt. */
async function heldBy(
  tx: Tx,
  run: LockedRun,
  owner: string,
  ordinals: number[],
  now: number,
): Promise<Map<number, HeldHost>> {
  const held = new Map<number, HeldHost>();
  for (let i = 0; i < ordinals.length; i += slice) {
    const rows: HeldHost[] = await tx('run_hosts')
      .where({ run_id: run.row.id, lease_owner: owner })
      .andWhere('lease_until', '>', now)
      .whereIn('ordinal', ordinals.slice(i, i + slice))
      .select('ordinal', 'attempt', 'state');
    for (const row of rows) held.set(row.ordinal, row);
  }
  return held;
}
