import { expect, it } from 'vitest';
import { titleOf } from '../i18n/useTexts.ts';
import { tabSchema } from './tabs.ts';
import { appTexts } from './texts.ts';

it('takes what earlier versions kept: a title in the language of then', () => {
  expect(tabSchema.parse({ path: '/runs', title: 'Runs' }).title).toEqual({ en: 'Runs', zh: 'Runs' });
  expect(tabSchema.parse({ path: '/runs', title: { en: 'Runs', zh: '执行记录' } }).title.zh).toBe('执行记录');
  expect(tabSchema.safeParse({ path: '//elsewhere', title: 'x' }).success).toBe(false);
});

it('titles a document in both languages, with values that have both', () => {
  const title = { en: 'Disk usage', zh: '磁盘使用' };
  expect(titleOf(appTexts, 'closeTab', { title })).toEqual({ en: 'Close Disk usage', zh: '关闭 磁盘使用' });
});
