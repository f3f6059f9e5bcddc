import { ChannelError } from './errors.ts';
import type { Metadata } from './metadata.ts';
import type { Session } from './session.ts';
import { type Bytes, type CommandName, commandName, maxHandshakeBytes } from './wire.ts';

/** Who is at the other end: its long-term key, proved, and what it says about itself. */
export interface Peer {
  readonly publicKey: Uint8Array;
  readonly metadata: Metadata;
}

/** What one received command leads to. */
export interface Received {
  /** Commands to send now, in this order, one binary WebSocket message each. */
  send?: Uint8Array[];
  /** Payloads that the peer sealed, in its order. */
  messages?: Uint8Array[];
  /** The handshake is done: `seal` works, `peer` is known. */
  ready?: boolean;
}

/**
 * One end of one connection: bytes in, bytes out, no sockets and no timers. Every violation throws a ChannelError,
 * and from then on every call throws `dead`: close the connection and make a new channel for a new one.
 */
export interface Channel {
  /** The client's first command to send; null for a server, which waits. Call once. */
  start(): Bytes | null;
  /**
   * Takes one whole command. A server's answer is a promise where `authorize` returned one; until it settles, the
   * next command must wait (a call in between is a violation).
   */
  receive(command: Uint8Array): Received | Promise<Received>;
  /**
   * Seals a payload; send the result exactly once and in this order. Throws `wrong_state` before the channel is
   * ready and `too_large` beyond maxPayload; these two leave the channel as it was.
   */
  seal(payload: Uint8Array): Bytes;
  /** Ends the channel and wipes its keys, as far as JavaScript lets it. May be repeated. */
  close(): void;
  /** Undefined until the channel is ready; stays known afterwards. */
  readonly peer: Peer | undefined;
}

/** A channel whose `receive` answers at once. */
export interface SyncChannel extends Channel {
  receive(command: Uint8Array): Received;
}

/** What a handshake does with one command; `done` when it was the last. */
export interface Step {
  send?: Bytes;
  done?: { session: Session; peer: Peer };
}

/** Everything before the first MESSAGE. Throws ChannelErrors; knows nothing of death, which is the channel's matter. */
export interface Handshake<Result extends Step | Promise<Step>> {
  start(): Bytes | null;
  receive(name: CommandName, command: Uint8Array): Result;
  wipe(): void;
}

/** Gives a handshake its life: order, limits, death and wiping are here and nowhere else. */
export function createChannel(handshake: Handshake<Step>): SyncChannel;
export function createChannel(handshake: Handshake<Step | Promise<Step>>): Channel;
export function createChannel(handshake: Handshake<Step | Promise<Step>>): Channel {
  let session: Session | undefined;
  let peer: Peer | undefined;
  let ended: string | undefined;

  function end(why: string): void {
    if (ended !== undefined) return;
    ended = why;
    handshake.wipe();
    session?.wipe();
  }

  function die(error: unknown): ChannelError {
    const refusal =
      error instanceof ChannelError
        ? error
        : new ChannelError('internal', 'The channel failed on its own side; please report this', { cause: error });
    end(refusal.code);
    return refusal;
  }

  function refuseDead(): void {
    if (ended !== undefined) throw new ChannelError('dead', `This channel has ended (${ended}): open a new connection`);
  }

  function take(step: Step): Received {
    if (step.done) {
      ({ session, peer } = step.done);
      handshake.wipe();
    }
    return { ...(step.send && { send: [step.send] }), ...(step.done && { ready: true }) };
  }

  function takeLater(later: Promise<Step>): Promise<Received> {
    return later.then(
      (step) => {
        if (ended !== undefined) step.done?.session.wipe();
        refuseDead();
        return take(step);
      },
      (error: unknown) => {
        refuseDead();
        throw die(error);
      },
    );
  }

  return {
    start() {
      refuseDead();
      try {
        return handshake.start();
      } catch (error) {
        throw die(error);
      }
    },

    receive(command) {
      refuseDead();
      try {
        if (!(command instanceof Uint8Array)) throw new ChannelError('bad_input', 'A command is a Uint8Array');
        if (!session && command.length > maxHandshakeBytes) {
          throw new ChannelError('too_large', `A handshake command has more than ${maxHandshakeBytes} bytes`);
        }
        const name = commandName(command);
        if (!name) throw new ChannelError('bad_name', 'This is no CurveZMQ command');
        if (session) {
          if (name !== 'MESSAGE') throw new ChannelError('wrong_state', `${name} came after the handshake`);
          return { messages: [session.open(command)] };
        }
        const step = handshake.receive(name, command);
        return step instanceof Promise ? takeLater(step) : take(step);
      } catch (error) {
        throw die(error);
      }
    },

    seal(payload) {
      refuseDead();
      if (!session) throw new ChannelError('wrong_state', 'Nothing can be sealed before the handshake is done');
      if (!(payload instanceof Uint8Array)) throw new ChannelError('bad_input', 'A payload is a Uint8Array');
      return session.seal(payload);
    },

    close() {
      end('closed');
    },

    get peer() {
      return peer;
    },
  };
}
