import { type Client, createClient, createWebSocketTransport, type WebSocketLike } from '@omanager/client';
import { maxMessageBytes } from '@omanager/contract';
import { decodeKey, messageOverhead } from '@omanager/secure-channel';
import { WebSocket } from 'ws';
import type { Cli } from './cli.ts';
import { CliError } from './errors.ts';
import { dim } from './io/text.ts';
import type { Profile } from './profiles.ts';

/** Waiting for a first connection is for a server that just restarts; waiting for one that was lost may take longer. */
const connectWithinMs = 3000;
const reconnectWithinMs = 5 * 60_000;

/** The profile that --profile, $OM_PROFILE or the default names. */
export async function chosenProfile(cli: Cli): Promise<Profile> {
  const name = cli.profileName ?? (await cli.profiles.defaultName());
  if (name === null) throw new CliError('You are not signed in to any server yet: om login');
  const profile = await cli.profiles.get(name);
  if (profile) return profile;
  throw new CliError(`There is no profile named ${name}; "om profiles list" shows those there are.`);
}

/** Runs with a client of the chosen profile, signed in, and closes it in the end. */
export async function withClient<T>(cli: Cli, use: (client: Client) => Promise<T>): Promise<T> {
  const profile = await chosenProfile(cli);
  if (profile.session === null) throw new CliError(`You are not signed in (profile ${profile.name}): om login`);
  return withProfile(cli, profile, use);
}

/** The same for a given profile, signed in or not. */
export async function withProfile<T>(cli: Cli, profile: Profile, use: (client: Client) => Promise<T>): Promise<T> {
  let wasOpen = false;
  let told = false;
  const client = createClient({
    transport: createWebSocketTransport({ url: profile.url, open: openSocket }),
    serverPublicKey: decodeKey(profile.serverKey),
    keyPair: {
      publicKey: decodeKey(profile.deviceKey.publicKey),
      secretKey: decodeKey(profile.deviceKey.secretKey),
    },
    session: () => profile.session,
    connectWithinMs,
    reconnectWithinMs,
    onState(state) {
      if (state.kind === 'open') {
        if (told) cli.out.note(dim('Connected again.'));
        wasOpen = true;
        told = false;
      } else if (state.kind === 'connecting' && wasOpen && state.failures > 0 && !told) {
        told = true;
        cli.out.note(
          dim(`Connection lost (${state.lastReason ?? 'no reason given'}); trying to reach the server again …`),
        );
      }
    },
  });
  try {
    return await use(client);
  } finally {
    client.close();
  }
}

/** `closeTimeout`: a server that does not answer our goodbye must not keep the command waiting (newer than its types). */
const socketOptions = {
  perMessageDeflate: false,
  maxPayload: maxMessageBytes + messageOverhead,
  closeTimeout: 500,
};

function openSocket(url: string, subprotocol: string): WebSocketLike {
  return new WebSocket(url, subprotocol, socketOptions);
}
