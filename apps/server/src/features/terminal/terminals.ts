import { OmError, type RolePermission, type TerminalEnd } from '@omanager/contract';
import type { Bus } from '../../bus/bus.ts';
import type { Database, Tx } from '../../db/database.ts';
import type { Actor, SignedIn } from '../../rpc/actor.ts';
import type { AuthorizeObject } from '../../rpc/handlers.ts';
import type { WriteAudit } from '../audit/writer.ts';
import type { Sealer } from '../vault/sealer.ts';
import { type Authorize, findHost } from './findHost.ts';
import { createLiveTerminal, type LiveTerminal } from './liveTerminal.ts';
import type { TerminalHost, TerminalPorts, TerminalSettings } from './ports.ts';
import { createRecheck } from './recheck.ts';
import { createRecorder } from './recorder.ts';
import {
  addChunk,
  endRecording,
  insertRecording,
  markAlive,
  markOpen,
  type RecordingEnd,
  type RecordingRow,
} from './store.ts';

/** Most terminals at once: of this process, of one person, and on one server, whose channels runs need as well. */
const most = { all: 500, ofUser: 20, onHost: 6 };
/** How long one that has ended can still say so. */
const keepEndedMs = 60_000;
const aliveEveryMs = 20_000;

/** What a test cannot wait for. */
export interface TerminalLimits {
  /** Nobody in front of it for so long, and it ends. */
  leftMs: number;
  /** So long before an idle one ends its owner is warned. */
  warnMs: number;
  /** How often it is tried to store a piece of the recording, and how long after one another. */
  storeTries: number;
  storePauseMs: number;
}

const usualLimits: Omit<TerminalLimits, 'warnMs'> = { leftMs: 60_000, storeTries: 20, storePauseMs: 500 };

export interface Terminals {
  /** What a server and its limits allow now. Throws else. */
  prepare(me: SignedIn, hostName: string, authorize: Authorize): Promise<TerminalHost>;
  insert(tx: Tx, opening: Opening): Promise<void>;
  /** After the commit: the shell begins. */
  begin(opening: Opening): void;
  find(id: string): LiveTerminal | undefined;
  /** Ends those whose owner may not have them any more. */
  recheck(): Promise<void>;
  close(): Promise<void>;
}

export interface Opening {
  id: string;
  me: SignedIn;
  host: TerminalHost;
  size: { cols: number; rows: number };
}

export interface TerminalsOptions {
  db: Database;
  bus: Pick<Bus, 'publish' | 'subscribe'>;
  sealer: Sealer;
  audit: WriteAudit;
  audited(): void;
  /** The SHA-256 that the audit has of a recording's end; undefined while it is open. */
  endedAs(recordingId: string): Promise<string | null | undefined>;
  ports: TerminalPorts;
  settings: TerminalSettings;
  limits?: Partial<TerminalLimits>;
  /** Who somebody is now. */
  actorNow(of: SignedIn): Promise<Actor>;
  authorize(actor: Actor, permission: RolePermission, object?: AuthorizeObject): boolean;
  log: { error(details: object, message: string): void };
  now?: () => number;
}

/** The open terminals of this process. */
export function createTerminals(options: TerminalsOptions): Terminals {
  const { db, bus, sealer, ports, settings, log, now = Date.now } = options;
  const live = new Map<string, LiveTerminal>();
  const open = new Set<LiveTerminal>();
  const warnMs = Math.min(120_000, settings.idleMs / 2);
  const limits = { ...usualLimits, warnMs, ...options.limits };
  const recheck = createRecheck({
    ...options,
    held: open,
    permissionOf: () => 'terminal.open',
    hostsNow: ports.hostsNow,
  });
  const alive = setInterval(() => {
    markAlive(
      db.knex,
      [...open].map(({ id }) => id),
      now(),
    ).catch((error: unknown) => log.error({ err: String(error).slice(0, 500) }, 'open terminals could not be marked'));
    if (ports.diskIsLow()) for (const terminal of open) void terminal.end('limit', 'The disk of the server is full.');
  }, aliveEveryMs).unref();

  async function prepare(me: SignedIn, name: string, authorize: Authorize): Promise<TerminalHost> {
    const host = await findHost(options, name, 'terminal.open', authorize);
    if (ports.diskIsLow())
      throw new OmError('LIMIT', 'The disk of the server is nearly full: nothing could be recorded.');
    const all = [...open];
    if (
      all.length >= most.all ||
      all.filter(({ owner }) => owner.userId === me.userId).length >= most.ofUser ||
      all.filter(({ host: { id } }) => id === host.id).length >= most.onHost
    )
      throw new OmError(
        'LIMIT',
        `At most ${most.ofUser} terminals of a person and ${most.onHost} on a server are open at once; close one.`,
      );
    return host;
  }

  function begin({ id, me, host, size }: Opening): void {
    const recorder = createRecorder({
      recordingId: id,
      sealer,
      limits,
      store: (chunk) => db.transaction((tx) => addChunk(tx, chunk)),
      now,
      onFailure(error) {
        log.error({ err: String(error).slice(0, 500), terminal: id }, 'a terminal cannot be recorded any more');
        void terminal.end('limit', 'What happens here cannot be recorded any more.');
      },
    });
    const terminal = createLiveTerminal({
      id,
      owner: me,
      host,
      size,
      settings,
      leftMs: limits.leftMs,
      warnMs: limits.warnMs,
      recorder,
      openShell: (wish) => ports.openShell(host, wish),
      async opened() {
        await markOpen(db.knex, id, now());
        bus.publish('terminals');
      },
      ended: (why, message) => storeEnd(options, me, id, { state: stateOf(why), end: why, message, at: now() }),
      now,
      log,
    });
    live.set(id, terminal);
    open.add(terminal);
    bus.publish('terminals');
    // What was taken away since it was asked for was told to nobody here.
    void recheck.one(terminal);
    void terminal.over.finally(() => {
      open.delete(terminal);
      setTimeout(() => live.delete(id), keepEndedMs).unref();
    });
  }

  return {
    prepare,
    insert: (tx, { id, me, host, size }) =>
      insertRecording(tx, {
        id,
        host_id: host.id,
        host_name: host.name,
        address: host.address,
        login: host.user,
        user_id: me.userId,
        user_name: me.userName,
        from_address: me.address,
        state: 'connecting',
        started_at: now(),
        alive_at: now(),
        ...size,
        input: settings.recordInput,
      }),
    begin,
    find: (id) => live.get(id),
    recheck: recheck.all,
    async close() {
      clearInterval(alive);
      recheck.close();
      await Promise.all([...open].map((terminal) => terminal.end('server_stopped')));
    },
  };
}

const stateOf = (why: TerminalEnd): RecordingEnd['state'] => (why === 'unreachable' ? 'failed' : 'ended');

/** The end of a terminal and the hash of its recording, in the audit as well: the ledger then vouches for the file. */
export async function storeEnd(
  { db, bus, audit, audited }: Pick<TerminalsOptions, 'db' | 'bus' | 'audit' | 'audited'>,
  actor: SignedIn | { kind: 'system'; name: string },
  id: string,
  end: RecordingEnd,
): Promise<void> {
  await db.transaction(async (tx) => {
    const row = await endRecording(tx, id, end);
    if (!row) return;
    await audit(tx, {
      actor,
      action: 'terminals.ended',
      object: `terminal:${id}`,
      outcome: end.state === 'failed' ? 'failed' : 'done',
      details: detailsOf(row),
    });
  });
  audited();
  bus.publish('terminals');
}

function detailsOf(row: RecordingRow): Record<string, unknown> {
  return {
    host: row.host_name,
    login: row.login,
    user: row.user_name,
    end: row.ended_for,
    ...(row.message === null ? {} : { message: row.message }),
    seconds: Math.round((Number(row.ended_at) - Number(row.started_at)) / 1000),
    bytes: Number(row.bytes),
    chunks: row.chunks,
    commands: row.commands,
    sha256: row.sha256,
  };
}
