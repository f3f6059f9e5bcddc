import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Plan, Rollout } from '@omanager/contract';
import { v7 as uuid } from 'uuid';
import { type Database, openDatabase } from '../../db/database.ts';
import { migrate } from '../../db/migrate.ts';
import { createSealer, type Sealer } from '../vault/sealer.ts';
import { createPlanStore } from './plan/planStore.ts';
import type { FrozenHost } from './ports.ts';
import { createRunStore } from './store.ts';

/** A store with an empty schema in a temporary folder, for tests of this feature. */
export async function openTestStore(): Promise<{ db: Database; sealer: Sealer; file: string; close(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'om-runs-'));
  const file = join(folder, 'test.db');
  const db = openDatabase({ kind: 'sqlite', file });
  await migrate(db);
  const sealer = createSealer([{ id: '0123456789abcdef', key: randomBytes(32) }]);
  return {
    db,
    sealer,
    file,
    async close() {
      await db.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** Puts a run of `total` made-up hosts into the store, as a start would. */
export async function insertRun(
  db: Database,
  sealer: Sealer,
  total: number,
  parallel = 50,
  {
    zones = [uuid()],
    follow = false,
    ...rollout
  }: Partial<Rollout> & { zones?: readonly string[]; follow?: boolean } = {},
): Promise<string> {
  const plans = createPlanStore({ db, sealer });
  const runs = createRunStore();
  const runId = uuid();
  const plan = { ...testPlan(total, parallel, rollout), follow };
  const limits = { moduleLimit: null, zoneLimits: {} };
  await db.transaction(async (tx) => {
    const version = {
      digest: plan.module.digest,
      module_id: 'test.module',
      version: '1',
      source: 'builtin',
      manifest: '',
      created_at: 0,
    };
    await tx('module_versions').insert(version).onConflict('digest').ignore();
    const hosts = Array.from({ length: total }, (_, ordinal) => testHost(ordinal, zones[ordinal % zones.length] ?? ''));
    await plans.insert(tx, { plan, input: { params: {}, files: {} }, hosts, limits }, uuid());
    await runs.insert(tx, runId, { plan, limits }, { startedBy: 'tester' });
  });
  return runId;
}

function testPlan(total: number, parallel: number, rollout: Partial<Rollout>): Plan {
  return {
    id: uuid(),
    digest: 'd',
    createdAt: new Date(0).toISOString(),
    expiresAt: new Date(0).toISOString(),
    module: { id: 'test.module', version: '1', digest: 'm', title: { en: 'Test', zh: '测试' }, risk: 'read' },
    selector: '*',
    params: {},
    script: '',
    runAs: null,
    parallel,
    rollout: {
      waves: [total],
      waitMs: null,
      ask: false,
      stopWhen: null,
      order: 'inventory',
      perZone: null,
      ...rollout,
    },
    follow: false,
    filter: null,
    timeoutMs: 1000,
    total,
    environments: {},
    zones: {},
    warnings: [],
    gate: { kind: 'none' },
  };
}

function testHost(ordinal: number, zoneId: string): FrozenHost {
  return {
    ordinal,
    hostId: uuid(),
    name: `h${ordinal}`,
    address: '127.0.0.1',
    port: 22,
    user: 'u',
    zone: 'default',
    zoneId,
    environment: 'default',
    route: [],
    hops: [],
    credential: null,
    credentialId: null,
    hostKey: null,
  };
}
