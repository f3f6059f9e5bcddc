import type { Page } from 'playwright-core';

export interface Look {
  readonly theme: 'light' | 'dark';
  readonly language: 'en' | 'zh';
}

/** Every theme in every language. */
export const looks: readonly Look[] = [
  { theme: 'light', language: 'en' },
  { theme: 'dark', language: 'zh' },
  { theme: 'light', language: 'zh' },
  { theme: 'dark', language: 'en' },
];

/** Changes theme and language of a page where it stands, as another window of the same browser does: what is open stays open. */
export async function wear(page: Page, { theme, language }: Look): Promise<void> {
  const wanted = JSON.stringify({ theme, language, layoutAsked: true, restoreTabs: 'never' });
  await page.evaluate(`(() => {
    localStorage.setItem('om.preferences', ${JSON.stringify(wanted)});
    dispatchEvent(new StorageEvent('storage', { key: 'om.preferences' }));
  })()`);
  await page.locator(`html[lang^="${language}"][data-mantine-color-scheme="${theme}"]`).waitFor({ state: 'attached' });
}
