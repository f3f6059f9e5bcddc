import type { Plan, Rollout } from '@omanager/contract';
import { OmError } from '@omanager/contract';
import type { Knex } from 'knex';
import type { Database, Tx } from '../../../db/database.ts';
import { iso } from '../../../db/page.ts';
import type { Sealer } from '../../vault/sealer.ts';
import type { RunRules } from '../decide/progress.ts';
import type { FrozenHost, RouteHop, RunInput } from '../ports.ts';

/** A plan as the planner hands it over. */
export interface Planned {
  plan: Plan;
  input: RunInput;
  hosts: FrozenHost[];
  limits: SharedLimits;
}

/** Everything of a plan but its hosts and its secrets. */
export interface StoredPlan {
  plan: Plan;
  moduleDigest: string;
  createdBy: string;
  limits: SharedLimits;
}

/** Limits over all runs that hold for this plan's hosts. */
export type SharedLimits = Pick<RunRules, 'moduleLimit' | 'zoneLimits'>;

interface HostRow {
  ordinal: number;
  host_id: string;
  name: string;
  address: string;
  port: number;
  user_name: string;
  zone_id: string;
  zone: string;
  environment: string;
  route: string;
  credential_id: string | null;
  credential: string | null;
  host_key: string | null;
}

const rowsPerInsert = 500;
const noLimits: SharedLimits = { moduleLimit: null, zoneLimits: {} };

export function createPlanStore({ db, sealer }: { db: Database; sealer: Sealer }) {
  return {
    async insert(tx: Tx, { plan, input, hosts, limits }: Planned, createdBy: string): Promise<void> {
      const {
        id,
        digest,
        module,
        selector,
        params,
        script,
        runAs,
        parallel,
        timeoutMs,
        total,
        createdAt,
        expiresAt,
        ...summary
      } = plan;
      await tx('plans').insert({
        id,
        digest,
        module_digest: module.digest,
        selector,
        params: JSON.stringify(params),
        input_sealed: sealer.seal(`plan|${id}`, Buffer.from(JSON.stringify(input))),
        script,
        run_as: runAs,
        parallel,
        timeout_ms: timeoutMs,
        total,
        summary: JSON.stringify({ module, limits, ...summary }),
        created_by: createdBy,
        created_at: Date.parse(createdAt),
        expires_at: Date.parse(expiresAt),
      });
      const rows = hosts.map((host) => toRow(id, host));
      for (let i = 0; i < rows.length; i += rowsPerInsert)
        await tx('plan_hosts').insert(rows.slice(i, i + rowsPerInsert));
    },

    async get(on: Knex, planId: string): Promise<StoredPlan> {
      const row = await on('plans').where({ id: planId }).first();
      if (!row) throw new OmError('NOT_FOUND', 'There is no such plan.');
      const { module, limits, rollout, follow, filter, environments, zones, warnings, gate } = JSON.parse(row.summary);
      const plan: Plan = {
        id: row.id,
        digest: row.digest,
        createdAt: iso(row.created_at),
        expiresAt: iso(row.expires_at),
        module,
        selector: row.selector,
        params: JSON.parse(row.params),
        script: row.script,
        runAs: row.run_as,
        parallel: row.parallel,
        rollout: rollout ?? oneWave(row.total),
        timeoutMs: row.timeout_ms,
        follow: follow ?? false,
        filter: filter ?? null,
        total: row.total,
        environments,
        zones,
        warnings,
        gate,
      };
      return { plan, moduleDigest: row.module_digest, createdBy: row.created_by, limits: limits ?? noLimits };
    },

    /** The id of the plan that a run carries out. */
    async idOfRun(on: Knex, runId: string): Promise<string> {
      const row: { plan_id: string } | undefined = await on('runs').where({ id: runId }).first('plan_id');
      if (!row) throw new OmError('NOT_FOUND', 'There is no such run.');
      return row.plan_id;
    },

    /** The operator's input with its secrets: for the engine only. */
    async input(on: Knex, planId: string): Promise<RunInput> {
      const row = await on('plans').where({ id: planId }).first('input_sealed');
      if (!row) throw new OmError('NOT_FOUND', 'There is no such plan.');
      return JSON.parse(sealer.open(`plan|${planId}`, row.input_sealed).toString('utf8'));
    },

    /** Frozen hosts, by ordinal: those named, or a page after an ordinal. */
    async hosts(
      on: Knex,
      planId: string,
      which: { ordinals: number[] } | { after: number; limit: number },
    ): Promise<FrozenHost[]> {
      const query = on('plan_hosts').where({ plan_id: planId }).orderBy('ordinal');
      if ('ordinals' in which) query.whereIn('ordinal', which.ordinals);
      else query.andWhere('ordinal', '>', which.after).limit(which.limit);
      const rows: HostRow[] = await query;
      return rows.map(fromRow);
    },

    /** For a plan with a gate, which opens once: what was typed for one run starts no other. */
    async requireUnused(tx: Tx, planId: string): Promise<void> {
      // Two starts at the same time: the second waits here for the first.
      await tx('plans').where({ id: planId }).forUpdate().first('id');
      if (await tx('runs').where({ plan_id: planId }).first('id'))
        throw new OmError('CONFLICT', 'This plan was started already; make a new one and look again.');
    },

    /** Plans that expired before `before` and were never started. */
    async prune(before: number): Promise<number> {
      return db.transaction(async (tx) => {
        const used = tx('runs').select('plan_id');
        const old: { id: string }[] = await tx('plans')
          .where('expires_at', '<', before)
          .whereNotIn('id', used)
          .limit(200)
          .select('id');
        const ids = old.map(({ id }) => id);
        await tx('plan_hosts').whereIn('plan_id', ids).delete();
        return tx('plans').whereIn('id', ids).delete();
      });
    },
  };
}

export type PlanStore = ReturnType<typeof createPlanStore>;

/** Of a plan that an earlier version made. */
function oneWave(total: number): Rollout {
  return { waves: [total], waitMs: null, ask: false, stopWhen: null, order: 'inventory', perZone: null };
}

function toRow(planId: string, host: FrozenHost): HostRow & { plan_id: string } {
  return {
    plan_id: planId,
    ordinal: host.ordinal,
    host_id: host.hostId,
    name: host.name,
    address: host.address,
    port: host.port,
    user_name: host.user,
    zone_id: host.zoneId,
    zone: host.zone,
    environment: host.environment,
    route: JSON.stringify(host.hops),
    credential_id: host.credentialId,
    credential: host.credential,
    host_key: host.hostKey,
  };
}

function fromRow(row: HostRow): FrozenHost {
  const hops: RouteHop[] = JSON.parse(row.route);
  return {
    ordinal: row.ordinal,
    hostId: row.host_id,
    name: row.name,
    address: row.address,
    port: row.port,
    user: row.user_name,
    zoneId: row.zone_id,
    zone: row.zone,
    environment: row.environment,
    route: hops.map(({ name }) => name),
    hops,
    credentialId: row.credential_id,
    credential: row.credential,
    hostKey: row.host_key,
  };
}
