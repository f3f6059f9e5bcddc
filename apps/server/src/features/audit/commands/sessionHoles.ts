import type { Knex } from 'knex';
import type { Tx } from '../../../db/database.ts';
import type { NewCommand } from './newCommand.ts';

/** How far a shell has counted. A person who takes the name of another's session keeps to their own uid. */
interface SessionRow {
  host_id: string;
  uid: number;
  session: string;
  last: number;
  seen_at: number;
}

/** A shell that says nothing for so long is forgotten: its next command then looks as if those before were missing. */
const keptMs = 90 * 24 * 3_600_000;

const nameOf = ({ host_id, uid, session }: Pick<SessionRow, 'host_id' | 'uid' | 'session'>) =>
  `${host_id} ${uid} ${session}`;

/** The shell that a command was counted in, and its number there; undefined for what no shell counts. */
function countOf({ kind, host_id, uid, session, number, signed }: NewCommand, at: number) {
  if (kind !== 'command' || !signed || host_id === null || uid === null || session === '' || number === null) return;
  return { host_id, uid, session, last: number, seen_at: at };
}

/**
 * The events, and before each command that does not follow the one before it in its shell an event that names the hole:
 * somebody took lines out of the file, or nobody could write it. Numbers that come again or go back are none.
 */
export async function withHoles(tx: Tx, events: readonly NewCommand[], at: number): Promise<NewCommand[]> {
  const wanted = new Map<string, SessionRow>();
  for (const event of events) {
    const count = countOf(event, at);
    if (count && !wanted.has(nameOf(count))) wanted.set(nameOf(count), { ...count, last: 0 });
  }
  if (wanted.size === 0) return [...events];
  const known = await readSessions(tx, [...wanted.values()]);
  const changed = new Map<string, SessionRow>();
  const whole: NewCommand[] = [];
  for (const event of events) {
    const count = countOf(event, at);
    if (count) {
      const name = nameOf(count);
      const last = known.get(name) ?? 0;
      if (count.last > last + 1) whole.push(holeBefore(event, last + 1, count.last - 1));
      if (count.last > last) {
        known.set(name, count.last);
        changed.set(name, count);
      }
    }
    whole.push(event);
  }
  if (changed.size > 0)
    for (const rows of inParts([...changed.values()]))
      await tx('agent_sessions').insert(rows).onConflict(['host_id', 'uid', 'session']).merge(['last', 'seen_at']);
  return whole;
}

export async function forgetSessions(on: Knex, now: number): Promise<void> {
  await on('agent_sessions')
    .where('seen_at', '<', now - keptMs)
    .delete();
}

function holeBefore(event: NewCommand, from: number, to: number): NewCommand {
  const which = from === to ? `command ${from}` : `commands ${from} to ${to}`;
  return {
    ...event,
    ...{ kind: 'gap', number: from, directory: '', exit_code: null, via: 'server', outside: false, marks: '' },
    ...{ run_id: null, terminal_id: null, claimed_at: null, command: `${which} of this shell never came` },
  };
}

async function readSessions(tx: Tx, wanted: readonly SessionRow[]): Promise<Map<string, number>> {
  const known = new Map<string, number>();
  for (const part of inParts(wanted)) {
    const rows: SessionRow[] = await tx('agent_sessions').whereIn(
      ['host_id', 'uid', 'session'],
      part.map(({ host_id, uid, session }) => [host_id, uid, session]),
    );
    for (const row of rows) known.set(nameOf(row), Number(row.last));
  }
  return known;
}

/** SQLite takes so many values in one statement. */
const atOnce = 200;

function inParts<T>(rows: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(rows.length / atOnce) }, (_, i) => rows.slice(i * atOnce, (i + 1) * atOnce));
}
