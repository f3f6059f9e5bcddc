import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, it } from 'vitest';
import { isOwn } from './address.ts';
import { createAppProtocol } from './appProtocol.ts';
import { clampBounds } from './bounds.ts';
import { createCrashGuard } from './crash.ts';
import { desktopTexts } from './texts.ts';

const folder = mkdtempSync(join(tmpdir(), 'om-parts-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('serves the packed page and its files, and nothing beside them', async () => {
  const root = join(folder, 'web');
  mkdirSync(root);
  writeFileSync(join(root, 'index.html'), '<meta nonce="__OM_NONCE__">');
  writeFileSync(join(root, 'a.js'), 'x');
  writeFileSync(join(root, 'a.map'), 'x');
  writeFileSync(join(folder, 'secret.js'), 'secret');
  const serve = createAppProtocol(root);
  const get = (url: string, method = 'GET') => serve({ url: `omanager-app://${url}`, method });
  const page = await get('app/runs/812');
  const nonce = /nonce="([^"]+)"/.exec(await page.text())?.[1];
  expect(page.headers.get('content-security-policy')).toContain(`style-src 'self' 'nonce-${nonce}'`);
  expect(page.headers.get('content-security-policy')).toContain("script-src 'self';");
  expect((await get('app/a.js')).status).toBe(200);
  expect((await get('app/a.map')).status).toBe(404);
  expect((await get('other/a.js')).status).toBe(403);
  expect((await get('app/a.js', 'POST')).status).toBe(403);
  for (const path of [
    '../secret.js',
    '%2e%2e/secret.js',
    '..%2fsecret.js',
    'x/..%2f..%2fsecret.js',
    '..%5csecret.js',
    'a.js%00.js',
  ])
    expect([400, 404]).toContain((await get(`app/${path}`)).status);
});

it('knows its own addresses', () => {
  expect(isOwn('omanager-app://app/run?x#y')).toBe(true);
  for (const url of [
    'https://app/',
    'omanager-app://evil/',
    'omanager-app://app@evil/',
    'omanager-app://a@app/',
    'file:///x',
    'x',
  ])
    expect(isOwn(url)).toBe(false);
});

it('puts the window where it can be seen, whatever was kept', () => {
  const whole = fc.integer({ min: -20_000, max: 20_000 });
  const size = fc.integer({ min: 1, max: 20_000 });
  const display = { x: 100, y: 0, width: 1920, height: 1080 };
  fc.assert(
    fc.property(fc.record({ x: whole, y: whole, width: size, height: size }), (wanted) => {
      const { x, y, width, height } = clampBounds(wanted, [display]);
      expect(x).toBeGreaterThanOrEqual(display.x);
      expect(y).toBeGreaterThanOrEqual(display.y);
      expect(x + width).toBeLessThanOrEqual(display.x + display.width);
      expect(y + height).toBeLessThanOrEqual(display.y + display.height);
    }),
  );
  expect(clampBounds({ x: 300, y: 200, width: 800, height: 600 }, [display])).toEqual({
    x: 300,
    y: 200,
    width: 800,
    height: 600,
  });
});

it('begins anew after two starts in a row that did not end well', () => {
  const start = () => createCrashGuard(folder);
  expect(start().cleanStart()).toBe(false);
  expect(start().cleanStart()).toBe(false);
  const third = start();
  expect(third.cleanStart()).toBe(true);
  third.quitCleanly();
  expect(start().cleanStart()).toBe(false);
});

it('says everything in both languages', () => {
  expect(Object.keys(desktopTexts.zh)).toEqual(Object.keys(desktopTexts.en));
  for (const text of Object.values(desktopTexts.zh)) expect(text).toMatch(/\p{Script=Han}/u);
});
