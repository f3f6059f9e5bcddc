import { appendFile } from 'node:fs/promises';
import type { CheckpointTarget } from '@omanager/contract';
import type { Database } from '../../../db/database.ts';
import { failureOf } from './checkpointFailure.ts';
import { type CheckpointForwarder, createForwarder, type SendCheckpoint } from './checkpointForwarder.ts';
import { type CheckpointSettings, checkpointPlaces, createTargetStates } from './checkpointStates.ts';
import { syslogSender } from './checkpointSyslog.ts';
import { webhookSender } from './checkpointWebhook.ts';

interface Options {
  db: Database;
  settings: CheckpointSettings;
  log: { info(details: object, message: string): void; error(details: object, message: string): void };
  pauses?: { firstPauseMs?: number; longestPauseMs?: number; stopMs?: number };
}

interface Made {
  block: number;
  line: string;
}

export interface CheckpointTargets {
  /** A checkpoint was made: it is sent to every target, behind the caller's back. */
  give(made: Made): Promise<void>;
  stop(): Promise<void>;
}

/** Brings checkpoints to a file and off the machine, and keeps in the database how that goes. */
export function createCheckpointTargets({ db, settings, log, pauses = {} }: Options): CheckpointTargets {
  const places = checkpointPlaces(settings);
  const states = createTargetStates(db, places);
  const senders = sendersOf(settings);
  const forwarders = places.map(({ kind }) => forwarderOf(kind));

  function forwarderOf(to: CheckpointTarget['kind']): CheckpointForwarder<Made> {
    const send = senders[to];
    let failing = false;
    return createForwarder<Made>({
      ...pauses,
      send: async ({ line }, signal) => send?.(line, signal),
      async sent({ block }, left) {
        if (failing) log.info({ to, block }, 'checkpoints leave again');
        failing = false;
        await kept(states.sent(to, block, left));
      },
      async failed(error) {
        const failure = failureOf(error);
        if (!failing) log.error({ to, ...failure }, 'a checkpoint did not leave; it is tried again');
        failing = true;
        await kept(states.failed(to, failure));
      },
    });
  }

  /** That the database is away keeps no checkpoint back. */
  async function kept(work: Promise<void>): Promise<void> {
    await work.catch((error) =>
      log.error({ err: String(error).slice(0, 300) }, 'how checkpoints leave could not be noted'),
    );
  }

  return {
    async give(made) {
      if (places.length === 0) return;
      await kept(states.made());
      for (const forwarder of forwarders) forwarder.give(made);
    },
    async stop() {
      await Promise.all(forwarders.map((forwarder) => forwarder.stop()));
    },
  };
}

function sendersOf({ file, syslog, webhook }: CheckpointSettings): {
  [K in CheckpointTarget['kind']]: SendCheckpoint | undefined;
} {
  return {
    file: file === null ? undefined : (line) => appendFile(file, `${line}\n`, { mode: 0o640 }),
    syslog: syslog ? syslogSender(syslog) : undefined,
    webhook: webhook ? webhookSender(webhook) : undefined,
  };
}
