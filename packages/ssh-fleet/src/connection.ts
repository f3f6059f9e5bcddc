import type { Duplex } from 'node:stream';
import type { Client } from 'ssh2';
import { endpoint, hangUp } from './connect.ts';
import { startDeadline } from './deadline.ts';
import { readError, remoteText, SshError } from './errors.ts';
import { createLease, type Lease, type LeaseHost } from './lease.ts';
import { type OpenChannel, openChannel, startProcess } from './process.ts';
import { createSemaphore, type Semaphore } from './semaphore.ts';
import { startSftp } from './sftp.ts';
import { startShell } from './shell.ts';
import type { OfferedHostKey, SshHop } from './types.ts';

/** The right to carry one TCP stream through a connection (a jump host). */
export interface Forward {
  open(to: SshHop, signal: AbortSignal): Promise<Duplex>;
  release(): void;
}

export interface Connection {
  readonly usable: boolean;
  readonly idle: boolean;
  readonly channels: number;
  readonly lastUsedAt: number;
  reserve(): Lease | undefined;
  reserveForward(): Forward | undefined;
  /** Asks the server for an answer. False means that nothing answers any more. */
  ping(): Promise<boolean>;
  /** Takes no new work, and ends once idle or after that time. */
  retire(graceMs: number): void;
  destroy(): void;
}

export interface ConnectionOptions {
  client: Client;
  stream: Duplex;
  hop: SshHop;
  hostKey: OfferedHostKey;
  maxChannels: number;
  maxForwards: number;
  /** How long the server may take to answer a request, in ms. */
  answerMs: number;
  now: () => number;
  /** A place became free. */
  onFree: () => void;
  onClosed: () => void;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

const pingMs = 2000;

/** Wraps a signed-in ssh2 client: counts what runs on it, tells it when the connection dies, ends it when told. */
export function createConnection(options: ConnectionOptions): Connection {
  const { client, stream, hop, answerMs, now } = options;
  const open = new Set<OpenChannel<unknown>>();
  const places = createSemaphore(options.maxChannels, freed);
  /** Only jump hosts have any. */
  let forwards: Semaphore | undefined;
  let retired = false;
  let closed = false;
  let cause: Error | undefined;
  let retireTimer: NodeJS.Timeout | undefined;

  // Plain fields: getters would cost V8 a dictionary for each of thousands of connections.
  const connection: Writable<Connection> = {
    usable: true,
    idle: true,
    channels: 0,
    lastUsedAt: now(),
    reserve,
    reserveForward,
    ping,
    retire,
    destroy,
  };

  client.on('error', (error) => {
    cause ??= error;
    stream.destroy();
  });
  client.on('close', onClose);

  function onClose(): void {
    if (closed) return;
    closed = true;
    connection.usable = false;
    host.alive = false;
    clearTimeout(retireTimer);
    const error = lostError();
    for (const channel of [...open]) channel.connectionLost(error);
    options.onClosed();
  }

  function lostError(): SshError {
    const why = cause ? ` (${remoteText(readError(cause).message)})` : '';
    return new SshError(
      'closed',
      `The connection to ${endpoint(hop)} was lost${why}. Check the host, then look at what ran there.`,
      { cause },
    );
  }

  function destroy(): void {
    hangUp(client, stream);
    onClose();
  }

  function used(): void {
    connection.lastUsedAt = now();
    connection.idle = places.used === 0 && (forwards?.used ?? 0) === 0;
  }

  function freed(): void {
    used();
    if (closed) return;
    if (retired && connection.idle) destroy();
    else options.onFree();
  }

  function markRetired(): void {
    retired = true;
    connection.usable = false;
  }

  function retire(graceMs: number): void {
    markRetired();
    if (connection.idle) destroy();
    else retireTimer ??= setTimeout(destroy, graceMs);
  }

  /** Bounded, so that leases which wait for each other's places cannot do so for ever. */
  async function takeExtraPlace(signal: AbortSignal | undefined): Promise<() => void> {
    const deadline = AbortSignal.timeout(answerMs);
    try {
      return await places.take(signal ? AbortSignal.any([signal, deadline]) : deadline);
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      throw new SshError(
        'channel_refused',
        `All ${options.maxChannels} channels to ${endpoint(hop)} are busy. Try again when some have ended.`,
        { cause: error },
      );
    }
  }

  /**
   * A host that refuses a channel allows fewer than we do, or still counts commands that we gave up and that run on.
   * Either way this connection is full: what comes next gets another one.
   */
  async function noteRefusal<T>(start: () => Promise<T>): Promise<T> {
    try {
      return await start();
    } catch (error) {
      if (error instanceof SshError && error.reason === 'channel_refused' && !closed) {
        markRetired();
        options.onFree();
      }
      throw error;
    }
  }

  const host: Writable<LeaseHost> = {
    hostKey: options.hostKey,
    alive: true,
    lostError,
    takeExtraPlace,
    track: (channel) => {
      if (closed) channel.connectionLost(lostError());
      else open.add(channel);
      connection.channels = open.size;
      return () => {
        open.delete(channel);
        connection.channels = open.size;
      };
    },
    startProcess: (command, execOptions, ended) =>
      noteRefusal(async () => {
        const process = await startProcess(client, command, execOptions, answerMs, ended);
        return { api: process, close: process.kill, connectionLost: process.connectionLost };
      }),
    startShell: (shellOptions, ended) =>
      noteRefusal(async () => {
        const shell = await startShell(client, shellOptions, answerMs, ended);
        return { api: shell, close: shell.kill, connectionLost: shell.connectionLost };
      }),
    startSftp: (signal, ended) => noteRefusal(() => startSftp(client, { signal, timeoutMs: answerMs, onEnd: ended })),
  };

  function use<T>(place: (() => void) | undefined, make: (giveBack: () => void) => T): T | undefined {
    if (!place) return undefined;
    used();
    return make(place);
  }

  async function openForward(to: SshHop, signal: AbortSignal): Promise<Duplex> {
    if (closed) throw lostError();
    return openChannel<Duplex>((callback) => client.forwardOut('127.0.0.1', 0, to.address, to.port, callback), {
      timeoutMs: answerMs,
      signal,
      late: (channel) => channel.destroy(),
      timeout: () =>
        new SshError(
          'timeout',
          `${endpoint(to)} did not answer in time. Check the address, the firewall and that the host is up.`,
        ),
    });
  }

  function ping(): Promise<boolean> {
    return new Promise((resolve) => {
      const cancelDeadline = startDeadline(pingMs, () => resolve(false));
      const answered = () => {
        cancelDeadline();
        resolve(!closed);
      };
      try {
        // Cancelling a forwarding that was never asked for: every server answers, most with a refusal, and nothing happens.
        client.unforwardIn('127.0.0.1', 1, answered);
      } catch {
        answered();
      }
    });
  }

  function reserve(): Lease | undefined {
    return connection.usable ? use(places.tryTake(), (giveBack) => createLease(host, giveBack)) : undefined;
  }

  function reserveForward(): Forward | undefined {
    if (!connection.usable) return undefined;
    forwards ??= createSemaphore(options.maxForwards, freed);
    return use(forwards.tryTake(), (release) => ({ open: openForward, release }));
  }

  return connection;
}
