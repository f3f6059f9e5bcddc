import type { Bus } from '../../../bus/bus.ts';
import type { Database } from '../../../db/database.ts';
import type { Sealer } from '../../vault/sealer.ts';
import { countBehind } from '../activity/countBehind.ts';
import { createDeliverer } from '../delivery/deliverer.ts';
import { createAlertTargetHandlers } from '../delivery/handlers.ts';
import { queueAlert } from '../delivery/outbox.ts';
import { createTargetStore } from '../delivery/targetStore.ts';
import type { Looks } from '../looks.ts';
import type { WriteAudit } from '../writer.ts';
import { createEvaluator } from './evaluator.ts';
import { createAlertHandlers } from './handlers.ts';
import type { DescribeHosts } from './matcher.ts';
import { createTagRisks } from './risks.ts';

interface Options {
  db: Database;
  bus: Bus;
  sealer: Sealer;
  audit: WriteAudit;
  describe: DescribeHosts;
  looked: Looks['looked'];
  /** Networks to which alerts may be sent although they are not public. */
  networks: readonly string[];
  log: { error(details: object, message: string): void };
}

/** Rules on commands, the alerts that they raise, and where those are sent. */
export function createAlerts(options: Options) {
  const { db, sealer, networks, log } = options;
  const targets = createTargetStore(sealer);
  const evaluator = createEvaluator({ ...options, raised: queueAlert, behind: countBehind(db) });
  const deliverer = createDeliverer({ db, targets, networks, log });
  return {
    handlers: { ...createAlertHandlers(options), ...createAlertTargetHandlers({ ...options, targets, deliverer }) },
    tagRisks: createTagRisks(db.knex, options.describe),
    start() {
      evaluator.start();
      deliverer.start();
    },
    async stop() {
      await evaluator.stop();
      await deliverer.stop();
    },
  };
}
