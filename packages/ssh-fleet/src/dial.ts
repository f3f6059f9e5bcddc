import type { Duplex } from 'node:stream';
import type { Backoff } from './backoff.ts';
import { endpoint, type HandshakeOptions, learnHostKey, openTcp, type SignedIn, signIn } from './connect.ts';
import type { Forward } from './connection.ts';
import type { SignIns } from './credentials.ts';
import { SshError } from './errors.ts';
import { judgeHostKey } from './hostKeys.ts';
import type { Semaphore } from './semaphore.ts';
import type { OfferedHostKey, SshHop, SshTarget } from './types.ts';

export interface DialOptions {
  signIns: SignIns;
  backoff: Backoff;
  handshakes: Semaphore;
  timeoutMs: number;
  keepaliveMs: number;
  acquireForward: (jump: SshTarget, signal: AbortSignal) => Promise<Forward>;
  onFirstUse: ((hop: SshHop, offered: OfferedHostKey) => void | Promise<void>) | undefined;
}

export interface Dialled extends SignedIn {
  stream: Duplex;
  /** Gives the jump host's forward back; to be called when the connection has closed. */
  release: () => void;
}

const nothing = () => {};

/** Makes one signed-in connection to a target, through its jump hosts. */
export type Dial = (target: SshTarget, signal: AbortSignal) => Promise<Dialled>;

export function createDial({
  signIns,
  backoff,
  handshakes,
  timeoutMs,
  keepaliveMs,
  acquireForward,
  onFirstUse,
}: DialOptions): Dial {
  return async function dial(target, signal) {
    // A key that cannot be read is said before the host is bothered, and does not count as its failure.
    const how = await signIns.of(target.credential);
    const host = hostOf(target);
    await backoff.wait(host, signal);
    using undo = new DisposableStack();
    const forward = await reachLastJump(target, signal);
    if (forward) undo.defer(forward.release);
    const leave = await handshakes.take(signal);
    try {
      const handshake = async (hop: SshHop): Promise<HandshakeOptions> => ({
        hop,
        stream: await openStream(target, forward, signal),
        timeoutMs,
        keepaliveMs,
        signal,
      });
      const hop = await pinned(target, () => handshake(target).then(learnHostKey));
      const attempt = await handshake(hop);
      const signedIn = await signIn(attempt, how);
      backoff.succeeded(host);
      undo.move();
      return { ...signedIn, stream: attempt.stream, release: forward?.release ?? nothing };
    } catch (error) {
      if (!signal.aborted) backoff.failed(host);
      throw error;
    } finally {
      leave();
    }
  };

  /**
   * A host whose first key may be accepted is met twice: once to learn the key and hang up, then with that key
   * pinned. So no password ever travels over a connection whose key was first seen on it.
   */
  async function pinned(target: SshTarget, learn: () => Promise<OfferedHostKey>): Promise<SshHop> {
    const { trust } = target;
    if (trust.keys.length > 0 || trust.firstUse === 'refuse') return target;
    const offered = await learn();
    if (judgeHostKey(trust, offered) === 'unknown') await onFirstUse?.(target, offered);
    return { ...target, trust: { ...trust, keys: [offered] } };
  }

  async function reachLastJump(target: SshTarget, signal: AbortSignal): Promise<Forward | undefined> {
    const last = target.via.at(-1);
    if (!last) return undefined;
    try {
      return await acquireForward({ ...last, via: target.via.slice(0, -1) }, signal);
    } catch (error) {
      throw jumpError(error, target.via);
    }
  }

  async function openStream(target: SshTarget, forward: Forward | undefined, signal: AbortSignal): Promise<Duplex> {
    if (!forward) return openTcp(target, timeoutMs, signal);
    try {
      return await forward.open(target, signal);
    } catch (error) {
      throw forwardError(error, target);
    }
  }
}

/** A host as back-off sees it: where it is and by which way, whoever signs in. */
function hostOf(target: SshTarget): string {
  return [...target.via, target].map(endpoint).join(' ');
}

/** The failure of a jump host, seen from the target behind it. A jump further out keeps its own number. */
function jumpError(error: unknown, via: readonly SshHop[]): unknown {
  const last = via.at(-1);
  if (!(error instanceof SshError) || !last || error.hop !== undefined) return error;
  const message = `Jump host ${endpoint(last)} (hop ${via.length}) cannot be used: ${error.message}`;
  return new SshError('jump_failed', message, { hop: via.length, offered: error.offered, cause: error });
}

// RFC 4254, 5.1: the jump host tried and could not connect.
const connectFailed = 2;

function forwardError(error: unknown, target: SshTarget): unknown {
  if (!(error instanceof SshError) || error.reason === 'timeout') return error;
  const { cause } = error;
  const status = cause instanceof Error && 'reason' in cause ? cause.reason : undefined;
  if (error.reason === 'channel_refused' && status === connectFailed) {
    const text = `${endpoint(target)} refused the connection from the jump host. Check the port, that sshd is running, and the name if the jump host resolves it.`;
    return new SshError('refused', text, { cause: error });
  }
  const jump = target.via.at(-1);
  const text = `Jump host ${jump ? endpoint(jump) : ''} (hop ${target.via.length}) does not forward connections. Check AllowTcpForwarding and PermitOpen in its sshd_config.`;
  return new SshError('jump_failed', text, { hop: target.via.length, cause: error });
}
