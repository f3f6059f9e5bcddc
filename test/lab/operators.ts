import { type Client, createClient, createWebSocketTransport, parseInvite, webSocketUrl } from '@omanager/client';
import type { Role } from '@omanager/contract';
import { generateKeyPair, type KeyPair } from '@omanager/secure-channel';
import { WebSocket } from 'ws';
import type { TestServer } from './server.ts';

/** Somebody who is signed in, with what a second connection of theirs needs. */
export interface Operator {
  client: Client;
  userName: string;
  password: string;
  keyPair: KeyPair;
  serverPublicKey: Uint8Array;
  /** The session's secret. */
  session: string;
  /** Another connection of the same device and session; by way of another port when one is given. */
  connect(port?: number): Client;
}

export const adminPassword = 'correct horse battery staple';

/** Redeems the first invite of a fresh server as `admin`. */
export async function enrolAdmin(server: TestServer): Promise<Operator> {
  const link = server.firstInviteLink();
  if (link === null) throw new Error(`the server has users already\n${server.logs()}`);
  return enrol(link, 'admin');
}

/** An admin invites somebody, who enrols. */
export async function enrolUser(admin: Operator, userName: string, role: Role): Promise<Operator> {
  const { link } = await admin.client.call('invites.create', { role });
  return enrol(link, userName);
}

async function enrol(link: string, userName: string, password = adminPassword): Promise<Operator> {
  const invite = parseInvite(link);
  const { serverPublicKey, code } = invite;
  if (code === null) throw new Error('the link has no invite code');
  const keyPair = generateKeyPair();
  let session: string | null = null;
  const connect = (port = invite.port): Client =>
    createClient({
      transport: createWebSocketTransport({
        url: webSocketUrl({ ...invite, port }),
        open: (url, subprotocol) => new WebSocket(url, subprotocol, { perMessageDeflate: false }),
      }),
      serverPublicKey,
      keyPair,
      session: () => session,
      backoff: { firstMs: 20, capMs: 100 },
    });
  const client = connect();
  const signedIn = await client.call('access.enrol', { code, userName, password, deviceName: `${userName}'s device` });
  session = signedIn.session;
  if (session === null) throw new Error('the enrolment gave no session');
  return { client, userName, password, keyPair, serverPublicKey, session, connect };
}

/** The secret of an API token of this operator. */
export async function apiToken(
  { client }: Operator,
  role: Role = 'admin',
  name = `token-${Date.now()}`,
): Promise<string> {
  const { secret } = await client.call('tokens.create', { name, role });
  return secret;
}
