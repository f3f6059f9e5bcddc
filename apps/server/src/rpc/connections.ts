import { maxMessageBytes, OmError } from '@omanager/contract';
import type { Actor } from './actor.ts';
import type { Authorize, Dispatcher } from './dispatcher.ts';
import { reportError } from './reportError.ts';
import { createStreams } from './streams.ts';

/** The far side as the connection sees it: something to send text to, and to close. */
export interface Wire {
  readonly publicKey: string;
  readonly address: string;
  send(message: string | Uint8Array): Promise<void>;
  /** Somebody is signed in: no longer one of the strangers whose number is limited. */
  signedIn(): void;
  close(reason: 'revoked' | 'going_away' | 'too_slow', message: string): void;
}

export interface LiveConnection {
  /** Largest message that is taken now, in bytes: signing in needs little. */
  readonly maxBytes: number;
  receive(message: Uint8Array): Promise<void>;
  closed(): void;
}

export interface Connections {
  open(wire: Wire): LiveConnection;
  count(): number;
  /** Asks every connection who it is now; those whose device was revoked are cut off, lost sessions signed out. */
  recheck(): Promise<void>;
  closeAll(): void;
}

interface Options {
  dispatcher: Dispatcher;
  authorize: Authorize;
  actorOfKey(
    publicKey: string,
    address: string,
    state: { sessionId: string | null; pendingUserId: string | null },
  ): Promise<Actor>;
  log: { warn(details: object, message: string): void; error(details: object, message: string): void };
}

/** Calls that one connection may have under way; more are not read until one is answered. */
const maxInFlight = 32;
const recheckMs = 1000;
/** A message before somebody is signed in: an unknown key may send no more than that. */
const strangerBytes = 64 * 1024;
/** A connection that nobody signs in on is ended: people type slowly, but not for ever. */
const signInMs = 10 * 60_000;

/** The sealed connections of this process: who each one is, its calls under way and its streams. */
export function createConnections({ dispatcher, authorize, actorOfKey, log }: Options): Connections {
  const live = new Set<{ recheck(): Promise<void>; goAway(): void }>();

  function open(wire: Wire): LiveConnection {
    const ended = new AbortController();
    let sessionId: string | null = null;
    let pendingUserId: string | null = null;
    let signIns = 0;
    let inFlight = 0;
    let slotFree: (() => void) | undefined;

    const actor = () => actorOfKey(wire.publicKey, wire.address, { sessionId, pendingUserId });
    const send = async (message: string | Uint8Array) => {
      if (!ended.signal.aborted) await wire.send(message);
    };
    const streams = createStreams({
      send,
      authorize,
      asOmError: (error, method) => reportError(log, error, method),
      signal: ended.signal,
    });
    const caller = {
      actor,
      openStream(...stream: Parameters<typeof streams.open>) {
        const id = streams.open(...stream);
        // Rights that were taken away since this caller was looked up: a stream that was not open yet was not asked.
        void recheck();
        return id;
      },
      stopStream: streams.stop,
      connection: {
        publicKey: wire.publicKey,
        address: wire.address,
        attach(session: { id: string } | null) {
          signIns++;
          sessionId = session?.id ?? null;
          pendingUserId = null;
          enrolled = true;
          awaitSignIn();
          if (session) wire.signedIn();
          else streams.endAll(new OmError('UNAUTHENTICATED'));
        },
        attachPending(userId: string | null) {
          signIns++;
          sessionId = null;
          pendingUserId = userId;
        },
      },
    };
    let enrolled = false;
    let worker = false;

    /** Who this is at this moment: asked again when somebody signed in or out meanwhile. */
    async function settledActor(): Promise<Actor> {
      for (;;) {
        const before = signIns;
        const now = await actor();
        if (signIns === before) return now;
      }
    }

    /** What cannot be asked now is asked again: a revocation never gets lost. */
    async function recheck(): Promise<void> {
      while (!ended.signal.aborted) {
        try {
          return cutOff(await settledActor());
        } catch (error) {
          log.warn({ err: String(error).slice(0, 500) }, 'a connection could not be looked up; trying again');
          await new Promise((resolve) => setTimeout(resolve, recheckMs));
        }
      }
    }

    function cutOff(now: Actor): void {
      if (now.kind === 'anonymous' && enrolled)
        return wire.close('revoked', worker ? 'this worker was revoked' : 'this device was revoked');
      enrolled ||= now.kind !== 'anonymous';
      if (sessionId !== null && now.kind !== 'user') return wire.close('revoked', 'the session has ended');
      streams.recheck(now);
      if (now.kind !== 'worker' || worker) return;
      // Its key is all that it signs in with.
      worker = true;
      clearTimeout(deadline);
      wire.signedIn();
    }

    let deadline: NodeJS.Timeout | undefined;
    function awaitSignIn(): void {
      clearTimeout(deadline);
      if (sessionId !== null || worker) return;
      deadline = setTimeout(() => wire.close('too_slow', 'nobody signed in'), signInMs).unref();
    }

    async function handle(message: Uint8Array): Promise<void> {
      try {
        const response = await dispatcher.handle(message, caller, ended.signal);
        if (response !== null) await send(response);
      } catch (error) {
        log.warn({ err: String(error) }, 'an answer could not be sent');
      } finally {
        inFlight--;
        slotFree?.();
      }
    }

    void recheck();
    awaitSignIn();
    const entry = { recheck, goAway: () => wire.close('going_away', 'the server is stopping') };
    live.add(entry);
    return {
      get maxBytes() {
        return sessionId === null && !worker ? strangerBytes : maxMessageBytes;
      },
      async receive(message) {
        while (inFlight >= maxInFlight && !ended.signal.aborted) {
          await new Promise<void>((resolve) => {
            slotFree = resolve;
          });
        }
        inFlight++;
        void handle(message);
      },
      closed() {
        live.delete(entry);
        clearTimeout(deadline);
        ended.abort();
        slotFree?.();
      },
    };
  }

  return {
    open,
    count: () => live.size,
    async recheck() {
      await Promise.all([...live].map((entry) => entry.recheck()));
    },
    closeAll() {
      for (const entry of live) entry.goAway();
    },
  };
}
