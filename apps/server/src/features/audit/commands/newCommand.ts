import type { AgentRecord } from '../ingest/records.ts';
import type { CommandRow } from './commandEvent.ts';

/** A row before it has an id. */
export type NewCommand = Omit<CommandRow, 'id'>;

/** From which host, and by which way, an event came. */
export interface Origin {
  hostId: string | null;
  hostName: string;
  address: string;
  boot: string | null;
  signed: boolean;
  receivedAt: number;
}

const oldestMs = 30 * 24 * 3_600_000;
const aheadMs = 5 * 60_000;
export const spoolBounds = { oldestMs, aheadMs } as const;

/** An event of our own about a host. */
export function aboutHost(
  origin: Origin,
  event: { kind: CommandRow['kind']; at: number; text: string; sequence?: number },
): NewCommand {
  return {
    ...{ at: event.at, host_id: origin.hostId, host_name: origin.hostName, kind: event.kind },
    ...{ uid: null, user_name: '', claimed_user: '', login_user: '', tty: '', session: '', number: null },
    ...{ source: '', directory: '', exit_code: null, via: 'server', command: event.text },
    ...{ run_id: null, terminal_id: null, outside: false, signed: origin.signed, marks: '', claimed_at: null },
    ...{ address: origin.address, boot: origin.boot, sequence: event.sequence ?? null },
  };
}

/** What a host says, with a time that can be: one that cannot stands beside it. */
export function fromRecord(
  origin: Origin,
  record: AgentRecord & { kind: Exclude<AgentRecord['kind'], 'heartbeat'> },
  sequence: number | null,
): NewCommand {
  const { receivedAt } = origin;
  const believed = record.time >= receivedAt - oldestMs && record.time <= receivedAt + aheadMs;
  return {
    at: believed ? record.time : receivedAt,
    host_id: origin.hostId,
    host_name: origin.hostName,
    kind: record.kind,
    uid: record.uid,
    user_name: record.user,
    claimed_user: record.claimed,
    login_user: record.login,
    tty: record.tty,
    session: record.session,
    number: record.number,
    source: record.source,
    directory: record.directory,
    exit_code: record.exit,
    via: record.via,
    command: record.text,
    run_id: null,
    terminal_id: null,
    outside: record.kind === 'command' || record.kind === 'ended',
    signed: origin.signed,
    marks: [...(believed ? [] : ['clock']), ...record.marks].join(','),
    claimed_at: believed ? null : record.time,
    address: origin.address,
    boot: origin.boot,
    sequence,
  };
}
