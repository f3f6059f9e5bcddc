import { chmodSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeKey, generateKeyPair } from '@omanager/secure-channel';
import { expect, it } from 'vitest';
import { createProfileStore, type Profile, profileHome } from './profiles.ts';
import { tempFolder } from './testing/tempFolder.ts';

function makeProfile(name: string): Profile {
  const { publicKey, secretKey } = generateKeyPair();
  const deviceKey = { publicKey: encodeKey(publicKey), secretKey: encodeKey(secretKey) };
  return {
    name,
    url: 'ws://bastion:7300/ws',
    serverKey: encodeKey(publicKey),
    deviceKey,
    session: 's',
    userName: 'ada',
  };
}

function makeStore() {
  const home = join(tempFolder(), 'home');
  return { home, store: createProfileStore(home) };
}

it('keeps profiles in files that only their owner can read', async () => {
  const { home, store } = makeStore();
  const profile = makeProfile('bastion');
  await store.save(profile);
  await store.save({ ...profile, session: null });
  await store.setDefault('bastion');
  expect(await store.get('bastion')).toEqual({ ...profile, session: null });
  expect(await store.list()).toEqual(['bastion']);
  expect(await store.defaultName()).toBe('bastion');
  expect(readdirSync(join(home, 'profiles'))).toEqual(['bastion.json']);
  expect(statSync(join(home, 'profiles/bastion.json')).mode & 0o777).toBe(0o600);
  expect(statSync(join(home, 'profiles')).mode & 0o777).toBe(0o700);
  await store.remove('bastion');
  expect(await store.get('bastion')).toBeNull();
});

it('is empty before the first sign-in', async () => {
  const { store } = makeStore();
  expect([await store.list(), await store.get('x'), await store.defaultName()]).toEqual([[], null, null]);
});

it('refuses a file that others can read, and a damaged one', async () => {
  const { home, store } = makeStore();
  await store.save(makeProfile('bastion'));
  const path = join(home, 'profiles/bastion.json');
  chmodSync(path, 0o644);
  await expect(store.get('bastion')).rejects.toThrow('chmod 600');
  chmodSync(path, 0o600);
  writeFileSync(path, '{"name":');
  await expect(store.get('bastion')).rejects.toThrow('damaged');
});

it.each(['../x', '', '.x', 'a/b', '-x'])('refuses the name %j', async (name) => {
  const { store } = makeStore();
  await expect(async () => store.get(name)).rejects.toThrow('profile name');
});

it('lives where $OM_HOME says, else in the configuration folder', () => {
  expect(profileHome({ OM_HOME: '/x' })).toBe('/x');
  expect(profileHome({ XDG_CONFIG_HOME: '/c' })).toBe('/c/omanager');
  expect(profileHome({})).toMatch(/\/\.config\/omanager$/);
});
