import type { Bus } from '../../../bus/bus.ts';
import type { Database } from '../../../db/database.ts';
import type { AgentKeys } from '../agentKeys/agentKeys.ts';
import { type CheckClaims, createAgentBatches } from '../ingest/agentBatches.ts';
import { createLegacyPull } from '../ingest/legacyPull.ts';
import { createRefusals } from '../ingest/refusals.ts';
import type { WriteAudit } from '../writer.ts';
import { createCommandRetention } from './commandRetention.ts';
import { createCommandWriter } from './commandWriter.ts';
import { createSilenceWatch } from './silence.ts';

interface Options {
  db: Database;
  bus: Bus;
  keys: Pick<AgentKeys, 'findAgentKey' | 'seen'>;
  audit: WriteAudit;
  hosts: { nameOf(id: string): Promise<string | undefined> };
  checkClaims: CheckClaims;
  keepCommandsMs: number | null;
  legacyFrom: readonly string[];
  log: { info(details: object, message: string): void; error(details: object, message: string): void };
}

/** Commands seen on hosts: taken in, watched for silence, kept for their time. */
export function createCommands({ db, bus, keys, audit, ...options }: Options) {
  const { hosts, checkClaims, keepCommandsMs, legacyFrom, log } = options;
  const writer = createCommandWriter({ db, written: () => bus.publish('commands') });
  const refused = createRefusals({ db, audit, audited: () => bus.publish('audit'), log });
  const batches = createAgentBatches({ keys, hostName: hosts.nameOf, checkClaims, writer, refused, log });
  const silence = createSilenceWatch({ db, writer, log });
  const retention = createCommandRetention({ db, audit, keepMs: keepCommandsMs, log });
  return {
    /** What HTTP hands over. */
    intake: {
      admit: batches.admit,
      legacy: legacyFrom.length > 0 ? createLegacyPull({ from: legacyFrom, writer, refused, log }) : null,
    },
    /** Partitions and removal; one process at a time. */
    maintain: retention.round,
    start: silence.start,
    /** Ends when all that was answered for is written. */
    async stop() {
      await silence.stop();
      await writer.idle();
    },
  };
}

export type Commands = ReturnType<typeof createCommands>;
