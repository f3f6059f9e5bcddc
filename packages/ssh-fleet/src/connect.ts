import { connect as connectTcp, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import ssh2, { type AnyAuthMethod, type AuthHandlerMiddleware, type CipherAlgorithm, type Client } from 'ssh2';
import type { SignIn } from './credentials.ts';
import { startDeadline } from './deadline.ts';
import { type ConnectPhase, connectError, SshError } from './errors.ts';
import { describeKey, hostKeyAlgorithms, judgeHostKey } from './hostKeys.ts';
import { slim } from './slim.ts';
import type { OfferedHostKey, SshHop } from './types.ts';

export interface HandshakeOptions {
  hop: SshHop;
  /** The TCP connection or the jump host's forwarded channel. It is closed when the attempt fails. */
  stream: Duplex;
  timeoutMs: number;
  keepaliveMs: number;
  signal: AbortSignal;
}

export interface SignedIn {
  client: Client;
  hostKey: OfferedHostKey;
}

// Measured: AES-GCM costs this process the least per byte, chacha20 twice as much; it stays for hosts with nothing else.
const ciphers: CipherAlgorithm[] = [
  'aes128-gcm@openssh.com',
  'aes256-gcm@openssh.com',
  'aes128-ctr',
  'aes192-ctr',
  'aes256-ctr',
  'chacha20-poly1305@openssh.com',
];

export function endpoint(hop: Pick<SshHop, 'address' | 'port'>): string {
  return hop.address.includes(':') ? `[${hop.address}]:${hop.port}` : `${hop.address}:${hop.port}`;
}

function silent(hop: SshHop): SshError {
  return connectError({ level: 'client-timeout' }, endpoint(hop), 'transport');
}

const hangUpMs = 500;
const ignore = () => {};

/** Says goodbye and closes, at once for a peer that reads and after half a second for one that does not. */
export function hangUp(client: Client, stream: Duplex): void {
  client.end();
  const timer = setTimeout(() => stream.destroy(), hangUpMs);
  stream.once('close', () => clearTimeout(timer));
  if ('destroySoon' in stream && typeof stream.destroySoon === 'function') stream.destroySoon();
  else stream.destroy();
}

const { write } = Duplex.prototype;
const uncork = (socket: Socket) => socket.uncork();

/** ssh2 writes the length, the body and the tag of each packet by itself: what is written in one go leaves in one go. */
function gatherWrites(socket: Socket): void {
  socket.write = writeGathered;
}

function writeGathered(this: Socket, ...written: unknown[]): boolean {
  if (this.writableCorked === 0) {
    this.cork();
    process.nextTick(uncork, this);
  }
  // Handed on as they came: which of the overloads it was makes no difference here.
  return write.apply(this, written as Parameters<typeof write>);
}

/** Opens the TCP connection. Fails with `dns`, `refused` or `timeout`. */
export function openTcp(hop: SshHop, timeoutMs: number, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const socket = connectTcp({ host: hop.address, port: hop.port, noDelay: true });
    const cancelDeadline = startDeadline(timeoutMs, () => fail(silent(hop)));
    const fail = (reason: unknown) => {
      settle();
      socket.destroy();
      reject(reason);
    };
    const onError = (error: Error) => fail(connectError(error, endpoint(hop), 'transport'));
    const onAbort = () => fail(signal.reason);
    const settle = () => {
      cancelDeadline();
      signal.removeEventListener('abort', onAbort);
      socket.off('error', onError);
      // Between this and ssh2's own listener an error must not become an uncaught exception.
      socket.on('error', ignore);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    socket.once('error', onError);
    socket.once('connect', () => {
      settle();
      gatherWrites(socket);
      resolve(socket);
    });
  });
}

/** Shakes hands, checks the host key and signs in. Nothing is sent to sign in before the key is trusted. */
export function signIn(options: HandshakeOptions, how: SignIn): Promise<SignedIn> {
  return shakeHands(options, how);
}

/** Shakes hands only to learn the host's key, proven by its signature, and hangs up: no sign-in is tried. */
export async function learnHostKey(options: HandshakeOptions): Promise<OfferedHostKey> {
  const { hostKey } = await shakeHands(options, undefined);
  return hostKey;
}

function shakeHands(options: HandshakeOptions, how: SignIn | undefined): Promise<SignedIn> {
  const { hop, stream, signal } = options;
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      stream.destroy();
      reject(signal.reason);
      return;
    }
    const client = new ssh2.Client();
    const attempt: Attempt = {};
    let phase: ConnectPhase = 'transport';
    let settled = false;

    const settle = () => {
      settled = true;
      cancelDeadline();
      signal.removeEventListener('abort', onAbort);
    };
    const fail = (reason: unknown) => {
      if (settled) return;
      settle();
      reject(reason);
      hangUp(client, stream);
    };
    const onAbort = () => fail(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    const cancelDeadline = startDeadline(options.timeoutMs, () => fail(silent(hop)));

    client.on('error', (error) => {
      if (settled) return;
      const failure = attempt.refusal ?? connectError(error, endpoint(hop), phase);
      if (failure.reason === 'auth_failed' && attempt.complaint) failure.message += ` ${attempt.complaint}`;
      fail(failure);
    });
    client.on('close', () => fail(attempt.refusal ?? connectError(new Error('closed'), endpoint(hop), phase)));
    client.on('handshake', () => {
      phase = 'auth';
      if (how !== undefined || settled || attempt.offered === undefined) return;
      settle();
      resolve({ client, hostKey: attempt.offered });
      hangUp(client, stream);
    });
    client.on('ready', () => {
      if (settled || attempt.offered === undefined) return hangUp(client, stream);
      settle();
      // What the handshake needed would stay for as long as the connection.
      client.removeAllListeners().on('error', ignore);
      slim(client);
      resolve({ client, hostKey: attempt.offered });
    });
    // Without a listener ssh2 would wait for an answer until the deadline.
    client.on('change password', () => {
      const complaint = 'The password has expired and must be changed on the host first.';
      fail(new SshError('auth_failed', `${endpoint(hop)} refused the sign-in. ${complaint}`));
    });

    try {
      client.connect({
        sock: stream,
        username: hop.username,
        // Ours is the deadline above.
        readyTimeout: 0,
        keepaliveInterval: options.keepaliveMs,
        keepaliveCountMax: 3,
        hostVerifier: verifier(hop, attempt, how === undefined),
        authHandler: how === undefined ? noSignIn : authHandler(hop.username, how, attempt),
        algorithms: { serverHostKey: hostKeyAlgorithms(hop.trust.keys), cipher: ciphers, compress: ['none'] },
      });
    } catch (error) {
      fail(connectError(error, endpoint(hop), phase));
    }
  });
}

/** What was learnt in one handshake. ssh2 keeps what is given to it, so that holds this and no more. */
interface Attempt {
  offered?: OfferedHostKey;
  refusal?: SshError;
  /** The first is the cause; what the server says afterwards only follows from it. */
  complaint?: string;
}

function verifier(hop: SshHop, attempt: Attempt, onlyLearn: boolean): (wire: Buffer) => boolean {
  return (wire) => {
    const offered = describeKey(wire);
    attempt.offered = offered;
    if (onlyLearn && !hop.trust.revoked.includes(offered.key)) return true;
    const refusal = judge(hop, offered);
    if (refusal) attempt.refusal = refusal;
    return refusal === undefined;
  };
}

function judge(hop: SshHop, offered: OfferedHostKey): SshError | undefined {
  const where = endpoint(hop);
  const shown = `${offered.type} ${offered.fingerprint}`;
  const verdict = judgeHostKey(hop.trust, offered);
  switch (verdict) {
    case 'trusted':
      return undefined;
    case 'unknown':
      return new SshError(
        'host_key_unknown',
        `The host key of ${where} is not known yet: ${shown}. Compare it with the host's own and accept it.`,
        { offered },
      );
    case 'changed':
      return new SshError(
        'host_key_changed',
        `${where} offered another host key than the one on record: ${shown}. If the host was reinstalled, verify the new key and replace the old one; otherwise somebody may be in between.`,
        { offered },
      );
    case 'revoked':
      return new SshError(
        'host_key_changed',
        `${where} offered a host key that is marked as revoked: ${shown}. Do not connect before the host has a new key.`,
        {
          offered,
        },
      );
  }
}

// ssh2 ends the sign-in on `false` (its documentation says so); its types leave that out.
const noMore = false as unknown as AnyAuthMethod;

const noSignIn: AuthHandlerMiddleware = (_left, _partial, next) => next(noMore);

function authHandler(username: string, how: SignIn, attempt: Attempt): AuthHandlerMiddleware {
  let step = 0;
  // ssh2 passes null for both on the first call; its types leave that out.
  return (left: string[] | null, partial: boolean | null, next) => {
    if (partial) attempt.complaint ??= 'The host asks for a second factor, which is not supported.';
    step++;
    if (step === 1) {
      if (how.kind === 'key') next({ type: 'publickey', username, key: how.key });
      else next({ type: 'password', username, password: how.password });
      return;
    }
    // A host that takes passwords has judged this one: the other method would only count as a second failed attempt.
    const onlyPrompts = left?.includes('keyboard-interactive') && !left.includes('password');
    if (step === 2 && how.kind === 'password' && !partial && onlyPrompts) {
      next({ type: 'keyboard-interactive', username, prompt: answerOnce(how.password, attempt) });
      return;
    }
    if (left && !partial)
      attempt.complaint ??= `It accepts: ${left.filter((name) => /^[a-z-]{1,40}$/.test(name)).join(', ')}.`;
    next(noMore);
  };
}

type Prompts = { prompt: string; echo?: boolean }[];

/** Answers one hidden prompt with the password, once; anything else is not a password question. */
function answerOnce(password: string, attempt: Attempt) {
  let asked = false;
  return (_name: string, _text: string, _lang: string, prompts: Prompts, finish: (answers: string[]) => void): void => {
    const isPassword = !asked && prompts.length === 1 && prompts[0]?.echo !== true;
    asked = true;
    if (!isPassword) attempt.complaint ??= 'The host asks for more than a password, which is not supported.';
    finish(isPassword ? [password] : prompts.map(() => ''));
  };
}
