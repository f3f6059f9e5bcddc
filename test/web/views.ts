import type { Page } from 'playwright-core';

/** A screen, or a state of one, as somebody comes to it in English. */
export interface View {
  readonly name: string;
  readonly path: string;
  /** What is pressed and filled in there. */
  readonly open?: (page: Page) => Promise<void>;
}

const press = (name: string | RegExp) => (page: Page) => page.getByRole('button', { name }).first().click();
const dialog = (page: Page) => page.getByRole('dialog').first().waitFor();

/** On a narrow screen the composer is one step at a time. */
async function step(page: Page, name: string): Promise<void> {
  const steps = page.getByRole('tablist', { name: 'Steps' });
  if ((await steps.count()) > 0) await steps.getByRole('tab').filter({ hasText: name }).click();
}

async function fillService(page: Page): Promise<void> {
  await page.getByText('This was filled in by a link').waitFor();
  await step(page, 'Form');
  await page.locator('[data-field="service"] input').fill('nginx');
}

const wrongManifest =
  'id: site.hello\nversion: "1.0.0"\ntitle: { en: Say hello, zh: 问好 }\nrisk: reed\nshell: echo hi\n';

/** What a run that partly failed shows. */
export const runViews = (runId: string, failed: number): readonly View[] => [
  { name: 'run-page', path: `/runs/${runId}` },
  { name: 'log', path: `/runs/${runId}/log/${failed}` },
];

/** The screens that people look at most. */
export const mainViews = (targets: string, host: string): readonly View[] => [
  {
    name: 'run',
    path: `/run?module=service.restart&targets=${targets}`,
    async open(page) {
      await fillService(page);
      await page.getByRole('status').getByRole('button', { name: 'Close' }).click();
    },
  },
  { name: 'runs', path: '/runs' },
  { name: 'servers', path: `/servers?host=${host}` },
  { name: 'modules', path: '/modules/service.restart' },
  { name: 'editor', path: '/modules/_new', open: (page) => page.getByText('No problems').first().waitFor() },
  { name: 'audit', path: '/audit' },
  { name: 'users', path: '/admin/users' },
  { name: 'credentials', path: '/admin/credentials' },
  { name: 'settings', path: '/settings' },
];

/** The others. */
export const otherViews = (runId: string, host: string): readonly View[] => [
  { name: 'run-nothing', path: '/run' },
  { name: 'run-timeline', path: `/runs/${runId}/timeline` },
  { name: 'run-details', path: `/runs/${runId}/details` },
  { name: 'host', path: `/servers/host/${host}` },
  { name: 'servers-all', path: '/servers' },
  { name: 'zones', path: '/servers/zones' },
  { name: 'import', path: '/servers/import' },
  { name: 'library', path: '/modules' },
  { name: 'commands', path: '/audit/commands' },
  { name: 'run-commands', path: `/runs/${runId}/commands` },
  { name: 'run-replay', path: `/runs/${runId}/log/0/replay` },
  { name: 'activity', path: '/audit/activity' },
  { name: 'user', path: '/audit/user/admin' },
  { name: 'alerts', path: '/audit/alerts' },
  { name: 'alert-rules', path: '/audit/alerts/rules' },
  { name: 'alert-targets', path: '/audit/alerts/targets' },
  { name: 'agents', path: '/audit/agents' },
  { name: 'integrity', path: '/audit/integrity' },
  { name: 'terminals', path: '/audit/sessions' },
  { name: 'terminal-none', path: '/terminal' },
  { name: 'files-refused', path: `/files/${host}` },
  ...['invites', 'devices', 'sessions', 'tokens', 'workers'].map((name) => ({ name, path: `/admin/${name}` })),
];

/** What lies over a screen: dialogs, sheets, the palette. */
export const openedViews = (runId: string, targets: string): readonly View[] => [
  {
    name: 'gate',
    path: `/run?module=service.restart&targets=${targets}`,
    async open(page) {
      await fillService(page);
      await step(page, 'Review');
      const run = page.getByRole('button', { name: /^Run on/ }).and(page.locator(':enabled'));
      await run.first().click();
      await dialog(page);
    },
  },
  {
    name: 'retry',
    path: `/runs/${runId}`,
    async open(page) {
      await press(/^Retry \d+ not OK/)(page);
      await dialog(page);
    },
  },
  {
    name: 'palette',
    path: '/runs',
    async open(page) {
      await page.getByRole('button', { name: /^Account/ }).waitFor();
      await page.keyboard.press('Control+k');
      await page.getByRole('dialog').getByRole('combobox').fill('re');
    },
  },
  {
    name: 'keys',
    path: '/runs',
    async open(page) {
      await page.getByRole('button', { name: /^Account/ }).click();
      await page.getByRole('menuitem', { name: 'Keys' }).click();
      await dialog(page);
    },
  },
  { name: 'inbox', path: '/runs', open: press('Inbox') },
  {
    name: 'editor-problems',
    path: '/modules/_new',
    async open(page) {
      await page.getByRole('textbox', { name: 'Manifest text' }).fill(wrongManifest);
      await page.getByRole('button', { name: /Line 4/ }).waitFor();
    },
  },
  ...(
    [
      ['rule-form', 'rules', 'Add rule'],
      ['starter-rules', 'rules', 'Starter rules'],
      ['target-form', 'targets', 'Add target'],
    ] as const
  ).map(([name, section, button]) => ({
    name,
    path: `/audit/alerts/${section}`,
    async open(page: Page) {
      await press(button)(page);
      await dialog(page);
    },
  })),
  ...(
    [
      ['invite-form', 'invites', 'Invite…'],
      ['token-form', 'tokens', 'Create token…'],
      ['credential-form', 'credentials', 'Add credential…'],
      ['worker-form', 'workers', 'Admit worker…'],
    ] as const
  ).map(([name, section, button]) => ({
    name,
    path: `/admin/${section}`,
    async open(page: Page) {
      await press(button)(page);
      await dialog(page);
    },
  })),
];

/** Opens it, and waits until it stands: nothing is loaded any more, and nothing says that it is busy. */
export async function show(page: Page, url: string, { path, open }: View): Promise<void> {
  await page.goto(`${url}${path}`);
  await page.locator('main').waitFor();
  await page.waitForLoadState('networkidle');
  await open?.(page);
  await page.locator('main [aria-busy="true"]').first().waitFor({ state: 'detached' });
}
