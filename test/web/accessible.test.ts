import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { buildWeb, openBrowser, openPage } from '../lab/browser.ts';
import { has } from '../lab/have.ts';
import { type Rig, runOn, startRig } from '../runs/rig.ts';
import { type Look, looks, wear } from './looks.ts';
import { enrolInPage } from './people.ts';
import { mainViews, openedViews, otherViews, runViews, show, type View } from './views.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const found = z.array(z.object({ id: z.string(), impact: z.string().nullable(), nodes: z.array(z.string()) }));

/** In the page: what is wrong with it by the rules of WCAG 2.2 AA. */
const look = `axe.run(document, { resultTypes: ['violations'], runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] })
  .then(({ violations }) => violations.map(({ id, impact, nodes }) =>
    ({ id, impact, nodes: nodes.map(({ target, failureSummary }) => target.join(' ') + ': ' + failureSummary) })))`;

const sizes = [
  { width: 1440, height: 900 },
  { width: 360, height: 740 },
] as const;

describe.skipIf(!has('chromium', 'sshd', 'useradd'))('every screen', () => {
  let rig: Rig;
  let browser: Browser;
  let addresses: readonly View[];
  let opened: readonly View[];

  beforeAll(async () => {
    await buildWeb();
    rig = await startRig({
      hosts: 4,
      modules: [{ id: 'site.mixed', shell: '[ "$OM_HOST" != h-002 ] || exit 3; echo a line' }],
    });
    const { run } = await runOn(rig.client, { module: 'site.mixed', selector: 'h-*' });
    addresses = [...mainViews('*', 'h-001'), ...runViews(run.id, 1), ...otherViews(run.id, 'h-001')];
    opened = openedViews(run.id, '*');
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await rig?.stop();
  });

  // Both at once: each waits more than it works.
  it.concurrent.each(sizes)(
    'can be used by all, and never scrolls sideways, at $width px',
    { timeout: 400_000 },
    async (size) => {
      const { page, context } = await openPage(browser, size);
      await context.addInitScript(axe);
      const { link } = await rig.client.call('invites.create', { role: 'admin' });
      await enrolInPage(page, rig.server.url, link, `ada-${size.width}`);
      const wrong: unknown[] = [];
      for (const [i, view] of [...addresses, ...opened].entries()) {
        await show(page, rig.server.url, view);
        const worn = looksOf(i, size.width);
        for (const one of opened.includes(view) ? worn.slice(0, 1) : worn) {
          await wear(page, one);
          const at = { view: view.name, width: size.width, ...one };
          wrong.push(...(await barriers(page)).map((barrier) => ({ ...at, ...barrier })));
        }
        await wear(page, { theme: 'light', language: 'en' });
      }
      await context.close();
      expect(wrong).toEqual([]);
    },
  );
});

/** Each view in all four looks: two of them wide, the other two on a phone, the next view the other way round. */
function looksOf(i: number, width: number): readonly Look[] {
  const first = (i % 2 === 0) === width > 640;
  return first ? looks.slice(0, 2) : looks.slice(2);
}

async function barriers(page: Page): Promise<object[]> {
  const seen = found.parse(await page.evaluate(look));
  const serious = seen.filter(({ impact }) => impact === 'serious' || impact === 'critical');
  const wide = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
  return wide > 0 ? [...serious, { id: 'scrolls sideways', wide }] : serious;
}
