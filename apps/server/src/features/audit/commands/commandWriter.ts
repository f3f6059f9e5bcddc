import { randomBytes } from 'node:crypto';
import { type Database, isUnreachable, type Tx } from '../../../db/database.ts';
import { leafOf } from '../ledger/leaf.ts';
import { queueBatch } from '../rules/alertQueue.ts';
import { type AgentStream, hadOther, lockStreams, markSilent, saveStreams, streamName } from './agentStreams.ts';
import { eventId, makeBatchId } from './batchId.ts';
import { commandFields } from './commandEvent.ts';
import { insertBatch } from './commandStore.ts';
import { createGroupCommit } from './groupCommit.ts';
import type { NewCommand } from './newCommand.ts';
import { type AgentBatch, takeBatch } from './sequences.ts';
import { withHoles } from './sessionHoles.ts';

/** Something to write down. */
export type Job =
  | { kind: 'batch'; batch: AgentBatch }
  /** Events that belong to no sequence. */
  | { kind: 'events'; events: readonly NewCommand[] }
  /** A host has gone silent, if it still is when this is written. */
  | { kind: 'silent'; stream: AgentStream; event: NewCommand };

/** For a batch, the sequence that is wanted next. */
export type Written = { next: number };

const saltBytes = 16;
/** Bytes of text that wait, and that one transaction takes, roughly. */
const maxWaiting = 32 * 1024 * 1024;
const maxGroup = 2 * 1024 * 1024;
const weightOfEvent = 300;
/** SQLite has one writer; MySQL stores one group while the next is put together. */
const lanes: Readonly<Record<Database['kind'], number>> = { sqlite: 1, mysql: 2 };

export interface CommandWriter {
  /** Answered when it is on disk. Throws QueueFull. */
  write(job: Job): Promise<Written>;
  idle(): Promise<void>;
}

export function createCommandWriter({ db, written }: { db: Database; written(): void }): CommandWriter {
  const commit = createGroupCommit<Job, Written>({
    maxWaiting,
    maxGroup,
    lanes: lanes[db.kind],
    isAway: isUnreachable,
    async write(jobs) {
      const answers = await db.transaction((tx) => writeJobs(tx, db.kind, jobs));
      written();
      return answers;
    },
  });
  return { write: (job) => commit.submit(job, weightOf(job)), idle: commit.idle };
}

async function writeJobs(tx: Tx, kind: Database['kind'], jobs: readonly Job[]): Promise<Written[]> {
  const streams = await streamsOf(tx, kind, jobs);
  const changed = new Map<string, AgentStream>();
  const events: NewCommand[] = [];
  const answers: Written[] = [];
  for (const job of jobs) {
    switch (job.kind) {
      case 'batch': {
        const { batch } = job;
        const name = streamName({ host_id: batch.origin.hostId ?? '', boot: batch.boot });
        const before = streams.get(name);
        if (!before) throw new Error('the stream that was made is not there');
        const afterOther = before.last_seen === 0 && (await hadOther(tx, before));
        const taken = takeBatch(before, batch, { afterOther });
        streams.set(name, taken.stream);
        changed.set(name, taken.stream);
        events.push(...taken.events);
        answers.push({ next: taken.stream.next });
        break;
      }
      case 'events':
        events.push(...job.events);
        answers.push({ next: 0 });
        break;
      case 'silent':
        if (await markSilent(tx, job.stream)) events.push(job.event);
        answers.push({ next: 0 });
        break;
    }
  }
  await saveStreams(tx, [...changed.values()]);
  await insertEvents(tx, kind, await withHoles(tx, events, Date.now()));
  return answers;
}

async function insertEvents(tx: Tx, kind: Database['kind'], events: readonly NewCommand[]): Promise<void> {
  if (events.length === 0) return;
  const batch = makeBatchId(Date.now());
  const salts = randomBytes(events.length * saltBytes);
  const rows = events.map((event, place) => {
    const fields = commandFields({ ...event, id: eventId(batch, place) });
    const salt = salts.subarray(place * saltBytes, (place + 1) * saltBytes);
    return { fields, salt, leaf: leafOf(salt, fields) };
  });
  await insertBatch(tx, kind, { batch, rows });
  await queueBatch(tx, batch);
}

function streamsOf(tx: Tx, kind: Database['kind'], jobs: readonly Job[]): Promise<Map<string, AgentStream>> {
  const wanted = new Map<string, AgentStream>();
  for (const job of jobs) {
    if (job.kind !== 'batch') continue;
    const { origin, boot, keyId } = job.batch;
    const stream: AgentStream = {
      ...{ host_id: origin.hostId ?? '', boot, next: 1, key_id: keyId, host_name: origin.hostName },
      ...{ address: origin.address, first_seen: origin.receivedAt, last_seen: 0, silent_since: null },
      ...{ status: null, status_at: null, lag_ms: null, clock_seconds: null },
    };
    wanted.set(streamName(stream), stream);
  }
  if (wanted.size === 0) return Promise.resolve(new Map());
  return lockStreams(tx, kind, [...wanted.values()]);
}

function weightOf(job: Job): number {
  switch (job.kind) {
    case 'batch':
      return job.batch.records.reduce(
        (sum, { text, directory }) => sum + weightOfEvent + text.length + directory.length,
        0,
      );
    case 'events':
      return job.events.reduce((sum, { command }) => sum + weightOfEvent + command.length, 0);
    case 'silent':
      return weightOfEvent;
  }
}
