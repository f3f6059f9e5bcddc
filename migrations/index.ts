import type { Knex } from 'knex';
import * as access from './20261122090000_access.ts';
import * as vaultInventory from './20261122090100_vault_inventory.ts';
import * as runs from './20261122090200_runs.ts';
import * as rollout from './20261122100000_rollout.ts';
import * as output from './20261122100200_output.ts';
import * as retention from './20261122100300_retention.ts';
import * as workers from './20261122100400_workers.ts';
import * as follow from './20261122100500_follow.ts';
import * as modules from './20261122110000_modules.ts';
import * as runNumbers from './20261122120000_run_numbers.ts';
import * as ledger from './20261122130000_ledger.ts';
import * as lists from './20261122140000_lists.ts';
import * as agentKeys from './20261122150000_agent_keys.ts';
import * as recordings from './20261122160000_recordings.ts';
import * as commands from './20261122170000_commands.ts';
import * as settings from './20261122180000_settings.ts';
import * as alerts from './20261122190000_alerts.ts';
import * as alertTargets from './20261122200000_alert_targets.ts';
import * as timeline from './20261122230000_timeline.ts';
import * as agentStatus from './20261123010000_agent_status.ts';
import * as activityMonths from './20261123020000_activity_months.ts';
import * as emailTargets from './20261123030000_email_targets.ts';
import * as checkpointTargets from './20261123040000_checkpoint_targets.ts';
import * as openAlerts from './20261123050000_open_alerts.ts';

/** The timeline. Names have no extension and never change: they are stored in the database. */
const migrations: Record<string, Knex.Migration> = {
  '20261122090000_access': access,
  '20261122090100_vault_inventory': vaultInventory,
  '20261122090200_runs': runs,
  '20261122100000_rollout': rollout,
  '20261122100200_output': output,
  '20261122100300_retention': retention,
  '20261122100400_workers': workers,
  '20261122100500_follow': follow,
  '20261122110000_modules': modules,
  '20261122120000_run_numbers': runNumbers,
  '20261122130000_ledger': ledger,
  '20261122140000_lists': lists,
  '20261122150000_agent_keys': agentKeys,
  '20261122160000_recordings': recordings,
  '20261122170000_commands': commands,
  '20261122180000_settings': settings,
  '20261122190000_alerts': alerts,
  '20261122200000_alert_targets': alertTargets,
  '20261122230000_timeline': timeline,
  '20261123010000_agent_status': agentStatus,
  '20261123020000_activity_months': activityMonths,
  '20261123030000_email_targets': emailTargets,
  '20261123040000_checkpoint_targets': checkpointTargets,
  '20261123050000_open_alerts': openAlerts,
};

export const migrationSource: Knex.MigrationSource<string> = {
  getMigrations: async () => Object.keys(migrations).sort(),
  getMigrationName: (name) => name,
  getMigration: async (name) => {
    const migration = migrations[name];
    if (!migration) throw new Error(`there is no migration ${name}`);
    return migration;
  },
};
