import { type Channel, createChannel, type Handshake, type Step } from './channel.ts';
import { isZero, requireAtLeast, requireCounter, requireKeyPair, requireOpen, requireSize } from './checks.ts';
import { ChannelError } from './errors.ts';
import { generateKeyPair, requirePublicKey, requireSharedKey } from './keys.ts';
import { decodeMetadata, type Metadata } from './metadata.ts';
import { type CommonOptions, readOptions } from './options.ts';
import type { KeyPair } from './primitives.ts';
import { createSecrets } from './secrets.ts';
import { createSession } from './session.ts';
import { type Bytes, type CommandName, counterBytes, errorCommand, join, nonces, sizes, tags } from './wire.ts';

export interface ServerOptions extends CommonOptions {
  /** The server's long-term key. */
  serverKeyPair: KeyPair;
  /**
   * Called once, after the client has proved that it holds this key. Compare the key byte for byte.
   * Anything but `true` refuses: `receive` throws `refused`, and its `reply` is to be sent before closing.
   */
  authorize(clientPublicKey: Uint8Array, metadata: Metadata): boolean | Promise<boolean>;
}

type State = { at: 'awaitHello' } | { at: 'awaitInitiate'; cookieKey: Uint8Array } | { at: 'over' };

/** The server's end of one connection (CurveZMQ, RFC 26). Throws `bad_key` or `bad_metadata` for unusable options. */
export function createServer(options: ServerOptions): Channel {
  return createChannel(createHandshake(options));
}

function createHandshake(options: ServerOptions): Handshake<Step | Promise<Step>> {
  const { serverKeyPair } = options;
  const { crypto, maxPayload, metadata } = readOptions(options, sizes.ready);
  requireKeyPair(serverKeyPair, 'The server');
  const secrets = createSecrets();
  let state: State = { at: 'awaitHello' };

  function hello(command: Uint8Array): Bytes {
    requireSize(command, 'HELLO', sizes.hello);
    if (command[6] !== 1 || command[7] !== 0) throw new ChannelError('bad_version', 'HELLO is not of version 1.0');
    if (!isZero(command.subarray(8, 80))) throw new ChannelError('bad_padding', 'The padding of HELLO is not zero');
    requireCounter(command, 112, 'HELLO', 1);
    const clientTransient = command.subarray(80, 112);
    requirePublicKey(clientTransient, "The client's transient key");
    const whose = "The client's transient key";
    const helloKey = secrets.keep(requireSharedKey(crypto, clientTransient, serverKeyPair.secretKey, whose));
    const nonce = join(nonces.hello, command.subarray(112, 120));
    const opened = requireOpen(
      crypto,
      command.subarray(120),
      nonce,
      helloKey,
      'HELLO was altered, or the client expects another server key',
    );
    if (!isZero(opened)) throw new ChannelError('bad_padding', 'The box of HELLO is not zero');

    const transient = generateKeyPair(crypto);
    secrets.keep(transient.secretKey);
    const cookieKey = crypto.randomBytes(32);
    const cookieNonce = crypto.randomBytes(16);
    const cookieContents = secrets.keep(join(clientTransient, transient.secretKey));
    const cookie = crypto.seal(cookieContents, join(nonces.cookie, cookieNonce), cookieKey);
    const welcomeNonce = crypto.randomBytes(16);
    const contents = join(transient.publicKey, cookieNonce, cookie);
    const box = crypto.seal(contents, join(nonces.welcome, welcomeNonce), helloKey);
    // From here to INITIATE the cookie key is all that is kept; both transient keys travel in the cookie.
    secrets.wipe();
    state = { at: 'awaitInitiate', cookieKey: secrets.keep(cookieKey) };
    return join(tags.WELCOME, welcomeNonce, box);
  }

  function initiate(command: Uint8Array, cookieKey: Uint8Array): Step | Promise<Step> {
    state = { at: 'over' };
    requireAtLeast(command, 'INITIATE', sizes.initiate);
    requireCounter(command, 105, 'INITIATE', 2);
    const cookie = crypto.open(command.subarray(25, 105), join(nonces.cookie, command.subarray(9, 25)), cookieKey);
    // A key per connection, tried once: a recorded handshake opens nothing on another connection.
    cookieKey.fill(0);
    if (cookie === null) throw new ChannelError('bad_cookie', 'The cookie is not the one this connection was given');
    secrets.keep(cookie);
    const clientTransient = cookie.subarray(0, 32);
    const transientSecret = cookie.subarray(32);

    const whose = "The client's transient key";
    const key = secrets.keep(requireSharedKey(crypto, clientTransient, transientSecret, whose));
    const nonce = join(nonces.initiate, command.subarray(105, 113));
    const opened = requireOpen(crypto, command.subarray(113), nonce, key, 'INITIATE was altered on its way');
    const clientPublicKey = opened.slice(0, 32);
    requirePublicKey(clientPublicKey, "The client's key");
    requireVouch(opened.subarray(32, 128), clientPublicKey, clientTransient, transientSecret);
    const peer = { publicKey: clientPublicKey, metadata: decodeMetadata(opened.subarray(128)) };

    const allowed = askAuthorize(peer.publicKey, peer.metadata);
    if (typeof allowed !== 'object') return decide(allowed, key, peer);
    return Promise.resolve(allowed).then((answer) => decide(answer, key, peer), failedAuthorize);
  }

  /** The vouch proves that the holder of C made this very connection (C') to this very server (S). */
  function requireVouch(
    vouch: Uint8Array,
    clientPublicKey: Uint8Array,
    clientTransient: Uint8Array,
    secret: Uint8Array,
  ) {
    const vouchKey = secrets.keep(requireSharedKey(crypto, clientPublicKey, secret, "The client's key"));
    const opened = crypto.open(vouch.subarray(16), join(nonces.vouch, vouch.subarray(0, 16)), vouchKey);
    const genuine = opened !== null && crypto.equal(opened, join(clientTransient, serverKeyPair.publicKey));
    if (!genuine) throw new ChannelError('bad_vouch', 'The client does not prove that it holds its key');
  }

  function askAuthorize(publicKey: Uint8Array, clientMetadata: Metadata): boolean | Promise<boolean> {
    try {
      // A copy of the key, so that nothing authorize does changes what `peer` says.
      return options.authorize(publicKey.slice(), { ...clientMetadata });
    } catch (error) {
      return failedAuthorize(error);
    }
  }

  function failedAuthorize(cause: unknown): never {
    const reply = errorCommand('500');
    throw new ChannelError('authorize_failed', 'The server could not decide about this key', { reply, cause });
  }

  function decide(allowed: unknown, key: Uint8Array, peer: { publicKey: Uint8Array; metadata: Metadata }): Step {
    if (allowed !== true) {
      const reply = errorCommand('400');
      throw new ChannelError('refused', 'This client key is not allowed here: enrol the device first', { reply });
    }
    const counter = counterBytes(1);
    const send = join(tags.READY, counter, crypto.seal(metadata, join(nonces.ready, counter), key));
    const session = createSession({
      crypto,
      key: key.slice(), // this handshake's own copy is wiped when it is done
      sending: { prefix: nonces.fromServer, counter: 1 },
      receiving: { prefix: nonces.fromClient, counter: 2 },
      maxPayload,
    });
    return { send, done: { session, peer } };
  }

  return {
    start: () => null,
    receive(name: CommandName, command) {
      if (name === 'HELLO' && state.at === 'awaitHello') return { send: hello(command) };
      if (name === 'INITIATE' && state.at === 'awaitInitiate') return initiate(command, state.cookieKey);
      throw new ChannelError('wrong_state', `${name} was not expected now`);
    },
    wipe() {
      state = { at: 'over' };
      secrets.wipe();
    },
  };
}
