import {
  type Client,
  type ClientState,
  createClient,
  createWebSocketTransport,
  type WebSocketLike,
  webSocketUrl,
} from '@omanager/client';
import { maxMessageBytes, OmError, type ResultOf } from '@omanager/contract';
import type { BridgedProfile, BridgedStep } from '@omanager/desktop-bridge';
import { decodeKey, messageOverhead } from '@omanager/secure-channel';
import { WebSocket } from 'ws';
import type { ProfileSecrets } from './keyStore.ts';

export interface ConnectionOptions {
  profile: BridgedProfile;
  secrets: ProfileSecrets;
  /** A session began or is over. */
  onSession(session: string | null): void;
  onSignedIn(userName: string): void;
  onState(state: ClientState): void;
}

type EnrolParams = { code: string; userName: string; password: string; deviceName: string };

/** One server, connected to from the main process: key and session never leave it. */
export interface Connection {
  readonly client: Client;
  enrol(params: EnrolParams): Promise<BridgedStep>;
  signIn(credentials: { userName: string; password: string }): Promise<BridgedStep>;
  verifyTotp(code: string): Promise<BridgedStep>;
  /** Takes up the session of before; null: sign in. */
  resume(): Promise<ResultOf<'access.whoami'> | null>;
  signOut(): Promise<void>;
}

const signOutMs = 3000;

/** Begins to connect at once, and stays the same client through cuts and sign-ins until it is closed. */
export function openConnection({ profile, secrets, ...on }: ConnectionOptions): Connection {
  let { session } = secrets;
  const client = createClient({
    transport: createWebSocketTransport({ url: urlOf(profile), open: openSocket }),
    serverPublicKey: decodeKey(profile.id),
    keyPair: secrets.deviceKey,
    session: () => session,
    waitForSignIn: true,
    onState: on.onState,
  });

  function keep(next: string | null): void {
    session = next;
    on.onSession(next);
  }

  async function finish(signingIn: Promise<ResultOf<'access.signIn'>>): Promise<BridgedStep> {
    const { next, session: secret, whoami } = await signingIn;
    if (next === 'totp') return { next };
    if (secret === null || whoami === null) throw new OmError('INTERNAL', 'The server gave no session.');
    keep(secret);
    on.onSignedIn(whoami.userName);
    return { next, who: whoami };
  }

  return {
    client,
    enrol: (params) => finish(orUnreachable(client, (signal) => client.call('access.enrol', params, { signal }))),
    signIn: (params) => finish(orUnreachable(client, (signal) => client.call('access.signIn', params, { signal }))),
    verifyTotp: (code) =>
      finish(orUnreachable(client, (signal) => client.call('access.verifyTotp', { code }, { signal }))),
    async resume() {
      if (session === null) return null;
      if ((await untilOpen(client)) === 'resumed') return client.call('access.whoami', {});
      keep(null);
      return null;
    },
    async signOut() {
      const { state } = client;
      // What the server cannot be told now it finds out itself: a session that nobody uses ends.
      if (state.kind === 'open' && state.session === 'resumed')
        await client.call('access.signOut', {}, { signal: AbortSignal.timeout(signOutMs) }).catch(() => {});
      keep(null);
      client.close();
    },
  };
}

function urlOf({ address, tls }: BridgedProfile): string {
  const at = address.lastIndexOf(':');
  return webSocketUrl({ host: address.slice(0, at), port: Number(address.slice(at + 1)), tls });
}

const socketOptions = { perMessageDeflate: false, maxPayload: maxMessageBytes + messageOverhead, closeTimeout: 500 };

function openSocket(url: string, subprotocol: string): WebSocketLike {
  return new WebSocket(url, subprotocol, socketOptions);
}

/** Waits for the first connection that stands. */
function untilOpen(client: Client): Promise<'none' | 'resumed' | 'lost'> {
  const { promise, resolve, reject } = Promise.withResolvers<'none' | 'resumed' | 'lost'>();
  const look = (state: ClientState): void => {
    if (state.kind === 'open') resolve(state.session);
    else if (state.kind === 'closed') reject(state.error ?? new OmError('DISCONNECTED'));
  };
  const undo = client.onState(look);
  look(client.state);
  return promise.finally(undo);
}

/** A person waits for this: the first attempt to connect that fails ends it, with the reason and its cause. */
async function orUnreachable<T>(client: Client, call: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const stop = new AbortController();
  if (client.state.kind === 'connecting' && client.state.retryAt !== null) client.retryNow();
  const undo = client.onState((state) => {
    if (state.kind !== 'connecting' || state.retryAt === null) return;
    const { lastReason: reason, lastCause: cause } = state;
    stop.abort(
      new OmError('DISCONNECTED', `Cannot reach the server: ${reason ?? 'no reason given'}.`, { cause, reason }),
    );
  });
  try {
    return await call(stop.signal);
  } finally {
    undo();
  }
}
