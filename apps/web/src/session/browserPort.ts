import { createWebSocketTransport } from '@omanager/client';
import { OmError } from '@omanager/contract';
import type { KeyHolder, KeyPair } from '@omanager/secure-channel';
import { openBox } from './box.ts';
import { deviceNameOf } from './deviceName.ts';
import { inviteOfPage, readInvitation } from './invitation.ts';
import { createKeyStore } from './keyStore.ts';
import type { SessionPort } from './port.ts';
import { createProfiles, type Profile } from './profile.ts';
import { type OpenConnection, openConnection } from './serverConnection.ts';
import { createSessionSecrets } from './sessionSecrets.ts';
import { safeStorage } from './storage.ts';

/** What a refused enrolment leaves behind is removed; after these nobody knows whether it was refused. */
const unknownOutcome: ReadonlySet<string> = new Set(['DISCONNECTED', 'INTERNAL']);

/** Sign-in for a page: keys in WebCrypto and IndexedDB, the server it was loaded from and no other. */
export function createBrowserPort(): SessionPort {
  const profiles = createProfiles(safeStorage());
  const kept = openBox().then((box) => ({ keys: createKeyStore(box), secrets: createSessionSecrets(box) }));
  const url = `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/ws`;
  let invite = inviteOfPage(location.hash, location);
  // The code is worth an account: not for the history, the address bar or a screen that is shared.
  if (invite !== null) history.replaceState(history.state, '', location.pathname + location.search);

  async function open(
    profile: Profile,
    deviceKey: KeyHolder | KeyPair,
    secret: string | null,
  ): Promise<OpenConnection> {
    const { secrets } = await kept;
    return openConnection({
      profile,
      transport: createWebSocketTransport({ url }),
      deviceKey,
      secret,
      onSecret: (next) => (next === null ? secrets.forget(profile.id) : secrets.keep(profile.id, next)),
      onSignedIn(userName) {
        const now = profiles.get(profile.id) ?? profile;
        profiles.save({ ...now, userName, lastUsedAt: new Date().toISOString() });
      },
    });
  }

  return {
    keepsDeviceKeys: async () => (await kept).keys.keeps(),
    profiles: async () => profiles.list(),
    saveProfile: async (profile) => profiles.save(profile),
    async removeProfile(id) {
      const { keys, secrets } = await kept;
      profiles.remove(id);
      await secrets.forget(id);
      await keys.remove(id);
    },
    readInvite: (text) => readInvitation(text, location, profiles),
    takeInvite() {
      const taken = invite;
      invite = null;
      return taken;
    },
    deviceName: () => deviceNameOf(navigator.userAgent),
    async connect(profileId) {
      const { keys, secrets } = await kept;
      const profile = profiles.get(profileId);
      const deviceKey = profile && (await keys.get(profileId));
      if (!deviceKey) throw new OmError('NOT_ENROLLED');
      return open(profile, deviceKey, await secrets.read(profileId));
    },

    /** The new key is kept before the server knows it, and an enrolment there is outlives a refusal. */
    async enrol({ serverKey: id, address, tls, fingerprint, code }, { name, environment, ...params }) {
      if (code === null) throw new OmError('INVITE_INVALID', 'This link has no invite code; ask for a new one.');
      const { keys, secrets } = await kept;
      const before = profiles.get(id);
      const isNew = (await keys.get(id)) === null;
      const slot = isNew ? id : `${id}.new`;
      const deviceKey = await keys.make(slot);
      const now = new Date().toISOString();
      const firstSeenAt = before?.firstSeenAt ?? now;
      const seen = { id, name, address, tls, fingerprint, environment, firstSeenAt, lastUsedAt: now };
      const profile: Profile = { ...seen, userName: params.userName };
      if (isNew) profiles.save(profile);
      const connection = await open(profile, deviceKey, null);
      try {
        const step = await connection.enrol({ ...params, code });
        if (!isNew) await keys.rename(slot, id);
        if (step.next === 'totp') await secrets.forget(id);
        profiles.save(profile);
        return { connection, step };
      } catch (error) {
        connection.close();
        const refused = error instanceof OmError && !unknownOutcome.has(error.code);
        if (refused) await keys.remove(slot);
        if (refused && isNew && !before) profiles.remove(id);
        throw error;
      }
    },
  };
}
