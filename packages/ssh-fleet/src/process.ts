import type { Readable } from 'node:stream';
import type { Client, ClientChannel } from 'ssh2';
import { startDeadline } from './deadline.ts';
import { remoteText, SshError } from './errors.ts';

export type OutputStream = 'stdout' | 'stderr';

/** Signal names as SSH spells them, without `SIG`. */
export type SignalName = 'HUP' | 'INT' | 'QUIT' | 'TERM' | 'KILL' | 'USR1' | 'USR2';

/** How a command ended. `code` is null when a signal ended it, or when the channel closed without a status. */
export interface Exit {
  code: number | null;
  signal?: string;
}

/** A channel that a lease opened: what the caller gets, and how the connection ends it. */
export interface OpenChannel<T> {
  api: T;
  close(): void;
  connectionLost(error: SshError): void;
}

export interface ExecOptions {
  /** Abort before the start rejects `exec`; abort afterwards kills the channel. Either way the command may have started. */
  signal?: AbortSignal | undefined;
  /**
   * Gets every byte. While a returned promise is pending both streams are paused, and up to 2 MiB wait in this process
   * (measured: 6 MB of its memory), so pause briefly and discard what is too much. Without it output is discarded.
   */
  onData?: ((stream: OutputStream, chunk: Uint8Array) => void | Promise<void>) | undefined;
}

export interface RemoteProcess {
  stdin: {
    /** Resolves when more may be written; rejects with `closed` when the command ended without reading it all. */
    write(bytes: Uint8Array | string): Promise<void>;
    /** Sends end of file. Signals can no longer be sent afterwards. */
    end(): void;
  };
  /**
   * Asks the server to signal the remote process. False when it could not be sent (input ended, channel closed).
   * OpenSSH drops a signal that comes before the command has really begun: wait for its first output.
   */
  sendSignal(name: SignalName): boolean;
  /** Resolves as soon as the exit status is known, which may be long before the output ends (a daemon that holds it open). */
  exited: Promise<Exit>;
  /** Resolves when the channel is closed and all output was delivered; rejects with `closed` when the connection died. */
  done: Promise<Exit>;
  /** Waits for `done` for at most that long, then kills the channel. The status is the known one, or null. */
  settle(deadlineMs: number): Promise<Exit>;
  /** Closes the channel now, discarding output. `done` follows within a second, whatever the host does. */
  kill(): void;
}

export interface OpenProcess extends RemoteProcess {
  connectionLost(error: SshError): void;
}

const killGraceMs = 1000;
/** Of one stream, unread: a server that keeps to the window of the channel (2 MiB, opened anew when half of it is used) stays below. */
const mostUnread = 8 * 1024 * 1024;
const channelClosed = 'The channel is closed.';

interface OpenOptions<T> {
  timeoutMs: number;
  signal: AbortSignal | undefined;
  late: (channel: T) => void;
  timeout?: () => SshError;
}

const silentHost = () => new SshError('closed', 'The host stopped answering. Check it and try again.');

/** Opens a channel. `late` gets what arrives after the caller has given up. Never throws synchronously, as ssh2 does. */
export function openChannel<T>(
  open: (callback: (error: Error | undefined, channel: T) => void) => void,
  { timeoutMs, signal, late, timeout = silentHost }: OpenOptions<T>,
): Promise<T> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    let settled = false;
    const settle = (how: () => void) => {
      if (settled) return;
      settled = true;
      cancelDeadline();
      signal?.removeEventListener('abort', onAbort);
      how();
    };
    const onAbort = () => settle(() => reject(signal?.reason));
    const cancelDeadline = startDeadline(timeoutMs, () => settle(() => reject(timeout())));
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      open((error, channel) => {
        if (error) settle(() => reject(channelError(error)));
        else if (settled) late(channel);
        else settle(() => resolve(channel));
      });
    } catch (error) {
      settle(() => reject(new SshError('closed', 'The connection to the host is gone. Try again.', { cause: error })));
    }
  });
}

/** ssh2 puts the server's reason on an error only when the server answered with one. */
function channelError(error: Error): SshError {
  const answered = 'reason' in error && typeof error.reason === 'number';
  if (!answered)
    return new SshError('closed', `The host closed the channel: ${remoteText(error.message)}.`, { cause: error });
  const text = `The host refused another channel: ${remoteText(error.message)}. Check MaxSessions in its sshd_config and that the user may run commands.`;
  return new SshError('channel_refused', text, { cause: error });
}

/** Starts a command. All listeners are set inside ssh2's callback: later ones would miss a quick exit. */
export function startProcess(
  client: Client,
  command: string,
  options: ExecOptions,
  timeoutMs: number,
  onEnd: () => void,
): Promise<OpenProcess> {
  return openChannel<OpenProcess>(
    (callback) =>
      client.exec(command, (error, channel) => {
        if (error) callback(error, undefined as never);
        else callback(undefined, attach(channel, options, onEnd));
      }),
    { timeoutMs, signal: options.signal, late: (process) => process.kill() },
  );
}

/** Makes a process of a channel. All its listeners are set before it returns. */
export function attach(channel: ClientChannel, { signal, onData }: ExecOptions, onEnd: () => void): OpenProcess {
  const done = Promise.withResolvers<Exit>();
  const exited = Promise.withResolvers<Exit>();
  // Nobody is obliged to wait for both.
  done.promise.catch(() => {});
  exited.promise.catch(() => {});
  const closing = new Set<(error: SshError) => void>();
  let exit: Exit | undefined;
  let ended = false;
  let killed = false;
  let inputEnded = false;
  let channelIsClosed = false;
  let stderrEnded = false;
  let consumers = 0;
  let killTimer: NodeJS.Timeout | undefined;

  function finish(error?: unknown): void {
    if (ended) return;
    ended = true;
    clearTimeout(killTimer);
    signal?.removeEventListener('abort', kill);
    const result = exit ?? { code: null };
    if (error === undefined || exit) exited.resolve(result);
    else exited.reject(error);
    if (error === undefined) done.resolve(result);
    else done.reject(error);
    for (const reject of closing) reject(new SshError('closed', channelClosed));
    closing.clear();
    onEnd();
  }

  function finishWhenDrained(): void {
    if (channelIsClosed && (killed || (stderrEnded && consumers === 0))) finish();
  }

  function kill(): void {
    if (killed || ended) return;
    killed = true;
    channel.close();
    channel.resume();
    channel.stderr.resume();
    // The rest of the output is no longer wanted: with the status known there is nothing to wait for.
    if (exit) finish();
    else killTimer = setTimeout(finish, killGraceMs);
  }

  function abandon(error: unknown): void {
    kill();
    finish(error);
  }

  function deliver(stream: OutputStream, chunk: Buffer): void {
    if (killed || ended || !onData) return;
    let pending: void | Promise<void>;
    try {
      pending = onData(stream, chunk);
    } catch (error) {
      abandon(error);
      return;
    }
    if (!pending) return;
    consumers++;
    channel.pause();
    channel.stderr.pause();
    pending.then(() => {
      consumers--;
      if (consumers === 0) {
        channel.resume();
        channel.stderr.resume();
      }
      finishWhenDrained();
    }, abandon);
  }

  // ssh2 refuses data only at a window of exactly nothing: who sends beyond it would fill this process while its reader is slow.
  function boundUnread(stream: Readable): void {
    const push = stream.push;
    stream.push = (chunk: unknown, encoding?: BufferEncoding) => {
      if (stream.readableLength <= mostUnread) return push.call(stream, chunk, encoding);
      abandon(new SshError('closed', 'The host sent more than it was allowed to. Check what answers there.'));
      return false;
    };
  }
  boundUnread(channel);
  boundUnread(channel.stderr);

  channel.on('exit', (status: number | null, name?: string) => {
    // Those of Windows have all 32 bits; as it shows them itself, they are signed.
    const code = typeof status === 'number' ? status | 0 : null;
    exit = typeof name === 'string' ? { code, signal: name.replace(/^SIG/, '') } : { code };
    exited.resolve(exit);
  });
  channel.on('close', () => {
    channelIsClosed = true;
    finishWhenDrained();
  });
  channel.stderr.on('end', () => {
    stderrEnded = true;
    finishWhenDrained();
  });
  channel.on('error', () => {});
  channel.on('data', (chunk: Buffer) => deliver('stdout', chunk));
  channel.stderr.on('data', (chunk: Buffer) => deliver('stderr', chunk));
  if (signal?.aborted) kill();
  else signal?.addEventListener('abort', kill, { once: true });

  function write(bytes: Uint8Array | string): Promise<void> {
    if (ended || killed || inputEnded) return Promise.reject(new SshError('closed', channelClosed));
    if (channel.write(bytes)) return Promise.resolve();
    // ssh2 never calls back for bytes it could not send before the channel closed, so the end must release us too.
    return new Promise((resolve, reject) => {
      const onDrain = () => {
        closing.delete(onClosed);
        resolve();
      };
      const onClosed = (error: SshError) => {
        channel.off('drain', onDrain);
        reject(error);
      };
      channel.once('drain', onDrain);
      closing.add(onClosed);
    });
  }

  function settle(deadlineMs: number): Promise<Exit> {
    const timer = setTimeout(kill, deadlineMs);
    return done.promise.finally(() => clearTimeout(timer));
  }

  return {
    stdin: {
      write,
      end: () => {
        inputEnded = true;
        if (!ended && !killed) channel.end();
      },
    },
    sendSignal: (name) => {
      if (ended || killed || inputEnded) return false;
      channel.signal(name);
      return true;
    },
    exited: exited.promise,
    done: done.promise,
    settle,
    kill,
    connectionLost: finish,
  };
}
