import { OmError } from '@omanager/contract';
import {
  type AskDesktop,
  type BridgedState,
  createBridgedClient,
  createDesktopAsk,
  type DesktopBridge,
  type OpenedConnection,
  type PageLink,
} from '@omanager/desktop-bridge/page';
import { readInvitation } from './invitation.ts';
import type { ServerConnection, SessionPort } from './port.ts';
import type { Profile } from './profile.ts';

declare global {
  interface Window {
    /** Only in the window of the desktop application. */
    readonly omanager?: DesktopBridge;
  }
}

export interface Desktop extends AskDesktop {
  readonly port: SessionPort;
  /** The link that opened the application, if it leads to a page. */
  readonly firstLink: PageLink | null;
  /** Nobody is signed in: an invite that comes now may take the screen. */
  idle(): boolean;
  offerInvite(text: string): void;
}

/** Sign-in where the main process keeps keys, sessions and connections: it is asked, and never tells a secret. */
export async function createDesktop(bridge: DesktopBridge): Promise<Desktop> {
  const desktop = createDesktopAsk(bridge);
  const { ask } = desktop;
  const start = await ask('app.start', {});
  let invite = start.link?.kind === 'invite' ? start.link.text : null;
  const open = new Set<number>();
  // What a connection says before its client is there.
  const states = new Map<number, BridgedState>();
  desktop.onEvent((event) => {
    if (event.type === 'state') states.set(event.connection, event.state);
  });

  function connectionOf({ connection, profile, state }: OpenedConnection): ServerConnection {
    const client = createBridgedClient(desktop, connection, states.get(connection) ?? state);
    const gone = (): void => {
      open.delete(connection);
      states.delete(connection);
      client.close();
    };
    open.add(connection);
    return {
      profile,
      client,
      resume: () => ask('connection.resume', { connection }),
      signIn: (credentials) => ask('connection.signIn', { connection, ...credentials }),
      verifyTotp: (code) => ask('connection.verifyTotp', { connection, code }),
      async changePassword(passwords) {
        await client.call('access.changePassword', passwords);
      },
      signOut: () => ask('connection.signOut', { connection }).then(gone, gone),
      close: gone,
    };
  }

  const port: SessionPort = {
    keepsDeviceKeys: async () => start.keysRefused === null,
    profiles: () => ask('profiles.list', {}),
    async saveProfile(profile) {
      await ask('profiles.save', { profile });
    },
    async removeProfile(profileId) {
      await ask('profiles.remove', { profileId });
    },
    async readInvite(text) {
      const known = [...(await ask('profiles.list', {}))];
      const profiles = { list: () => known, get: (id: string) => known.find((one) => one.id === id) ?? null };
      // This application may talk to every server that it was invited to.
      return { ...(await readInvitation(text, nowhere, profiles)), elsewhere: null };
    },
    takeInvite() {
      const taken = invite;
      invite = null;
      return taken;
    },
    deviceName: () => start.deviceName,
    connect: async (profileId) => connectionOf(await ask('connection.open', { profileId })),
    async enrol({ serverKey, address, tls, code }, enrolment) {
      if (code === null) throw new OmError('INVITE_INVALID', 'This link has no invite code; ask for a new one.');
      const { step, ...opened } = await ask('connection.enrol', { serverKey, address, tls, code, ...enrolment });
      return { connection: connectionOf(opened), step };
    },
  };
  return {
    ...desktop,
    port,
    firstLink: start.link?.kind === 'invite' ? null : start.link,
    idle: () => open.size === 0,
    offerInvite(text) {
      invite = text;
    },
  };
}

const nowhere = { protocol: 'https:', hostname: '', port: '' };

/** A profile that this address of a server, as links write it, may mean. */
export function matchesServer({ address }: Pick<Profile, 'address'>, server: string): boolean {
  return server === '' || server === address || server === address.replace(/:\d+$/, '');
}
