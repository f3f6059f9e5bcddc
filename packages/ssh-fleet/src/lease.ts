import type { SshError } from './errors.ts';
import type { ExecOptions, OpenChannel, RemoteProcess } from './process.ts';
import type { Sftp } from './sftp.ts';
import type { RemoteShell, ShellOptions } from './shell.ts';
import type { OfferedHostKey } from './types.ts';

/** The right to use a pooled connection: one channel place on it, kept until released. */
export interface Lease {
  /** The key the host proved to own when this connection was made. */
  readonly hostKey: OfferedHostKey;
  /** False once the connection is gone: acquire a new lease. */
  readonly alive: boolean;
  /** Starts a command. A channel beside one that is still open takes another of the connection's places. */
  exec(command: string, options?: ExecOptions): Promise<RemoteProcess>;
  /** Opens a login shell behind a pseudo-terminal. */
  shell(options: ShellOptions): Promise<RemoteShell>;
  /** Opens file transfer, a channel until its `end()`. */
  sftp(signal?: AbortSignal): Promise<Sftp>;
  /** Gives the place back and closes what is still open on it. Calling it again does nothing. */
  release(): void;
}

/** What a lease needs of its connection. */
export interface LeaseHost {
  readonly hostKey: OfferedHostKey;
  readonly alive: boolean;
  lostError(): SshError;
  takeExtraPlace(signal: AbortSignal | undefined): Promise<() => void>;
  /** Registers an open channel; returns the undo. */
  track(channel: OpenChannel<unknown>): () => void;
  startProcess(command: string, options: ExecOptions, ended: () => void): Promise<OpenChannel<RemoteProcess>>;
  startShell(options: ShellOptions, ended: () => void): Promise<OpenChannel<RemoteShell>>;
  startSftp(signal: AbortSignal | undefined, ended: () => void): Promise<OpenChannel<Sftp>>;
}

/** @param giveBack frees the lease's own place; called once, when released and its last channel has ended */
export function createLease(host: LeaseHost, giveBack: () => void): Lease {
  const open = new Set<OpenChannel<unknown>>();
  let running = 0;
  let ownPlaceBusy = false;
  let released = false;

  async function run<T>(
    signal: AbortSignal | undefined,
    start: (ended: () => void) => Promise<OpenChannel<T>>,
  ): Promise<T> {
    if (released) throw new Error('This lease was released: acquire a new one.');
    if (!host.alive) throw host.lostError();
    const own = !ownPlaceBusy;
    ownPlaceBusy = true;
    const leaveOwnPlace = () => {
      ownPlaceBusy = false;
    };
    const leavePlace = own ? leaveOwnPlace : await host.takeExtraPlace(signal);
    running++;
    let channel: OpenChannel<T> | undefined;
    let untrack = () => {};
    let over = false;
    const ended = () => {
      if (over) return;
      over = true;
      untrack();
      if (channel) open.delete(channel);
      leavePlace();
      running--;
      if (released && running === 0) giveBack();
    };
    try {
      channel = await start(ended);
    } catch (error) {
      ended();
      throw error;
    }
    if (!over) {
      open.add(channel);
      untrack = host.track(channel);
    }
    if (released) channel.close();
    return channel.api;
  }

  function release(): void {
    if (released) return;
    released = true;
    for (const channel of [...open]) channel.close();
    if (running === 0) giveBack();
  }

  return {
    hostKey: host.hostKey,
    get alive() {
      return host.alive;
    },
    exec: (command, options = {}) => run(options.signal, (ended) => host.startProcess(command, options, ended)),
    shell: (options) => run(options.signal, (ended) => host.startShell(options, ended)),
    sftp: (signal) => run(signal, (ended) => host.startSftp(signal, ended)),
    release,
  };
}
