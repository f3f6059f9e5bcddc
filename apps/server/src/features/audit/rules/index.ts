import type { Bus } from '../../../bus/bus.ts';
import type { Database } from '../../../db/database.ts';
import type { WriteAudit } from '../writer.ts';
import { createEvaluator } from './evaluator.ts';
import { createAlertHandlers } from './handlers.ts';
import type { DescribeHosts } from './matcher.ts';

interface Options {
  db: Database;
  bus: Bus;
  audit: WriteAudit;
  describe: DescribeHosts;
  log: { error(details: object, message: string): void };
}

/** Rules on commands, and the alerts that they raise. */
export function createAlerts(options: Options) {
  const evaluator = createEvaluator(options);
  return { handlers: createAlertHandlers(options), start: evaluator.start, stop: evaluator.stop };
}
