import { createHash } from 'node:crypto';
import { createBackoff } from './backoff.ts';
import { hangUp } from './connect.ts';
import { type Connection, createConnection, type Forward } from './connection.ts';
import { createSignIns } from './credentials.ts';
import { createDial } from './dial.ts';
import { SshError } from './errors.ts';
import type { Lease } from './lease.ts';
import { createSemaphore } from './semaphore.ts';
import { createSite, type Site } from './site.ts';
import type { OfferedHostKey, SshHop, SshTarget } from './types.ts';

export interface FleetOptions {
  /** Connections to targets kept at once; those to jump hosts come on top. Idle ones make room, the longest idle first. Default 2000. */
  maxConnections?: number;
  /** How long an unused connection is kept, in ms. Default 60 s. */
  idleMs?: number;
  /** Commands and file transfers at once on one connection. Default 8: OpenSSH allows 10 unless told otherwise. */
  channelsPerConnection?: number;
  /** Connections to one target before callers wait for a channel. Default 2. */
  connectionsPerTarget?: number;
  /** Streams that one connection to a jump host carries. Default 500. */
  forwardsPerJump?: number;
  /** For TCP, and again for handshake with sign-in, of each hop; also how long a server may take to answer a request. Default 10 s. */
  connectTimeoutMs?: number;
  /** Handshakes under way at once. Default 64. */
  maxHandshakes?: number;
  /** How often a silent connection is asked whether it lives; the third missing answer ends it. Default 15 s. */
  keepaliveMs?: number;
  /** A connection unused for longer is asked for a sign of life before it is handed out. Default 5 s. */
  probeAfterMs?: number;
  /**
   * Called with the key of a host whose trust says `accept` and knows no key, before anything is sent to sign in.
   * Rejecting refuses the host. It may be called more than once for one host.
   */
  onFirstUse?: (hop: SshHop, offered: OfferedHostKey) => void | Promise<void>;
  now?: () => number;
}

export interface FleetStats {
  /** Open connections, those to jump hosts included. */
  connections: number;
  idle: number;
  channels: number;
  connecting: number;
  /** Callers of `acquire` that wait for a connection or a channel. */
  waiting: number;
}

export interface Fleet {
  /** A place on a connection to the target, new or reused. Rejects with SshError, or with the signal's reason. */
  acquire(target: SshTarget, signal: AbortSignal): Promise<Lease>;
  /** Ends what signed in with this credential: idle connections at once, busy ones within 4 s. `keepVersion` is spared. */
  closeCredential(credentialId: string, keepVersion?: number | string): void;
  stats(): FleetStats;
  /** Ends everything; resolves when all sockets are closed. */
  close(): Promise<void>;
}

interface Member {
  connection: Connection;
  hops: readonly SshHop[];
  closed: Promise<void>;
}

const credentialGraceMs = 4000;

/** A pool of SSH connections, shared by everything that runs commands on hosts. */
export function createFleet(options: FleetOptions = {}): Fleet {
  const { idleMs = 60_000, probeAfterMs = 5000, connectTimeoutMs = 10_000 } = options;
  const now = options.now ?? (() => performance.now());
  const sites = new Set<{ site: Site<unknown>; hops: readonly SshHop[] }>();
  const members = new Set<Member>();
  const room = createSemaphore(options.maxConnections ?? 2000);
  const signIns = createSignIns();
  const dial = createDial({
    signIns,
    backoff: createBackoff(now),
    handshakes: createSemaphore(options.maxHandshakes ?? 64),
    timeoutMs: connectTimeoutMs,
    keepaliveMs: options.keepaliveMs ?? 15_000,
    acquireForward: (jump, signal) => acquireAt(jumps, jump, signal),
    onFirstUse: options.onFirstUse,
  });
  const sweeper = setInterval(sweep, Math.min(Math.max(idleMs / 4, 20), 5000));
  sweeper.unref();
  let closing: Promise<void> | undefined;

  // A jump host's connections carry forwards only, so that one stream of terminals never waits for commands there.
  const targets = createSites<Lease>('target', options.connectionsPerTarget ?? 2, (connection) => connection.reserve());
  const jumps = createSites<Forward>('jump', Number.POSITIVE_INFINITY, (connection) => connection.reserveForward());

  function createSites<Place>(
    role: 'target' | 'jump',
    maxConnections: number,
    reserve: (connection: Connection) => Place | undefined,
  ) {
    const own = new Map<string, Site<Place>>();
    return function siteOf(target: SshTarget): Site<Place> {
      const key = poolKey(target);
      const known = own.get(key);
      if (known) return known;
      const site: Site<Place> = createSite<Place>({
        maxConnections,
        connect: (signal) => connect(target, role, site, signal),
        reserve,
        now,
        onEmpty: () => {
          own.delete(key);
          sites.delete(entry);
        },
      });
      const entry = { site, hops: hopsOf(target) };
      own.set(key, site);
      sites.add(entry);
      return site;
    };
  }

  async function acquireAt<Place>(
    siteOf: (target: SshTarget) => Site<Place>,
    target: SshTarget,
    signal: AbortSignal,
  ): Promise<Place> {
    for (;;) {
      if (closing) throw fleetClosed();
      const { place, connection, idleForMs } = await siteOf(target).acquire(signal);
      if (idleForMs < probeAfterMs || (await connection.ping())) return place;
      // It died while nobody looked, and nothing was sent on it: another one is made.
      connection.destroy();
    }
  }

  async function connect(
    target: SshTarget,
    role: 'target' | 'jump',
    site: Site<unknown>,
    signal: AbortSignal,
  ): Promise<Connection> {
    using undo = new DisposableStack();
    if (role === 'target') undo.defer(await makeRoom(signal));
    const { client, stream, hostKey, release } = await dial(target, signal);
    undo.defer(release);
    if (signal.aborted) {
      // It was called off in the very moment of success.
      hangUp(client, stream);
      throw signal.reason;
    }
    const kept = undo.move();
    const closed = Promise.withResolvers<void>();
    stream.once('close', () => closed.resolve());
    const connection: Connection = createConnection({
      client,
      stream,
      hop: target,
      hostKey,
      maxChannels: options.channelsPerConnection ?? 8,
      maxForwards: options.forwardsPerJump ?? 500,
      answerMs: connectTimeoutMs,
      now,
      onFree: () => {
        site.serve();
        if (connection.idle && room.waiting > 0) connection.destroy();
      },
      onClosed: () => {
        kept.dispose();
        site.closed(connection);
        void closed.promise.then(() => members.delete(member));
      },
    });
    const member: Member = { connection, hops: hopsOf(target), closed: closed.promise };
    members.add(member);
    return connection;
  }

  async function makeRoom(signal: AbortSignal): Promise<() => void> {
    const free = room.tryTake();
    if (free) return free;
    let oldest: Connection | undefined;
    for (const { connection } of members) {
      if (connection.usable && connection.idle && (!oldest || connection.lastUsedAt < oldest.lastUsedAt))
        oldest = connection;
    }
    oldest?.destroy();
    return room.take(signal);
  }

  function sweep(): void {
    const limit = now() - idleMs;
    for (const { connection } of members)
      if (connection.usable && connection.idle && connection.lastUsedAt <= limit) connection.destroy();
  }

  function closeCredential(credentialId: string, keepVersion?: number | string): void {
    const uses = (hops: readonly SshHop[]) =>
      hops.some(({ credential }) => credential.id === credentialId && credential.version !== keepVersion);
    const error = new SshError('closed', 'The credential was changed or revoked. Start again with the current one.');
    signIns.forget(credentialId);
    for (const { site, hops } of [...sites]) if (uses(hops)) site.expel(error);
    for (const { connection, hops } of [...members]) if (uses(hops)) connection.retire(credentialGraceMs);
  }

  function stats(): FleetStats {
    const sum = { connections: members.size, idle: 0, channels: 0, connecting: 0, waiting: 0 };
    for (const { connection } of members) {
      if (connection.idle) sum.idle++;
      sum.channels += connection.channels;
    }
    for (const { site } of sites) {
      sum.waiting += site.waiting;
      if (site.connecting) sum.connecting++;
    }
    return sum;
  }

  function close(): Promise<void> {
    closing ??= (async () => {
      clearInterval(sweeper);
      signIns.close();
      for (const { site } of [...sites]) site.expel(fleetClosed());
      const gone = [...members].map((member) => member.closed);
      // Newest first: what runs through a jump host says goodbye before the jump host does.
      for (const { connection } of [...members].reverse()) connection.destroy();
      await Promise.all(gone);
    })();
    return closing;
  }

  return { acquire: (target, signal) => acquireAt(targets, target, signal), closeCredential, stats, close };
}

function fleetClosed(): SshError {
  return new SshError('closed', 'The server is stopping: no new connections are made.');
}

function hopsOf(target: SshTarget): readonly SshHop[] {
  return target.via.length === 0 ? [target] : [...target.via, target];
}

/**
 * Everything that decides whether two callers may share a connection. Secrets are represented by their version. Hashed,
 * because the pool keeps one for each host, and host keys are long.
 */
function poolKey(target: SshTarget): string {
  return createHash('sha256')
    .update(JSON.stringify(hopsOf(target).map(hopKey)))
    .digest('base64');
}

function hopKey({ address, port, username, credential, trust }: SshHop): unknown[] {
  const firstUse = trust.keys.length === 0 ? trust.firstUse : '';
  return [
    address,
    port,
    username,
    credential.id,
    credential.version,
    trust.keys.map(({ key }) => key),
    trust.revoked,
    firstUse,
  ];
}
