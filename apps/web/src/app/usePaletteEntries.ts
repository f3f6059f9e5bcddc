import { useAnswer } from '../data/calls.ts';
import { useMay, useSession } from '../data/session.tsx';
import { isMeant } from '../features/modules/search.ts';
import { useTexts, useTitle } from '../i18n/useTexts.ts';
import { prefer } from '../preferences/preferences.ts';
import { safeText } from '../ui/safeText.ts';
import { railPages } from './pages.tsx';
import { appTexts } from './texts.ts';

export interface Entry {
  readonly key: string;
  readonly title: string;
  readonly kind: string;
  /** Where it leads; else it does something to the client itself. */
  readonly path?: string;
  readonly act?: () => void;
}

const most = 50;

/** What matches: `>` commands, `@` servers, `#` a run by its number; else pages, modules and commands. */
export function usePaletteEntries(typed: string): readonly Entry[] {
  const t = useTexts(appTexts);
  const title = useTitle();
  const may = useMay();
  const { signOut } = useSession();
  const [prefix, rest] = /^([>@#])(.*)$/s.exec(typed)?.slice(1) ?? ['', typed];
  const words = rest?.trim().toLowerCase() ?? '';
  const modules = useAnswer('modules.list', {}, { enabled: may('module.read') });
  const name = words.replace(/[^\p{L}\p{N}_.-]/gu, '');
  const hosts = useAnswer(
    'hosts.list',
    { selector: `*${name}*`, limit: 20 },
    { enabled: prefix === '@' && name !== '' && may('inventory.read') },
  );

  if (prefix === '@') {
    return (name === '' ? [] : (hosts.data?.items ?? [])).map(({ id, name: host }) => ({
      ...{ key: id, title: safeText(host), kind: t('servers') },
      path: `/servers?host=${encodeURIComponent(host)}`,
    }));
  }
  if (prefix === '#') {
    if (!/^\d+$/.test(words)) return [];
    return [{ key: words, title: `#${words}`, kind: t('runs'), path: `/runs/${words}` }];
  }
  const commands: Entry[] = [
    {
      key: 'light',
      title: t('theme', { name: t('light') }),
      kind: t('command'),
      act: () => prefer({ theme: 'light' }),
    },
    { key: 'dark', title: t('theme', { name: t('dark') }), kind: t('command'), act: () => prefer({ theme: 'dark' }) },
    {
      key: 'system',
      title: t('theme', { name: t('system') }),
      kind: t('command'),
      act: () => prefer({ theme: 'auto' }),
    },
    { key: 'en', title: 'English', kind: t('command'), act: () => prefer({ language: 'en' }) },
    { key: 'zh', title: '中文', kind: t('command'), act: () => prefer({ language: 'zh' }) },
    { key: 'settings', title: t('settings'), kind: t('page'), path: '/settings' },
    { key: 'signOut', title: t('signOut'), kind: t('command'), act: () => void signOut() },
  ].filter((entry) => entry.title.toLowerCase().includes(words));
  if (prefix === '>') return commands;
  const pages = railPages
    .filter(({ permission, name: page }) => may(permission) && t(page).toLowerCase().includes(words))
    .map(({ name: page, path }) => ({ key: path, title: t(page), kind: t('page'), path }));
  const found = (modules.data?.items ?? [])
    .filter((module) => module.retired === null && isMeant(module, words))
    .map((module) => ({
      key: module.id,
      title: `${module.legacyId === null ? '' : `${module.legacyId} `}${safeText(title(module.title))}`,
      kind: t('module'),
      path: `/run?module=${encodeURIComponent(module.id)}`,
    }));
  return [...pages, ...found, ...commands].slice(0, most);
}
