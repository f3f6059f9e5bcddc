import type { Knex } from 'knex';
import { json } from './columns.ts';

const runsAtOnce = 500;

/** What lists of runs and of events are filtered by, newest first. */
export async function up(db: Knex): Promise<void> {
  await db.schema.alterTable('runs', (t) => {
    // Lower case: both databases compare it alike.
    json(t, 'search').nullable();
    json(t, 'environments').nullable();
  });
  await describeStored(db);
  await db.schema.alterTable('runs', (t) => {
    // With the state: the days of a chart are counted from the index alone.
    t.index(['created_at', 'id', 'state']);
    t.index(['state', 'created_at', 'id']);
    t.index(['module_id', 'created_at', 'id']);
    t.index(['started_by', 'created_at', 'id']);
    t.dropIndex(['state', 'id']);
    t.dropIndex(['module_id', 'id']);
  });
  await db.schema.alterTable('action_events', (t) => {
    t.index(['actor_name', 'id']);
    t.index(['action', 'id']);
    t.index(['outcome', 'id']);
  });
}

export async function down(db: Knex): Promise<void> {
  await db.schema.alterTable('action_events', (t) => {
    for (const column of ['actor_name', 'action', 'outcome']) t.dropIndex([column, 'id']);
  });
  await db.schema.alterTable('runs', (t) => {
    t.index(['state', 'id']);
    t.index(['module_id', 'id']);
    t.dropIndex(['created_at', 'id', 'state']);
    for (const column of ['state', 'module_id', 'started_by']) t.dropIndex([column, 'created_at', 'id']);
  });
  await db.schema.alterTable('runs', (t) => {
    t.dropColumn('search');
    t.dropColumn('environments');
  });
}

/** Says of the runs that are there what `search` and `environments` say of later ones. */
async function describeStored(db: Knex): Promise<void> {
  for (let after = ''; ; ) {
    const runs: { id: string; reason: string | null; selector: string; summary: string }[] = await db('runs')
      .join('plans', 'plans.id', 'runs.plan_id')
      .where('runs.id', '>', after)
      .orderBy('runs.id')
      .limit(runsAtOnce)
      .select('runs.id', 'runs.reason', 'plans.selector', 'plans.summary');
    for (const { id, reason, selector, summary } of runs) {
      const { module, environments } = JSON.parse(summary);
      const said = [module.id, module.title.en, module.title.zh, selector.slice(0, 2000), reason ?? ''];
      await db('runs')
        .where({ id })
        .update({
          search: said.join('\n').toLowerCase(),
          environments: Object.keys(environments ?? {})
            .map((name) => `,${name},`)
            .join(''),
        });
      after = id;
    }
    if (runs.length < runsAtOnce) return;
  }
}
