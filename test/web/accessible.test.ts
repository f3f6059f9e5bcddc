import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { buildWeb, openBrowser, openPage, type PageOptions } from '../lab/browser.ts';
import { has } from '../lab/have.ts';
import { type Rig, runOn, startRig } from '../runs/rig.ts';
import { enrolInPage } from './people.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const found = z.array(z.object({ id: z.string(), impact: z.string().nullable(), nodes: z.array(z.string()) }));

/** In the page: what is wrong with it by the rules of WCAG 2.2 AA. */
const look = `axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] })
  .then(({ violations }) => violations.map(({ id, impact, nodes }) =>
    ({ id, impact, nodes: nodes.map(({ target, failureSummary }) => target.join(' ') + ': ' + failureSummary) })))`;

describe.skipIf(!has('chromium', 'sshd', 'useradd'))('every screen', () => {
  let rig: Rig;
  let browser: Browser;
  let paths: string[];

  beforeAll(async () => {
    await buildWeb();
    rig = await startRig({ hosts: 4, modules: [{ id: 'site.mixed', shell: '[ "$OM_HOST" != h-002 ]; echo a line' }] });
    const { run } = await runOn(rig.client, { module: 'site.mixed', selector: 'h-*' });
    const admin = ['users', 'devices', 'tokens', 'credentials', 'zones', 'workers'].map(
      (section) => `/admin/${section}`,
    );
    paths = [
      ...['/run', '/run?module=service.restart&targets=*', '/runs', `/runs/${run.id}`, `/runs/${run.id}/log/0`],
      ...[
        '/servers',
        '/servers/zones',
        '/servers/import',
        '/modules',
        '/modules/system.version',
        '/audit',
        '/settings',
      ],
      ...admin,
    ];
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await rig?.stop();
  });

  const looks: PageOptions[] = [
    { theme: 'light', language: 'en' },
    { theme: 'dark', language: 'zh' },
    { theme: 'light', language: 'zh', width: 360, height: 740 },
    { theme: 'dark', language: 'en', width: 360, height: 740 },
  ];

  it.each(looks)('can be used by all, and never scrolls sideways: %j', async (options) => {
    const { page, context } = await openPage(browser, { ...options, language: 'en' });
    await context.addInitScript(axe);
    const { link } = await rig.client.call('invites.create', { role: 'admin' });
    await enrolInPage(page, rig.server.url, link, `ada-${options.theme}-${options.language}`);
    await page.evaluate(
      `localStorage.setItem('om.preferences', ${JSON.stringify(JSON.stringify({ language: options.language }))})`,
    );
    const wrong: unknown[] = [];
    for (const path of paths) {
      await page.goto(`${rig.server.url}${path}`);
      await page.locator('main').waitFor();
      await page.waitForLoadState('networkidle');
      await expect.poll(() => page.locator('main [aria-busy="true"]').count()).toBe(0);
      const seen = found.parse(await page.evaluate(look));
      wrong.push(
        ...seen.filter(({ impact }) => impact === 'serious' || impact === 'critical').map((one) => ({ path, ...one })),
      );
      const wide = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
      if (wide > 0) wrong.push({ path, id: 'scrolls sideways', wide });
    }
    await context.close();
    expect(wrong).toEqual([]);
  });
});
