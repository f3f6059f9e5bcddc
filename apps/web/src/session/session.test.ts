import { formatInvite } from '@omanager/client';
import { createClient, createServer, encodeKey, generateKeyPair } from '@omanager/secure-channel';
import { expect, test } from 'vitest';
import type { Box } from './box.ts';
import { deviceNameOf } from './deviceName.ts';
import { inviteOfPage, readInvitation } from './invitation.ts';
import { createKeyStore } from './keyStore.ts';
import { createProfiles, type Profile } from './profile.ts';
import { createSessionSecrets } from './sessionSecrets.ts';

function memoryBox() {
  const values = new Map<string, unknown>();
  const box: Box = {
    get: async (name) => values.get(name),
    put: async (name, value) => void values.set(name, value),
    remove: async (name) => void values.delete(name),
  };
  return { box, values };
}

function memoryStorage(initial?: string) {
  const values = new Map<string, string>(initial === undefined ? [] : [['om.profiles', initial]]);
  return {
    getItem: (name: string) => values.get(name) ?? null,
    setItem: (name: string, value: string) => void values.set(name, value),
  };
}

const serverKeys = generateKeyPair();
const id = encodeKey(serverKeys.publicKey);
const code = 'c'.repeat(43);
const profile: Profile = {
  id,
  name: 'bastion-sh',
  address: 'om.example.org:7443',
  tls: true,
  fingerprint: 'SHA256:x',
  environment: 'prod',
  userName: 'liu',
  firstSeenAt: '2026-03-03T00:00:00.000Z',
  lastUsedAt: null,
};
const page = { protocol: 'https:', hostname: 'om.example.org', port: '7443' };

test('a device key is found again, opens a channel, and cannot be taken out', async () => {
  const { box, values } = memoryBox();
  const made = await createKeyStore(box).make('a');
  const found = await createKeyStore(box).get('a');
  if (!found || !('agree' in found)) throw new Error('expected a key that is held');
  expect(found.publicKey).toEqual(made.publicKey);

  const server = createServer({ serverKeyPair: serverKeys, authorize: () => true });
  const client = createClient({ serverPublicKey: serverKeys.publicKey, clientKeyPair: found });
  const [welcome] = (await server.receive(client.start() ?? new Uint8Array(0))).send ?? [];
  const [initiate] = (await client.receive(welcome ?? new Uint8Array(0))).send ?? [];
  await server.receive(initiate ?? new Uint8Array(0));
  expect(server.peer?.publicKey).toEqual(made.publicKey);

  const kept = [...values.values()].flatMap((value) =>
    typeof value === 'object' && value ? Object.values(value) : [],
  );
  const keys = kept.filter((value) => value instanceof CryptoKey);
  expect(keys).toHaveLength(1);
  for (const key of keys) {
    expect(key.extractable).toBe(false);
    await expect(crypto.subtle.exportKey('jwk', key)).rejects.toThrow();
  }
});

test('a new key takes the place of the old one only when it is told to', async () => {
  const keys = createKeyStore(memoryBox().box);
  const old = await keys.make('a');
  const fresh = await keys.make('a.new');
  expect((await keys.get('a'))?.publicKey).toEqual(old.publicKey);
  await keys.rename('a.new', 'a');
  expect((await keys.get('a'))?.publicKey).toEqual(fresh.publicKey);
  expect(await keys.get('a.new')).toBeNull();
  await keys.remove('a');
  expect(await keys.get('a')).toBeNull();
});

test('a browser that keeps nothing has its key for this page only', async () => {
  const keys = createKeyStore(null);
  const made = await keys.make('a');
  expect(await keys.keeps()).toBe(false);
  expect((await keys.get('a'))?.publicKey).toEqual(made.publicKey);
  expect(await createKeyStore(null).get('a')).toBeNull();
});

test('a session’s secret is kept sealed, for its profile only, until it is forgotten', async () => {
  const { box, values } = memoryBox();
  const secrets = createSessionSecrets(box);
  const secret = 'canary-of-a-session-secret';
  await secrets.keep('a', secret);
  expect(await createSessionSecrets(box).read('a')).toBe(secret);

  const sealed = values.get('session:a');
  const stored = Object.values(sealed ?? {}).flatMap((value) => (value instanceof ArrayBuffer ? [value] : []));
  expect(stored).toHaveLength(1);
  expect(stored.map((bytes) => new TextDecoder('latin1').decode(bytes)).join()).not.toContain(secret);

  values.set('session:b', sealed);
  expect(await secrets.read('b')).toBeNull();
  await secrets.forget('a');
  expect(values.has('session:a')).toBe(false);
  expect(await secrets.read('a')).toBeNull();
});

test('profiles are listed by their last use; what cannot be read is left out', () => {
  const storage = memoryStorage(JSON.stringify([{ name: 'half' }, profile, 7]));
  const profiles = createProfiles(storage);
  expect(profiles.list()).toEqual([profile]);
  const other = { ...profile, id: 'B'.repeat(43), lastUsedAt: '2026-11-01T00:00:00.000Z' };
  profiles.save(other);
  profiles.save({ ...profile, name: 'renamed' });
  expect(profiles.list().map(({ name }) => name)).toEqual(['bastion-sh', 'renamed']);
  profiles.remove(other.id);
  expect(profiles.list().map(({ name }) => name)).toEqual(['renamed']);
  expect(createProfiles(memoryStorage('{')).list()).toEqual([]);
});

test('the address of a page carries an invite, and nothing else passes for one', () => {
  expect(inviteOfPage(`#${id}.${code}`, page)).toBe(`omanager://om.example.org:7443/?tls=1#${id}.${code}`);
  expect(inviteOfPage(`#${id}`, { protocol: 'http:', hostname: '127.0.0.1', port: '' })).toBe(
    `omanager://127.0.0.1:80/#${id}`,
  );
  for (const hash of ['', '#', '#content', `#${id}.short`, `#${id}.${code}/x`])
    expect(inviteOfPage(hash, page)).toBeNull();
});

test('an invite tells its server, and whether this page may talk to it', async () => {
  const profiles = createProfiles(memoryStorage());
  const link = { host: 'om.example.org', port: 7443, tls: true, serverPublicKey: serverKeys.publicKey, code };
  const here = await readInvitation(` ${formatInvite(link)}\n`, page, profiles);
  expect(here).toMatchObject({ address: 'om.example.org:7443', serverKey: id, code, known: null, elsewhere: null });
  expect(here.fingerprint).toMatch(/^SHA256:[A-Za-z0-9+/]{43}$/);
  expect(await readInvitation(`https://om.example.org:7443/#${id}.${code}`, page, profiles)).toEqual(here);

  const away = await readInvitation(formatInvite({ ...link, host: 'other.example.org' }), page, profiles);
  expect(away.elsewhere).toBe(`https://other.example.org:7443/#${id}.${code}`);

  profiles.save(profile);
  expect((await readInvitation(formatInvite(link), page, profiles)).known).toEqual(profile);
  const stranger = { ...link, serverPublicKey: generateKeyPair().publicKey };
  expect(await readInvitation(formatInvite(stranger), page, profiles)).toMatchObject({
    known: null,
    conflicting: profile,
  });
  await expect(readInvitation('https://om.example.org/', page, profiles)).rejects.toMatchObject({
    code: 'INVITE_INVALID',
  });
});

test('a device is named after its browser and system', () => {
  expect(deviceNameOf('Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/156.0 Safari/537.36')).toBe(
    'Chrome, Linux',
  );
  expect(deviceNameOf('Mozilla/5.0 (iPhone; CPU iPhone OS 19_0) Version/19.0 Mobile Safari/604.1')).toBe(
    'Safari, iPhone',
  );
  expect(deviceNameOf('curl')).toBe('Browser');
});
