import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { type ElectronApplication, _electron as electron } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildDesktop, desktopFolder, removeFolder, tempFolder } from './rig.ts';

/** Where Electron's own installer puts its binary: `npx install-electron` brings it, an installation without scripts does not. */
const folder = join(
  dirname(createRequire(join(desktopFolder, 'package.json')).resolve('electron/package.json')),
  'dist',
);
const names = ['electron', 'electron.exe', 'Electron.app/Contents/MacOS/Electron'];
const binary = names.map((name) => join(folder, name)).find((path) => existsSync(path));
if (binary === undefined) console.log(`desktop: not tested on a real Electron, its binary is not in ${folder}`);

// Skipped where the binary is not there; the line above says so.
describe.skipIf(binary === undefined)('on a real Electron', () => {
  let built: string;
  let userData: string;
  let app: ElectronApplication;

  beforeAll(async () => {
    built = tempFolder('real');
    userData = tempFolder('real-data');
    await buildDesktop(join(built, 'dist'));
    const args = [join(built, 'dist/main.js'), `--user-data-dir=${userData}`, '--no-sandbox'];
    app = await electron.launch({ executablePath: binary ?? '', args });
  }, 120_000);
  afterAll(async () => {
    await app?.close();
    removeFolder(built);
    removeFolder(userData);
  });

  it('shows the sign-in from its own scheme, with the bridge and without Node', async () => {
    const page = await app.firstWindow();
    expect(page.url()).toMatch(/^omanager-app:\/\/app\//);
    expect(
      await page.evaluate(() => [
        typeof Reflect.get(globalThis, 'omanager'),
        typeof Reflect.get(globalThis, 'require'),
      ]),
    ).toEqual(['object', 'undefined']);
  });
});
