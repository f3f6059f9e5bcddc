import { type Heartbeat, heartbeatSchema, readHeartbeat } from '../ingest/heartbeat.ts';
import type { AgentRecord } from '../ingest/records.ts';
import type { AgentStream } from './agentStreams.ts';
import { aboutHost, fromRecord, type NewCommand, type Origin } from './newCommand.ts';

export interface AgentBatch {
  origin: Origin;
  boot: string;
  first: number;
  keyId: string;
  records: readonly AgentRecord[];
  /** The clock that signed it minus ours. */
  aheadMs: number;
  /** By the place of the record: the run or terminal that its claim was found to be true of. */
  links: ReadonlyMap<number, Pick<NewCommand, 'run_id' | 'terminal_id'>>;
}

/**
 * What of a batch is new to its stream: each sequence counts once, a hole is an event of its own. Pure: gives the events
 * and the stream as it is afterwards.
 */
export function takeBatch(
  stream: AgentStream,
  { origin, first, keyId, records, aheadMs, links }: AgentBatch,
  { afterOther }: { afterOther: boolean },
): { events: NewCommand[]; stream: AgentStream } {
  const { receivedAt: at } = origin;
  const events: NewCommand[] = [];
  const end = first + records.length;
  if (stream.last_seen === 0 && afterOther)
    events.push(aboutHost(origin, { kind: 'gap', at, text: 'a new spool: what the last one still held is lost' }));
  if (first > stream.next) {
    const text = `records ${stream.next} to ${first - 1} are missing`;
    events.push(aboutHost(origin, { kind: 'gap', at, text, sequence: stream.next }));
  }
  if (stream.silent_since !== null) {
    const seconds = Math.max(0, Math.round((at - Number(stream.silent_since)) / 1000));
    events.push(aboutHost(origin, { kind: 'resumed', at, text: `after ${seconds} s` }));
  }
  let said = readSaid(stream.status);
  let saidAt = stream.status_at;
  for (const [place, record] of records.entries()) {
    const sequence = first + place;
    const { kind } = record;
    if (sequence < stream.next) continue;
    if (kind === 'heartbeat' || kind === 'started') said = { ...said, ...saidBy(kind, record.text) };
    if (kind === 'heartbeat') {
      saidAt = at;
      continue;
    }
    const link = links.get(place);
    const event = fromRecord(origin, { ...record, kind }, sequence);
    events.push(link ? { ...event, ...link, outside: false } : event);
  }
  // om-time is in whole seconds, and already corrected by the forwarder.
  const clockSeconds = Math.round(aheadMs / 1000 + 0.5) - (said.offset ?? 0);
  const newest = records.at(-1);
  return {
    events,
    stream: {
      ...stream,
      next: Math.max(stream.next, end),
      key_id: keyId,
      host_name: origin.hostName,
      address: origin.address,
      last_seen: Math.max(Number(stream.last_seen), at),
      silent_since: null,
      status: JSON.stringify(said),
      status_at: saidAt,
      lag_ms: newest && end > stream.next ? Math.max(0, at - (newest.time - clockSeconds * 1000)) : stream.lag_ms,
      clock_seconds: clockSeconds,
    },
  };
}

const saidBy = (kind: 'heartbeat' | 'started', text: string): Heartbeat =>
  kind === 'heartbeat' ? readHeartbeat(text) : readHeartbeat(`version=${text}`);

export function readSaid(status: string | null): Heartbeat {
  return status === null ? {} : heartbeatSchema.catch({}).parse(JSON.parse(status));
}
