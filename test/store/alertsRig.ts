import { alertRuleDraftSchema } from '@omanager/contract';
import { createLocalBus } from '../../apps/server/src/bus/bus.ts';
import type { Database } from '../../apps/server/src/db/database.ts';
import { queueAlert } from '../../apps/server/src/features/audit/delivery/outbox.ts';
import { createEvaluator } from '../../apps/server/src/features/audit/rules/evaluator.ts';
import { addRule } from '../../apps/server/src/features/audit/rules/ruleStore.ts';
import { createIntakeRig, recordLine } from './commandsRig.ts';

/** To be emptied beside those of commands. */
export const alertTables = ['alerts', 'alert_queue', 'alert_rules', 'alert_outbox', 'alert_targets', 'leases'];

/** Commands come in by an agent, and a rule that finds `rm` raises an alert for each. */
export async function raiseAlerts(db: Database, by: { by: string; at: number }, ...commands: string[]): Promise<void> {
  const rig = await createIntakeRig(db);
  const draft = { name: 'removal', severity: 'warning', pattern: 'rm', cooldownSeconds: 0 };
  await db.transaction((tx) => addRule(tx, alertRuleDraftSchema.parse(draft), by));
  await (await rig.agent()).send(
    1,
    commands.map((text) => recordLine(text)),
  );
  await evaluate(db);
}

/** What waits to be held against the rules is. */
export async function evaluate(db: Database): Promise<void> {
  const log = { error() {} };
  const bus = createLocalBus();
  const evaluator = createEvaluator({ db, bus, describe: async () => new Map(), raised: queueAlert, log });
  await evaluator.drain();
  await evaluator.stop();
}
