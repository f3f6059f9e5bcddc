import {
  type HostState,
  OmError,
  type ParamsOf,
  type Recording,
  type RolePermission,
  type Run,
  type TimelineKind,
  timelineKinds,
} from '@omanager/contract';
import type { Database } from '../../../db/database.ts';
import { iso } from '../../../db/page.ts';
import type { Call, HandlersOf } from '../../../rpc/handlers.ts';
import { type Known, readFilter } from '../commands/commandFilter.ts';
import { type Place, readPlace, writePlace } from '../commands/commandPages.ts';
import type { Looks } from '../looks.ts';
import { mergeParts, type Part } from './merge.ts';
import { actionParts, alertPart, commandPart, type Stretch, type Subject, toldPart } from './sources.ts';

export type TimelineHandlers = HandlersOf<'audit.timeline'>;

/** Older than a place, newest first, at most `limit`. */
export interface Older {
  before: Place | undefined;
  limit: number;
  from: string | undefined;
  to: string | undefined;
}

/** What other features know of a server or a user. */
export interface Told {
  runs(of: { hostId: string } | { startedBy: string }, older: Older): Promise<{ items: Run[]; end: Place | null }>;
  /** By run: how it went there. */
  statesOnHost(hostId: string, runIds: readonly string[]): Promise<Map<string, HostState>>;
  recordings(of: { hostId: string } | { userName: string }, older: Older): Promise<Recording[]>;
}

interface Options {
  db: Database;
  looked: Looks['looked'];
  known: Known & { nameOf(id: string): Promise<string | undefined> };
  told: Told;
}

/** What a kind needs beyond the permission of the method. */
const needs: Readonly<Partial<Record<TimelineKind, RolePermission>>> = { run: 'run.read', session: 'recording.read' };

export function createTimelineHandlers({ db, looked, known, told }: Options): TimelineHandlers {
  async function subjectOf({ host, user }: ParamsOf<'audit.timeline'>): Promise<Subject> {
    if ((host === undefined) === (user === undefined))
      throw new OmError('INVALID_PARAMS', 'A timeline is of one server or of one user: say which.');
    if (user !== undefined) return { user };
    const filter = await readFilter({ host }, known);
    if (!filter?.host) throw new OmError('NOT_FOUND', `There is no server ${host}.`);
    const name = 'id' in filter.host ? ((await known.nameOf(filter.host.id)) ?? host ?? '') : filter.host.address;
    return { host: filter.host, name };
  }

  async function runPart(subject: Subject, stretch: Stretch, older: Older): Promise<Part> {
    const hostId = 'host' in subject && 'id' in subject.host ? subject.host.id : null;
    if (hostId === null && !('user' in subject)) return { items: [], end: null };
    const of = 'user' in subject ? { startedBy: subject.user } : { hostId: hostId ?? '' };
    const { items, end } = await told.runs(of, older);
    const states =
      hostId === null
        ? new Map()
        : await told.statesOnHost(
            hostId,
            items.map(({ id }) => id),
          );
    const { items: placed } = toldPart(items, stretch, (run) => {
      const { id, number, module, state, total, startedBy, endedAt } = run;
      const shown = { id, number, module: { id: module.id, title: module.title }, state, total, startedBy, endedAt };
      const item = { kind: 'run', at: run.createdAt, run: { ...shown, hostState: states.get(id) ?? null } } as const;
      return { at: run.createdAt, id, item };
    });
    return { items: placed, end };
  }

  async function sessionPart(subject: Subject, stretch: Stretch, older: Older): Promise<Part> {
    const hostId = 'host' in subject && 'id' in subject.host ? subject.host.id : null;
    if (hostId === null && !('user' in subject)) return { items: [], end: null };
    const of = 'user' in subject ? { userName: subject.user } : { hostId: hostId ?? '' };
    return toldPart(await told.recordings(of, older), stretch, (session) => ({
      ...{ at: session.startedAt, id: session.id, item: { kind: 'session', at: session.startedAt, session } },
    }));
  }

  return {
    'audit.timeline': async (call, params) => {
      const { cursor, limit, from, to, kinds: asked = timelineKinds } = params;
      const subject = await subjectOf(params);
      const withheld = timelineKinds.filter((kind) => asked.includes(kind) && !may(call, needs[kind]));
      const kinds = new Set(asked.filter((kind) => !withheld.includes(kind)));
      const { cursor: _, limit: __, ...question } = params;
      await looked(call.actor, 'audit.timeline', question);
      const before = cursor === undefined ? undefined : readPlace(cursor);
      const period = { fromMs: from && Date.parse(from), toMs: to && Date.parse(to) };
      const stretch: Stretch = {
        ...{ before, limit },
        period: { fromMs: period.fromMs || undefined, toMs: period.toMs || undefined },
      };
      const older: Older = { before, limit, from, to };
      const parts = await Promise.all([
        ...(kinds.has('command') || kinds.has('gap') ? [commandPart(db, subject, kinds, stretch)] : []),
        ...(kinds.has('alert') ? [alertPart(db, subject, stretch)] : []),
        ...(kinds.has('run') ? [runPart(subject, stretch, older)] : []),
        ...(kinds.has('session') ? [sessionPart(subject, stretch, older)] : []),
      ]);
      if (kinds.has('action')) parts.push(...(await actionParts(db, subject, stretch)));
      const { items, next, searchedTo } = mergeParts(parts, limit);
      return {
        ...{ items, withheld, searchedTo: searchedTo === null ? null : iso(searchedTo) },
        ...(next ? { next: writePlace(next) } : {}),
      };
    },
  };
}

function may(call: Call, permission: RolePermission | undefined): boolean {
  if (permission === undefined) return true;
  try {
    call.authorize(permission);
    return true;
  } catch {
    return false;
  }
}
