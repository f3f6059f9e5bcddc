import type { Client } from '@omanager/client';
import { finalRunStates, type Run } from '@omanager/contract';
import type { BrowserContext, Page } from 'playwright-core';
import { chromium } from 'playwright-core';
import { buildWeb } from '../lab/browser.ts';
import { enrolAdmin } from '../lab/operators.ts';
import { startServer, type TestServer } from '../lab/server.ts';
import { createWorkspace } from '../lab/workspace.ts';
import { addHosts, moduleFolder, start } from '../runs/rig.ts';
import { enrolInPage } from '../web/people.ts';
import { probeScript } from './uiProbe.ts';
import { startUiWorker, type UiWorker } from './uiWorker.ts';

/** A real server with the built web app, hosts that only its worker's double knows, and a person in a real browser. */
export interface UiRig {
  server: TestServer;
  client: Client;
  worker: UiWorker;
  context: BrowserContext;
  page: Page;
  /** Errors of the page. */
  errors: string[];
  hosts: number;
  /** Starts a run on all servers, or on one. */
  run(hosts: 'all' | 'one'): Promise<Run>;
  /** Closes the browser and starts it again on the same profile. */
  restartBrowser(): Promise<void>;
  stop(): Promise<void>;
}

const module = 'site.bench';

/** @param webRoot another build of the web app than that of this tree, such as one with names for a profile */
export async function startUiRig({ hosts, webRoot }: { hosts: number; webRoot?: string | undefined }): Promise<UiRig> {
  await using stack = new AsyncDisposableStack();
  if (webRoot === undefined) await buildWeb();
  const workspace = createWorkspace('ui');
  stack.defer(() => workspace.remove());
  const server = await startServer({
    env: {
      OM_LOG_LEVEL: 'warn',
      OM_MODULE_DIR: moduleFolder(workspace.dir, [{ id: module, risk: 'read', shell: 'true' }]),
      OM_OUTPUT_CAP_KB: String(512 * 1024),
      OM_CONCURRENCY: '1',
      ...(webRoot === undefined ? {} : { OM_WEB_ROOT: webRoot }),
    },
  });
  stack.defer(() => server.stop());
  const admin = await enrolAdmin(server);
  stack.defer(() => admin.client.close());
  const { client } = admin;
  const worker = await startUiWorker(admin, server.port);
  stack.defer(() => worker.stop());
  const secret = { kind: 'password' as const, password: 'unused' };
  await client.call('credentials.add', { name: 'lab', secret });
  await addHosts(
    client,
    Array.from({ length: hosts }, (_, i) => ({
      name: nameOf(i),
      address: `10.${1 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}`,
      user: 'ops',
      credential: 'lab',
      environment: i % 3 === 0 ? 'prod' : 'staging',
      groups: [`app/${i % 40}`],
      labels: { role: roles[i % roles.length] ?? '', rack: `r${i % 90}` },
    })),
  );
  const errors: string[] = [];
  const { link } = await client.call('invites.create', { role: 'admin' });
  let { context, page } = await openBrowser(workspace.dir, errors);
  stack.defer(() => context.close());
  await enrolInPage(page, server.url, link, 'ada');
  const kept = stack.move();
  return {
    server,
    client,
    worker,
    get context() {
      return context;
    },
    get page() {
      return page;
    },
    errors,
    hosts,
    run: (on) => start(client, { module, selector: on === 'all' ? '*' : nameOf(0), parallel: Math.min(hosts, 1000) }),
    async restartBrowser() {
      await context.close();
      ({ context, page } = await openBrowser(workspace.dir, errors));
    },
    stop: () => kept.disposeAsync(),
  };
}

const roles = ['web', 'db', 'cache', 'queue', 'edge', 'build'];
const nameOf = (i: number): string => `${roles[i % roles.length]}-${String(i).padStart(5, '0')}`;

async function openBrowser(dir: string, errors: string[]): Promise<{ context: BrowserContext; page: Page }> {
  const context = await chromium.launchPersistentContext(`${dir}/profile`, {
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--lang=en-US', '--enable-precise-memory-info'],
    viewport: { width: 1440, height: 900 },
    locale: 'en-US',
    acceptDownloads: true,
  });
  await context.addInitScript(probeScript);
  const page = context.pages()[0] ?? (await context.newPage());
  page.on('pageerror', (error) => errors.push(error.message));
  return { context, page };
}

export async function finish(client: Client, runId: string): Promise<void> {
  for await (const { run } of client.stream('runs.watch', { runId, hosts: false }))
    if (finalRunStates.has(run.state)) return;
}

/** Goes to a screen as a link within the app does: no page is loaded. */
export async function goWithin(page: Page, path: string): Promise<void> {
  await page.evaluate(`history.pushState(null, '', ${JSON.stringify(path)})`);
}

/** Waits for a condition of the page, as text; its policy forbids what playwright does for that. */
export async function seen(page: Page, condition: string): Promise<void> {
  await page.evaluate(`omProbe.until(() => {}, () => ${condition})`);
}
