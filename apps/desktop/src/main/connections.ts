import { createHash } from 'node:crypto';
import type { ClientState } from '@omanager/client';
import { OmError } from '@omanager/contract';
import {
  type BridgedProfile,
  type BridgedState,
  type BridgeEvent,
  type OpenedConnection,
  type RequestParams,
  type RequestResults,
  toBridged,
} from '@omanager/desktop-bridge';
import { decodeKey, generateKeyPair } from '@omanager/secure-channel';
import { type Connection, openConnection } from './connection.ts';
import type { KeyStore, ProfileSecrets } from './keyStore.ts';
import type { Profiles } from './profiles.ts';

const most = 8;
/** After these nobody knows whether the server took the enrolment: the key is kept. */
const unknownOutcome: ReadonlySet<string> = new Set(['DISCONNECTED', 'INTERNAL']);

export interface Connections {
  open(profileId: string): OpenedConnection;
  enrol(params: RequestParams<'connection.enrol'>): Promise<RequestResults['connection.enrol']>;
  /** Throws where there is none of this number. */
  get(connection: number): Connection;
  close(connection: number): void;
  /** The computer woke up: those that wait try at once. */
  retryNow(): void;
  closeAll(): void;
}

/** The connections that the page has opened, by number. */
export function createConnections(profiles: Profiles, keys: KeyStore, tell: (event: BridgeEvent) => void): Connections {
  const open = new Map<number, Connection>();
  let last = 0;

  function start(profile: BridgedProfile, slot: () => string, secrets: ProfileSecrets): OpenedConnection {
    if (open.size >= most) throw new OmError('LIMIT', `More than ${most} connections are open; close one.`);
    const connection = ++last;
    const opened = openConnection({
      profile,
      secrets,
      onSession: (session) => keys.save(slot(), { ...secrets, session }),
      onSignedIn: (userName) =>
        profiles.save({
          ...(profiles.get(profile.id) ?? profile),
          userName,
          lastUsedAt: new Date().toISOString(),
        }),
      onState: (state) => tell({ type: 'state', connection, state: bridgedState(state) }),
    });
    open.set(connection, opened);
    return { connection, profile, state: bridgedState(opened.client.state) };
  }

  function get(connection: number): Connection {
    const found = open.get(connection);
    if (!found) throw new OmError('NOT_FOUND', 'This connection was closed.');
    return found;
  }

  function close(connection: number): void {
    open.get(connection)?.client.close();
    open.delete(connection);
  }

  return {
    get,
    close,
    retryNow() {
      for (const { client } of open.values()) client.retryNow();
    },
    closeAll() {
      for (const connection of [...open.keys()]) close(connection);
    },
    open(profileId) {
      const profile = profiles.get(profileId);
      const why = keys.refused();
      if (why !== null) throw new OmError('CONFLICT', why);
      const secrets = profile && keys.read(profileId);
      if (!secrets) throw new OmError('NOT_ENROLLED');
      return start(profile, () => profileId, secrets);
    },

    /** The new key is on the disk before the server knows it, and an enrolment there is outlives a refusal. */
    async enrol({ serverKey: id, address, tls, name, environment, ...params }) {
      const before = profiles.get(id);
      const known = keys.read(id) !== null;
      let slot = known ? `${id}.new` : id;
      const secrets = { deviceKey: generateKeyPair(), session: null };
      keys.save(slot, secrets);
      const now = new Date().toISOString();
      const firstSeenAt = before?.firstSeenAt ?? now;
      const about = { id, name, address, tls, environment, firstSeenAt, lastUsedAt: now };
      const profile: BridgedProfile = { ...about, fingerprint: fingerprintOf(id), userName: params.userName };
      if (!known) profiles.save(profile);
      const opened = start(profile, () => slot, secrets);
      try {
        const step = await get(opened.connection).enrol(params);
        if (known) keys.rename(slot, id);
        slot = id;
        profiles.save(profile);
        // As it is now: what it told meanwhile the page could not hear.
        return { ...opened, state: bridgedState(get(opened.connection).client.state), step };
      } catch (error) {
        close(opened.connection);
        const refused = error instanceof OmError && !unknownOutcome.has(error.code);
        if (refused) keys.remove(slot);
        if (refused && !known && !before) profiles.remove(id);
        throw error;
      }
    },
  };
}

function bridgedState(state: ClientState): BridgedState {
  return state.kind === 'closed' ? { kind: 'closed', error: state.error && toBridged(state.error) } : state;
}

/** As OpenSSH writes it: SHA-256, base64 without padding. */
function fingerprintOf(serverKey: string): string {
  return `SHA256:${createHash('sha256').update(decodeKey(serverKey)).digest('base64').replace(/=+$/, '')}`;
}
