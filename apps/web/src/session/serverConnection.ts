import { type Client, type ClientState, createClient, type Transport } from '@omanager/client';
import { OmError, type ResultOf } from '@omanager/contract';
import { decodeKey, type KeyHolder, type KeyPair } from '@omanager/secure-channel';
import type { ServerConnection, SignInStep } from './port.ts';
import type { Profile } from './profile.ts';

export interface ServerConnectionOptions {
  profile: Profile;
  transport: Transport;
  deviceKey: KeyHolder | KeyPair;
  /** The session's secret of before, null when there is none. */
  secret: string | null;
  /** A session began or is over: keep its secret, or forget it. */
  onSecret(secret: string | null): Promise<void>;
  onSignedIn(userName: string): void;
}

const signOutMs = 3000;

export type OpenConnection = ServerConnection & {
  enrol(params: { code: string; userName: string; password: string; deviceName: string }): Promise<SignInStep>;
};

/** Connects at once, and stays the same client through cuts and sign-ins until it is closed. */
export function openConnection(options: ServerConnectionOptions): OpenConnection {
  const { profile } = options;
  let { secret } = options;
  const client = createClient({
    transport: options.transport,
    serverPublicKey: decodeKey(profile.id),
    keyPair: options.deviceKey,
    session: () => secret,
    waitForSignIn: true,
  });

  async function keep(next: string | null): Promise<void> {
    secret = next;
    await options.onSecret(next);
  }

  async function finish({ next, session, whoami }: ResultOf<'access.signIn'>): Promise<SignInStep> {
    if (next === 'totp') return { next };
    if (session === null || whoami === null) throw new OmError('INTERNAL', 'The server gave no session.');
    await keep(session);
    options.onSignedIn(whoami.userName);
    return { next, who: whoami };
  }

  return {
    profile,
    client,
    async resume() {
      if (secret === null) return null;
      const open = await untilOpen(client);
      if (open === 'resumed') return client.call('access.whoami', {});
      await keep(null);
      return null;
    },
    signIn: async (credentials) =>
      finish(await orUnreachable(client, (signal) => client.call('access.signIn', credentials, { signal }))),
    verifyTotp: async (code) =>
      finish(await orUnreachable(client, (signal) => client.call('access.verifyTotp', { code }, { signal }))),
    enrol: async (params) =>
      finish(await orUnreachable(client, (signal) => client.call('access.enrol', params, { signal }))),
    async changePassword(passwords) {
      await client.call('access.changePassword', passwords);
    },
    async signOut() {
      const { state } = client;
      // At once: whoever looks next must not find it.
      const forgotten = keep(null);
      if (state.kind === 'open' && state.session === 'resumed') {
        // What the server cannot be told now it finds out itself: a session that nobody uses ends.
        await client.call('access.signOut', {}, { signal: AbortSignal.timeout(signOutMs) }).catch(() => {});
      }
      client.close();
      await forgotten;
    },
    close: () => client.close(),
  };
}

/** Waits for the first connection that stands; rejects when the client has ended. */
function untilOpen(client: Client): Promise<'none' | 'resumed' | 'lost'> {
  return new Promise((resolve, reject) => {
    const look = (state: ClientState): void => {
      if (state.kind === 'connecting') return;
      undo();
      if (state.kind === 'open') resolve(state.session);
      else reject(state.error ?? new OmError('DISCONNECTED'));
    };
    const undo = client.onState(look);
    look(client.state);
  });
}

/** A person waits for this: the first attempt to connect that fails ends it, with the reason and its cause. */
async function orUnreachable<T>(client: Client, call: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const stop = new AbortController();
  const failedBefore = client.state.kind === 'connecting' && client.state.retryAt !== null;
  // One that waits for its next attempt is told not to wait.
  if (failedBefore) client.retryNow();
  const undo = client.onState((state) => {
    if (state.kind !== 'connecting' || state.retryAt === null) return;
    const details = { cause: state.lastCause, reason: state.lastReason };
    stop.abort(
      new OmError('DISCONNECTED', `Cannot reach the server: ${state.lastReason ?? 'no reason given'}.`, details),
    );
  });
  try {
    return await call(stop.signal);
  } finally {
    undo();
  }
}
