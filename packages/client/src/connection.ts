import { maxMessageBytes, OmError } from '@omanager/contract';
import { createClient as createChannel, type KeyHolder, type KeyPair } from '@omanager/secure-channel';
import { type BackoffOptions, backoffMs, pause } from './backoff.ts';
import type { Calls } from './calls.ts';
import { type ChannelSocket, type Closed, openChannelSocket } from './channelSocket.ts';
import { readMessages } from './messages.ts';
import type { Streams } from './streams.ts';
import type { Transport } from './transport.ts';

/**
 * `lastReason` is for people, `lastCause` for programs; both null before the first failure.
 * `retryAt`: when the next attempt begins (epoch ms), null while one is under way.
 * `session`: how this connection stands. `lost` means the server no longer knows the session: sign in again.
 * `closed` is for good; `error` is null when close() was called.
 */
export type ClientState =
  | {
      kind: 'connecting';
      failures: number;
      lastReason: string | null;
      lastCause: FailureCause | null;
      retryAt: number | null;
    }
  | { kind: 'open'; session: 'none' | 'resumed' | 'lost' }
  | { kind: 'closed'; error: OmError | null };

/** `wrong_key`: who answered does not hold the key that this client expects. `crowded`: too many connections from here. */
export type FailureCause = 'unreachable' | 'wrong_key' | 'crowded';

export interface ConnectionOptions {
  transport: Transport;
  serverPublicKey: Uint8Array;
  /** This device's key, or what holds it. */
  keyPair: KeyPair | KeyHolder;
  /** The secret of the session to take up on every new connection, as access.signIn gave it; null when signed out. */
  session?: () => string | null;
  /**
   * Nobody signed in is no reason to fail: calls and streams wait, also when the server ends the session, and go on where
   * they were once somebody signs in. For a client in front of a person; false by default. A revoked device still ends it.
   */
  waitForSignIn?: boolean;
  /** Give up when there was no connection at all for so long after the start; for ever by default. */
  connectWithinMs?: number;
  /** Give up when a lost connection is not back after so long; for ever by default. */
  reconnectWithinMs?: number;
  handshakeTimeoutMs?: number;
  /** A server that says nothing for twice as long is taken for dead; asked for a sign of life after this time. */
  heartbeatMs?: number;
  backoff?: BackoffOptions;
}

interface Collaborators {
  calls: Calls;
  streams: Streams;
  nextId: () => number;
  onState: (state: ClientState) => void;
}

export interface Connection {
  /** Somebody has signed in on it: what waited for that goes on. */
  signedIn(): void;
  /** The server did not know who called: finds out what became of the session, by a new connection. */
  strangerSaid(): void;
  /** Ends the wait before the next attempt. */
  retryNow(): void;
  close(): void;
}

type Outcome = Closed & { opened: boolean };

/** Keeps one connection up until it is stopped or may not come back. Ends in state `closed`, once. */
export function startConnection(
  options: ConnectionOptions,
  { calls, streams, nextId, onState }: Collaborators,
): Connection {
  const { transport, serverPublicKey, keyPair, session = () => null, waitForSignIn = false } = options;
  const { handshakeTimeoutMs = 10_000, heartbeatMs = 20_000 } = options;
  const stop = new AbortController();
  let current: { socket: ChannelSocket; signedIn(): void } | undefined;
  let retry = new AbortController();

  function connectOnce(): Promise<Outcome> {
    return new Promise((resolve) => {
      let opened = false;
      let heardAt = Date.now();
      let heartbeat: ReturnType<typeof setInterval> | undefined;

      const open = (how: 'none' | 'resumed' | 'lost'): void => {
        opened = true;
        if (how === 'resumed' || !waitForSignIn) {
          calls.open();
          streams.attach();
        } else calls.openForSignIn();
        onState({ kind: 'open', session: how });
        if (how === 'resumed') heartbeat ??= setInterval(beat, heartbeatMs / 2);
      };
      const beat = (): void => {
        const silentMs = Date.now() - heardAt;
        if (silentMs >= heartbeatMs * 2) socket.close(4408, 'The server has fallen silent');
        else if (silentMs >= heartbeatMs) askOwn('system.info', {});
      };
      const askOwn = (method: string, params: object, onResult = (): void => {}, onError = (_: OmError): void => {}) =>
        calls.add({ id: nextId(), method, params, own: true, onResult, onError });
      const onResumeError = (error: OmError): void => {
        if (error.code === 'BUSY' || error.code === 'THROTTLED') socket.close(1000, error.message);
        else if (error.code !== 'DISCONNECTED') open('lost');
      };

      const socket = openChannelSocket({
        transport,
        channel: createChannel({ serverPublicKey, clientKeyPair: keyPair, maxPayload: maxMessageBytes }),
        handshakeTimeoutMs,
        onReady(ready) {
          calls.attach((bytes) => ready.send(bytes));
          const secret = session();
          if (secret === null) open('none');
          else askOwn('access.resume', { session: secret }, () => open('resumed'), onResumeError);
        },
        onMessage(payload) {
          heardAt = Date.now();
          for (const message of readMessages(payload)) {
            if ('notification' in message) streams.notify(message.notification, message.size);
            else if (message.response.id !== null) calls.answer(message.response);
            else throw new Error(`The server could not read a message: ${message.response.error?.message ?? ''}`);
          }
        },
        onClose(why) {
          clearInterval(heartbeat);
          current = undefined;
          calls.detach();
          streams.detach();
          resolve({ ...why, opened });
        },
      });
      current = { socket, signedIn: () => open('resumed') };
    });
  }

  async function run(): Promise<void> {
    let failures = 0;
    let lastReason: string | null = null;
    let lastCause: FailureCause | null = null;
    let giveUpAt = Date.now() + (options.connectWithinMs ?? Number.POSITIVE_INFINITY);
    while (!stop.signal.aborted) {
      onState({ kind: 'connecting', failures, lastReason, lastCause, retryAt: null });
      const since = Date.now();
      const outcome = await connectOnce();
      if (stop.signal.aborted) break;
      if (outcome.by === 'peer' && outcome.code === 4401) {
        if (!waitForSignIn || isRevoked(outcome.reason)) return finish(signedOut(outcome.reason));
      }
      const refusal = refusedForGood(outcome);
      if (refusal) calls.failSent(refusal);
      // A connection that breaks as soon as it is there is no reason to knock faster.
      if (outcome.opened && Date.now() - since > 2000) failures = 0;
      if (outcome.opened) giveUpAt = Date.now() + (options.reconnectWithinMs ?? Number.POSITIVE_INFINITY);
      lastReason = reasonOf(outcome);
      lastCause = causeOf(outcome);
      if (Date.now() >= giveUpAt) return finish(unreachable(transport.address, lastReason));
      failures += outcome.code === 4429 ? 3 : 1;
      const waitMs = Math.min(backoffMs(failures - 1, options.backoff), Math.max(0, giveUpAt - Date.now()));
      onState({ kind: 'connecting', failures, lastReason, lastCause, retryAt: Date.now() + waitMs });
      retry = new AbortController();
      await pause(waitMs, AbortSignal.any([stop.signal, retry.signal]));
    }
    finish(null);
  }

  function finish(error: OmError | null): void {
    const why = error ?? new OmError('DISCONNECTED', 'This client was closed.');
    calls.failAll(why);
    streams.close(why);
    onState({ kind: 'closed', error });
  }

  run().catch((cause: unknown) => {
    finish(new OmError('DISCONNECTED', `Cannot connect to ${transport.address}: ${messageOf(cause)}`));
  });
  return {
    signedIn: () => current?.signedIn(),
    strangerSaid() {
      if (waitForSignIn) current?.socket.close(1000, 'the session has ended');
    },
    retryNow: () => retry.abort(),
    close() {
      stop.abort();
      current?.socket.close(1000, 'client closed');
    },
  };
}

const messageOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));

/** Close code 4401 stands for both; only the reason tells a revoked device, which signing in does not bring back. */
const isRevoked = (reason: string): boolean => /device.*revoked/i.test(reason);

function signedOut(reason: string): OmError {
  const runs = 'Runs that are under way go on.';
  if (isRevoked(reason)) {
    const message = `This device was revoked. It needs a new invite: ask an admin, then sign in with it (om login). ${runs}`;
    return new OmError('UNAUTHENTICATED', message, { cause: 'revoked' });
  }
  const why = reason ? ` (${reason})` : '';
  return new OmError('UNAUTHENTICATED', `The server ended this session${why}. Sign in again (om login). ${runs}`);
}

const unreachable = (address: string, reason: string): OmError =>
  new OmError('DISCONNECTED', `Cannot reach ${address}: ${reason}.`, { address, reason });

/** What the server will not take however often it is sent. */
function refusedForGood({ by, code, opened }: Outcome): OmError | null {
  if (by === 'us' || !opened) return null;
  if (code === 4413) return new OmError('TOO_LARGE');
  if (code === 4400) return new OmError('INVALID_REQUEST', 'The server refused the message; versions may differ.');
  return null;
}

function causeOf({ code, ready }: Outcome): FailureCause {
  if (code === 4429) return 'crowded';
  return !ready && code === 4400 ? 'wrong_key' : 'unreachable';
}

function reasonOf({ code, reason, by, ready }: Outcome): string {
  const why = reason.replace(/[.\s]+$/, '');
  if (code === 4429) return 'the server has too many connections from this address';
  if (!ready && by === 'peer' && code === 4400) {
    return `the server ended the handshake${why && ` (${why})`}; it may have another key than this client expects`;
  }
  if (why) return why;
  return ready ? `the connection was cut (${code})` : `no connection could be made (${code})`;
}
