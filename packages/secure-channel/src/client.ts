import { type Channel, createChannel, type Handshake, type Step, type SyncChannel } from './channel.ts';
import {
  requireAtLeast,
  requireCounter,
  requireKeyHolder,
  requireKeyPair,
  requireOpen,
  requireSharedKeyBytes,
  requireSize,
} from './checks.ts';
import { ChannelError } from './errors.ts';
import { generateKeyPair, requirePublicKey, requireSharedKey } from './keys.ts';
import { decodeMetadata } from './metadata.ts';
import { type CommonOptions, readOptions } from './options.ts';
import type { KeyHolder, KeyPair } from './primitives.ts';
import { createSecrets } from './secrets.ts';
import { createSession } from './session.ts';
import { type Bytes, type CommandName, counterBytes, join, nonces, sizes, tags } from './wire.ts';

export interface ClientOptions<Key extends KeyPair | KeyHolder = KeyPair> extends CommonOptions {
  /** Known beforehand; a server that does not hold its secret half cannot answer. */
  serverPublicKey: Uint8Array;
  /** This device's long-term key, or what holds it. Shown to nobody but that server. */
  clientKeyPair: Key;
}

type State =
  | { at: 'new' }
  | { at: 'helloSent'; transient: KeyPair; helloKey: Uint8Array }
  | { at: 'agreeing' }
  | { at: 'initiateSent'; key: Uint8Array }
  | { at: 'over' };

/**
 * The client's end of one connection (CurveZMQ, RFC 26). Throws `bad_key` or `bad_metadata` for unusable options.
 * With a KeyHolder the bytes are the same, but the answer to WELCOME is a promise where `agree` gives one.
 */
export function createClient(options: ClientOptions): SyncChannel;
export function createClient(options: ClientOptions<KeyPair | KeyHolder>): Channel;
export function createClient(options: ClientOptions<KeyPair | KeyHolder>): Channel {
  return createChannel(createHandshake(options));
}

function createHandshake(options: ClientOptions<KeyPair | KeyHolder>): Handshake<Step | Promise<Step>> {
  const { serverPublicKey, clientKeyPair } = options;
  const { crypto, maxPayload, metadata } = readOptions(options, sizes.initiate);
  requirePublicKey(serverPublicKey, "The server's key");
  if ('agree' in clientKeyPair) requireKeyHolder(clientKeyPair, 'The client');
  else requireKeyPair(clientKeyPair, 'The client');
  const secrets = createSecrets();
  let state: State = { at: 'new' };

  function hello(): Bytes {
    const transient = generateKeyPair(crypto);
    secrets.keep(transient.secretKey);
    const helloKey = secrets.keep(requireSharedKey(crypto, serverPublicKey, transient.secretKey, "The server's key"));
    state = { at: 'helloSent', transient, helloKey };
    const counter = counterBytes(1);
    const box = crypto.seal(new Uint8Array(64), join(nonces.hello, counter), helloKey);
    return join(tags.HELLO, Uint8Array.of(1, 0), new Uint8Array(72), transient.publicKey, counter, box);
  }

  function welcome(command: Uint8Array, transient: KeyPair, helloKey: Uint8Array): Step | Promise<Step> {
    requireSize(command, 'WELCOME', sizes.welcome);
    const nonce = join(nonces.welcome, command.subarray(8, 24));
    const opened = requireOpen(
      crypto,
      command.subarray(24),
      nonce,
      helloKey,
      'WELCOME was altered, or the server does not hold the key this client expects',
    );
    const serverTransient = opened.subarray(0, 32);
    const cookie = opened.subarray(32);
    requirePublicKey(serverTransient, "The server's transient key");
    const key = secrets.keep(
      requireSharedKey(crypto, serverTransient, transient.secretKey, "The server's transient key"),
    );

    const answer = (vouchKey: Uint8Array): Step => {
      secrets.keep(vouchKey);
      state = { at: 'initiateSent', key };
      return { send: initiate({ cookie, key, vouchKey, transientKey: transient.publicKey }) };
    };
    if (!('agree' in clientKeyPair)) {
      return answer(requireSharedKey(crypto, serverTransient, clientKeyPair.secretKey, "The server's transient key"));
    }
    state = { at: 'agreeing' };
    const agreed = agree(clientKeyPair, serverTransient);
    if (!(agreed instanceof Promise)) return answer(agreed);
    return agreed.then((vouchKey) => {
      if (state.at === 'agreeing') return answer(vouchKey);
      // The channel ended meanwhile and has wiped what it had.
      vouchKey.fill(0);
      throw new ChannelError('dead', 'This channel ended before the key holder answered');
    });
  }

  function agree(holder: KeyHolder, serverTransient: Uint8Array): Uint8Array | Promise<Uint8Array> {
    const failed = (cause: unknown): never => {
      throw new ChannelError('bad_key', "This device's key could not be used", { cause });
    };
    try {
      // A copy: what the holder does with it changes nothing here.
      const agreed = holder.agree(serverTransient.slice());
      return agreed instanceof Uint8Array
        ? requireSharedKeyBytes(agreed)
        : agreed.then(requireSharedKeyBytes).catch(failed);
    } catch (error) {
      return failed(error);
    }
  }

  function initiate(vouching: {
    cookie: Uint8Array;
    key: Uint8Array;
    vouchKey: Uint8Array;
    transientKey: Uint8Array;
  }): Bytes {
    const { cookie, key, vouchKey, transientKey } = vouching;
    const vouchNonce = crypto.randomBytes(16);
    const vouch = crypto.seal(join(transientKey, serverPublicKey), join(nonces.vouch, vouchNonce), vouchKey);
    const counter = counterBytes(2);
    const contents = join(clientKeyPair.publicKey, vouchNonce, vouch, metadata);
    const box = crypto.seal(contents, join(nonces.initiate, counter), key);
    return join(tags.INITIATE, cookie, counter, box);
  }

  function ready(command: Uint8Array, key: Uint8Array): Step {
    requireAtLeast(command, 'READY', sizes.ready);
    requireCounter(command, 6, 'READY', 1);
    const nonce = join(nonces.ready, command.subarray(6, 14));
    const opened = requireOpen(crypto, command.subarray(14), nonce, key, 'READY was altered on its way');
    const peer = { publicKey: serverPublicKey.slice(), metadata: decodeMetadata(opened) };
    state = { at: 'over' };
    const session = createSession({
      crypto,
      key: key.slice(), // this handshake's own copy is wiped when it is done
      sending: { prefix: nonces.fromClient, counter: 2 },
      receiving: { prefix: nonces.fromServer, counter: 1 },
      maxPayload,
    });
    return { done: { session, peer } };
  }

  return {
    start() {
      if (state.at !== 'new') throw new ChannelError('wrong_state', 'A client starts once');
      return hello();
    },
    receive(name: CommandName, command) {
      const waiting = state.at === 'helloSent' || state.at === 'initiateSent';
      if (name === 'ERROR' && waiting) throw peerError(command);
      if (name === 'WELCOME' && state.at === 'helloSent') {
        return welcome(command, state.transient, state.helloKey);
      }
      if (name === 'READY' && state.at === 'initiateSent') return ready(command, state.key);
      throw new ChannelError('wrong_state', `${name} was not expected now`);
    },
    wipe() {
      state = { at: 'over' };
      secrets.wipe();
    },
  };
}

/** ERROR comes in the clear and unauthenticated, so its text is taken only if it is harmless to print. */
function peerError(command: Uint8Array): ChannelError {
  requireAtLeast(command, 'ERROR', sizes.error);
  requireSize(command, 'ERROR', sizes.error + (command[6] ?? 0));
  const reason = String.fromCharCode(...command.subarray(7));
  if (!/^[\x20-\x7e]*$/.test(reason)) return new ChannelError('bad_error', 'ERROR carries more than plain text');
  return new ChannelError('peer_error', `The connection was refused ("${reason}", not authenticated)`, { reason });
}
