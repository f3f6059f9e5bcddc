import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { createUpdates } from './update.ts';
import { isNewer, updateSourceSchema } from './updateManifest.ts';

const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const other = generateKeyPairSync('ed25519').privateKey;
const pinned = publicKey.export({ format: 'der', type: 'spki' }).toString('base64');
const installer = Buffer.from('an installer');
const folder = mkdtempSync(join(tmpdir(), 'om-update-'));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Site {
  version?: string;
  key?: KeyObject;
  file?: Buffer;
  alter?: (manifest: string) => string;
}

/** A site with one update, and an application of version 1.2.3 that looks there. */
function rig({ version = '1.3.0', key = privateKey, file = installer, alter = (text) => text }: Site = {}) {
  const sha512 = createHash('sha512').update(installer).digest('base64');
  const manifest = JSON.stringify({
    version,
    files: { 'linux-x64': { name: 'om.AppImage', size: installer.length, sha512 } },
  });
  const site: Record<string, Buffer> = {
    'latest.json': Buffer.from(alter(manifest)),
    'latest.json.sig': Buffer.from(sign(null, Buffer.from(manifest), key).toString('base64')),
    'om.AppImage': file,
  };
  const asked: string[] = [];
  const installed: string[] = [];
  let busy = false;
  const updates = createUpdates({
    source: { url: 'https://updates.example/om/', publicKey: pinned },
    ...{ current: '1.2.3', target: 'linux-x64', folder: join(folder, 'update') },
    async fetch(url, { redirect }) {
      expect(redirect).toBe('error');
      asked.push(url.replace('https://updates.example/om/', ''));
      const body = site[asked.at(-1) ?? ''];
      return new Response(body && new Uint8Array(body), { status: body ? 200 : 404 });
    },
    busy: () => busy,
    tell: () => {},
    install: async (path) => void installed.push(path),
  });
  const setBusy = (next: boolean): void => {
    busy = next;
  };
  return { updates, asked, installed, setBusy };
}

it('fetches a newer version quietly, and installs it when a person says so and no run is followed', async () => {
  const { updates, installed, setBusy } = rig();
  expect(await updates.check()).toEqual({ kind: 'ready', version: '1.3.0' });
  expect(installed).toEqual([]);
  setBusy(true);
  expect(await updates.install()).toEqual({ kind: 'waiting', version: '1.3.0' });
  setBusy(false);
  await updates.install();
  expect(installed).toEqual([join(folder, 'update', 'om.AppImage')]);
});

it.each(['1.2.3', '1.2.2', '0.9.9'])('never goes to %s from 1.2.3', async (version) => {
  const { updates, asked } = rig({ version });
  expect(await updates.check()).toEqual({ kind: 'none' });
  expect(asked).not.toContain('om.AppImage');
});

it.each<[string, Site]>([
  ['signed by another key', { key: other }],
  ['altered after it was signed', { alter: (text) => text.replace('1.3.0', '1.3.1') }],
])('refuses a manifest that was %s, and fetches nothing', async (_, site) => {
  const { updates, asked } = rig(site);
  expect(await updates.check()).toMatchObject({ kind: 'failed' });
  expect(asked).toEqual(['latest.json', 'latest.json.sig']);
});

it.each([Buffer.from('an INSTALLER'), Buffer.from('an installer and more'), Buffer.from('an')])(
  'keeps nothing of a file that is not what the manifest names (%s)',
  async (file) => {
    const { updates } = rig({ file });
    expect(await updates.check()).toMatchObject({ kind: 'failed' });
    expect(readdirSync(join(folder, 'update'))).toEqual([]);
    expect(await updates.install()).toEqual({ kind: 'none' });
  },
);

it('does not install what was altered on the disk', async () => {
  const { updates, installed } = rig();
  await updates.check();
  writeFileSync(join(folder, 'update', 'om.AppImage'), 'something else');
  expect(await updates.install()).toMatchObject({ kind: 'failed' });
  expect(installed).toEqual([]);
});

it('takes https folders only, and compares versions as numbers', () => {
  expect(updateSourceSchema.safeParse({ url: 'http://updates.example/om/', publicKey: pinned }).success).toBe(false);
  expect(updateSourceSchema.safeParse({ url: 'https://updates.example/om/', publicKey: pinned }).success).toBe(true);
  expect(isNewer('1.10.0', '1.9.9')).toBe(true);
  expect(isNewer('1.9.9', '1.10.0')).toBe(false);
});
