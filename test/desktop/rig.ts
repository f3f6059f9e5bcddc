import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Browser } from 'playwright-core';
import { startDesktop } from '../../apps/desktop/src/main/desktop.ts';
import { buildWeb } from '../lab/browser.ts';
import { createElectronDouble, type DoubleOptions, type ElectronDouble } from './electronDouble.ts';

const run = promisify(execFile);
export const desktopFolder = fileURLToPath(new URL('../../apps/desktop', import.meta.url));

/** What `npm run build -w apps/desktop` makes, in the folder given. */
export async function buildDesktop(out: string): Promise<void> {
  await buildWeb();
  await run(process.execPath, [join(desktopFolder, 'build.ts'), '--out', out], { cwd: desktopFolder });
}

export const tempFolder = (name: string): string => mkdtempSync(join(tmpdir(), `om-desktop-${name}-`));
export const removeFolder = (path: string): void => rmSync(path, { recursive: true, force: true });

/** A start of the desktop application on the double, with a page of its own. */
export async function startOn(
  browser: Browser,
  built: string,
  options: Omit<DoubleOptions, 'context' | 'preload'> & { argv?: string[]; platform?: NodeJS.Platform },
): Promise<ElectronDouble & { close(): Promise<void> }> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, serviceWorkers: 'block' });
  const double = await createElectronDouble({ ...options, context, preload: join(built, 'preload.cjs') });
  const { argv = [], platform = 'linux' } = options;
  await startDesktop(double.electron, { built, argv, platform, arch: 'x64' });
  return {
    ...double,
    async close() {
      double.electron.app.quit();
      await context.close();
    },
  };
}
