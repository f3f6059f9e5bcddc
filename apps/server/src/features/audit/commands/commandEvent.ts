import { type CommandEvent, commandMarks } from '@omanager/contract';
import { iso } from '../../../db/page.ts';
import { timeOf } from '../eventFilter.ts';
import { type EventFields, whole } from '../ledger/leaf.ts';

export type CommandKind = CommandEvent['kind'];

/** A command, and not something that the audit says about a server. */
export const isCommand = ({ kind }: Pick<CommandEvent, 'kind'>): boolean =>
  kind === 'command' || kind === 'ended' || kind === 'executed';

/** A row of command_events, as far as the ledger vouches for it: all but `salt` and `leaf`. */
export interface CommandRow {
  id: string;
  at: number;
  host_id: string | null;
  host_name: string;
  kind: CommandKind;
  uid: number | null;
  user_name: string;
  claimed_user: string;
  login_user: string;
  tty: string;
  session: string;
  number: number | null;
  source: string;
  directory: string;
  exit_code: number | null;
  via: string;
  command: string;
  run_id: string | null;
  terminal_id: string | null;
  outside: boolean | number;
  signed: boolean | number;
  /** Joined by commas. */
  marks: string;
  claimed_at: number | null;
  address: string;
  boot: string | null;
  sequence: number | null;
}

export type SealedRow = CommandRow & { salt: Buffer | null; leaf: Buffer };

/** In the order of the leaf; never change it: events are sealed thus. */
export const commandColumns = [
  ...['id', 'at', 'host_id', 'host_name', 'kind', 'uid', 'user_name', 'claimed_user', 'login_user', 'tty', 'session'],
  ...['number', 'source', 'directory', 'exit_code', 'via', 'command', 'run_id', 'terminal_id', 'outside', 'signed'],
  ...['marks', 'claimed_at', 'address', 'boot', 'sequence'],
] as const;

const number = (value: number | null): number | null => (value === null ? null : Number(value));

/** What stands in the ledger of a command event. */
export function commandFields(row: CommandRow): EventFields {
  return [
    'om-command-1',
    row.id,
    whole(row.at),
    row.host_id,
    row.host_name,
    row.kind,
    whole(row.uid),
    row.user_name,
    row.claimed_user,
    row.login_user,
    row.tty,
    row.session,
    whole(row.number),
    row.source,
    row.directory,
    whole(row.exit_code),
    row.via,
    row.command,
    row.run_id,
    row.terminal_id,
    whole(row.outside),
    whole(row.signed),
    row.marks,
    whole(row.claimed_at),
    row.address,
    row.boot,
    whole(row.sequence),
  ];
}

/** Its text was taken out: what is left of it bears none. */
export function isErased({ kind, command, marks }: CommandRow): boolean {
  return (kind === 'command' || kind === 'executed') && command === '' && marks.split(',').includes('erased');
}

export function toCommandEvent(row: CommandRow): CommandEvent {
  const marks = row.marks.split(',');
  return {
    id: row.id,
    at: iso(Number(row.at)),
    receivedAt: iso(timeOf(row.id)),
    hostId: row.host_id,
    hostName: row.host_name,
    kind: row.kind,
    uid: number(row.uid),
    user: row.user_name,
    claimedUser: row.claimed_user,
    loginUser: row.login_user,
    tty: row.tty,
    session: row.session,
    number: number(row.number),
    source: row.source,
    directory: row.directory,
    exit: number(row.exit_code),
    via: row.via,
    text: row.command,
    runId: row.run_id,
    terminalId: row.terminal_id,
    outside: Boolean(row.outside),
    signed: Boolean(row.signed),
    marks: commandMarks.filter((mark) => marks.includes(mark)),
    claimedAt: row.claimed_at === null ? null : iso(Number(row.claimed_at)),
    address: row.address,
  };
}
