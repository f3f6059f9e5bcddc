import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { waitFor } from './wait.ts';

const path = (relative: string) => fileURLToPath(new URL(`../../${relative}`, import.meta.url));
const dist = path('apps/web/dist');
const sources = [path('apps/web/src'), path('apps/web/public'), path('packages')];

/** Builds the web app, unless what is there is newer than its sources. Several test files may ask at once: one builds. */
export async function buildWeb(): Promise<void> {
  const lock = path('node_modules/.om-web-build');
  const deadline = 120_000;
  await waitFor('nobody else builds the web app', () => take(lock), deadline, 200);
  try {
    if (builtAt() > Math.max(...sources.map(newest))) return;
    const built = spawnSync(path('node_modules/.bin/vite'), ['build', '--logLevel', 'error'], {
      cwd: path('apps/web'),
      encoding: 'utf8',
      timeout: deadline,
      // Else the tests' own NODE_ENV would make it a development build.
      env: { ...process.env, NODE_ENV: 'production' },
    });
    if (built.status !== 0) throw new Error(`the web app cannot be built: ${built.stderr || built.stdout}`);
  } finally {
    rmdirSync(lock);
  }
}

/** A folder can be made once: who makes it has the lock. One that was left behind does not hold for ever. */
function take(lock: string): boolean {
  try {
    mkdirSync(lock);
    return true;
  } catch {
    if (existsSync(lock) && Date.now() - statSync(lock).mtimeMs > 90_000) rmdirSync(lock);
    return false;
  }
}

const builtAt = (): number => statSync(join(dist, 'index.html'), { throwIfNoEntry: false })?.mtimeMs ?? 0;

function newest(folder: string): number {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(
    (entry) => entry.isFile() && !entry.parentPath.includes('node_modules'),
  );
  return Math.max(0, ...files.map((entry) => statSync(join(entry.parentPath, entry.name)).mtimeMs));
}

export function openBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: '/usr/bin/chromium',
    // As root Chromium has no sandbox; all it shows here is ours.
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--lang=en-US'],
  });
}

export interface PageOptions {
  width?: number;
  height?: number;
  theme?: 'light' | 'dark';
  language?: 'en' | 'zh';
}

/** A page of a person of its own, with storages of its own. Errors of the page are collected: see `errors`. */
export async function openPage(
  browser: Browser,
  { width = 1440, height = 900, theme = 'light', language = 'en' }: PageOptions = {},
): Promise<{ page: Page; context: BrowserContext; errors: string[] }> {
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: theme,
    locale: language === 'zh' ? 'zh-CN' : 'en-US',
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  return { page, context, errors };
}
