import { isIP } from 'node:net';
import type { CommandEvent, ParamsOf } from '@omanager/contract';
import type { Knex } from 'knex';
import type { Database } from '../../../db/database.ts';
import { idFrom } from '../eventFilter.ts';
import { spoolBounds } from './newCommand.ts';

export type CommandFilter = Omit<ParamsOf<'commands.follow'>, 'host' | 'hostsOf' | 'after'> & {
  /** Of the registry, or for unsigned events an address. */
  host?: { id: string } | { address: string };
  /** Of the registry: any of these. */
  hosts?: ReadonlySet<string>;
};

/** What filters need to know of servers and runs. */
export interface Known {
  /** Of the registry. */
  hostIdOf(name: string): Promise<string | undefined>;
  hostIdsOfRun(runId: string): Promise<string[]>;
}

export interface Period {
  fromMs?: number | undefined;
  /** Before this moment. */
  toMs?: number | undefined;
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The server that a filter means; undefined when there is none of this name. */
export async function readFilter(
  { host, hostsOf, ...given }: Omit<ParamsOf<'commands.follow'>, 'after'>,
  { hostIdOf, hostIdsOfRun }: Known,
): Promise<CommandFilter | undefined> {
  const filter = { ...given, ...(hostsOf === undefined ? {} : { hosts: new Set(await hostIdsOfRun(hostsOf)) }) };
  if (host === undefined) {
    const [only, ...others] = filter.hosts ?? [];
    return only !== undefined && others.length === 0 ? { ...given, host: { id: only } } : filter;
  }
  if (uuid.test(host)) return { ...filter, host: { id: host.toLowerCase() } };
  const id = await hostIdOf(host);
  if (id !== undefined) return { ...filter, host: { id } };
  return isIP(host) === 0 ? undefined : { ...filter, host: { address: host } };
}

/** The index that gives the events of a filter in the order of time, and the column that it begins with. */
export function indexOf({ host, user }: CommandFilter): {
  name: string;
  column?: 'host_id' | 'user_name';
  value?: string | null;
} {
  if (host) return { name: 'command_events_host', column: 'host_id', value: 'id' in host ? host.id : null };
  if (user !== undefined) return { name: 'command_events_user', column: 'user_name', value: user };
  return { name: 'command_events_time' };
}

/** What the index does not answer. */
export function restOf(filter: CommandFilter): Omit<CommandFilter, 'host'> & { address?: string } {
  const { host, user, ...rest } = filter;
  return {
    ...rest,
    ...(host && user !== undefined ? { user } : {}),
    ...(host && 'address' in host ? { address: host.address } : {}),
  };
}

/** Events read from one of the indexes; SQLite keeps to the order by itself. */
export function fromIndex(on: Knex, kind: Database['kind'], index: string): Knex.QueryBuilder {
  return on(
    on.raw(
      `command_events ${kind === 'mysql' ? 'force index' : 'indexed by'} ${kind === 'mysql' ? `(${index})` : index}`,
    ),
  );
}

/** Ids follow the moment of arrival: a period bounds those, so that only some months are looked at. */
export function withinPeriod(query: Knex.QueryBuilder, { fromMs, toMs }: Period): Knex.QueryBuilder {
  if (fromMs !== undefined) query.where('at', '>=', fromMs).where('id', '>=', idFrom(fromMs - 2 * spoolBounds.aheadMs));
  if (toMs !== undefined) query.where('at', '<', toMs).where('id', '<', idFrom(toMs + 2 * spoolBounds.oldestMs));
  return query;
}

export function withRest(query: Knex.QueryBuilder, rest: ReturnType<typeof restOf>): Knex.QueryBuilder {
  const { user, hosts, text, kinds, exit, session, run, terminal, outside, signed, address } = rest;
  if (hosts) query.whereIn('host_id', [...hosts]);
  if (user !== undefined) query.where('user_name', user);
  if (address !== undefined) query.where('address', address);
  // Of one typed command the kernel saw perhaps many programs: these come when they are asked for.
  if (kinds) query.whereIn('kind', kinds);
  else query.whereNot('kind', 'executed');
  if (exit === 'failed') query.whereNot('exit_code', 0);
  else if (exit !== undefined) query.where('exit_code', exit);
  if (session !== undefined) query.where('session', session);
  if (run !== undefined) query.where('run_id', run);
  if (terminal !== undefined) query.where('terminal_id', terminal);
  if (outside !== undefined) query.where('outside', outside);
  if (signed !== undefined) query.where('signed', signed);
  if (text !== undefined) query.whereRaw('instr(lower(command), ?) > 0', [text.toLowerCase()]);
  return query;
}

/** The same for an event at hand: the live tail asks no database. */
export function matches(event: CommandEvent, { host, ...filter }: CommandFilter): boolean {
  const { user, hosts, text, kinds, exit, session, run, terminal, outside, signed } = filter;
  if (host && ('id' in host ? event.hostId !== host.id : event.hostId !== null || event.address !== host.address))
    return false;
  if (exit === 'failed' ? event.exit === null || event.exit === 0 : exit !== undefined && event.exit !== exit)
    return false;
  return (
    (user === undefined || event.user === user) &&
    (hosts === undefined || (event.hostId !== null && hosts.has(event.hostId))) &&
    (kinds === undefined ? event.kind !== 'executed' : kinds.includes(event.kind)) &&
    (session === undefined || event.session === session) &&
    (run === undefined || event.runId === run) &&
    (terminal === undefined || event.terminalId === terminal) &&
    (outside === undefined || event.outside === outside) &&
    (signed === undefined || event.signed === signed) &&
    (text === undefined || event.text.toLowerCase().includes(text.toLowerCase()))
  );
}
