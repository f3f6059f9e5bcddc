import type { Database } from '../../../db/database.ts';
import { createLease } from '../../../db/leases.ts';
import { startRounds } from '../../../rounds.ts';
import { silentStreams } from './agentStreams.ts';
import type { CommandWriter } from './commandWriter.ts';
import { aboutHost } from './newCommand.ts';

interface Options {
  db: Database;
  writer: Pick<CommandWriter, 'write'>;
  log: { error(details: object, message: string): void };
  /** An agent sends something every minute. */
  silentMs?: number;
  everyMs?: number;
}

const leaseMs = 60_000;
const atOnce = 500;

/** Writes an event for each host whose agent says nothing any more. */
export function createSilenceWatch({ db, writer, log, silentMs = 5 * 60_000, everyMs = 30_000 }: Options) {
  const lease = createLease(db, 'agent silence', leaseMs);
  let rounds: ReturnType<typeof startRounds> | undefined;
  let failing = false;

  async function look(): Promise<void> {
    const at = Date.now();
    for (const stream of await silentStreams(db.knex, at - silentMs, atOnce)) {
      const { host_id, host_name, address, boot, last_seen } = stream;
      const origin = { hostId: host_id, hostName: host_name, address, boot, signed: true, receivedAt: at };
      const text = `nothing since ${new Date(Number(last_seen)).toISOString()}`;
      await writer.write({ kind: 'silent', stream, event: aboutHost(origin, { kind: 'silence', at, text }) });
    }
  }

  return {
    look,
    start() {
      // Nothing could come while no server was there: hosts have the whole time again.
      const from = performance.now() + silentMs;
      rounds = startRounds(everyMs, async () => {
        if (performance.now() < from) return;
        try {
          if (await lease.hold()) await look();
          failing = false;
        } catch (error) {
          if (!failing)
            log.error({ err: String(error).slice(0, 500) }, 'looking for silent agents failed; it is tried again');
          failing = true;
        }
      });
    },
    async stop() {
      await rounds?.stop();
      await lease.release().catch(() => {});
    },
  };
}
