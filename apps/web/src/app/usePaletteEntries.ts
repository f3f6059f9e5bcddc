import { useBlock } from '../data/blocked.ts';
import { useAnswer } from '../data/calls.ts';
import { useMay, useSession } from '../data/session.tsx';
import { useMyRuns } from '../features/inbox/MyRuns.tsx';
import { needOf } from '../features/inbox/needs.ts';
import { isMeant } from '../features/modules/search.ts';
import { useTexts, useTitle } from '../i18n/useTexts.ts';
import { prefer } from '../preferences/preferences.ts';
import { safeText } from '../ui/safeText.ts';
import { registrations, sayCommand } from './commands.ts';
import { type Key, type KeyGroup, type KeyName, keyNames, keys } from './keys.ts';
import { keyTexts } from './keyTexts.ts';
import { matchScore } from './match.ts';
import { railPages } from './pages.tsx';
import { pageKeys } from './Rail.tsx';
import { recents } from './recents.ts';
import { appTexts } from './texts.ts';

export type Section = 'recent' | 'here' | 'go' | 'runs' | 'servers' | 'modules' | 'commands';

export interface Entry {
  readonly key: string;
  readonly section: Section;
  readonly title: string;
  readonly hint?: KeyName;
  /** Where it leads; else it does something to the client itself. */
  readonly path?: string;
  readonly act?: () => void;
}

/** What can be done wherever one is. */
const ofShell: ReadonlySet<KeyGroup> = new Set(['everywhere', 'go', 'panels']);
const most = 50;
const order: readonly Section[] = ['recent', 'here', 'go', 'modules', 'runs', 'servers', 'commands'];

/** What matches, best first: `>` commands, `@` servers, `#` runs, `!` runs that are not OK; else all of them. */
export function usePaletteEntries(typed: string): readonly Entry[] {
  const { who, server } = useSession();
  const [prefix = '', rest = ''] = /^([>@#!]?)(.*)$/s.exec(typed)?.slice(1) ?? [];
  const words = rest.trim();
  const here = useHere();
  const pages = usePages();
  const runs = useRuns(prefix, words);
  const modules = useModules();
  const servers = useServers(prefix, words);
  const commands = useCommands();

  const ranked = (entries: readonly Entry[]): Entry[] =>
    entries
      .map((entry) => ({ entry, score: matchScore(entry.title, words) }))
      .filter(({ score }) => score > 0)
      .sort((a, b) => b.score - a.score)
      .map(({ entry }) => entry);
  if (prefix === '>') return ranked([...here, ...commands]);
  if (prefix === '@') return servers;
  if (prefix === '#' || prefix === '!') return runs;
  const known = [...here, ...pages, ...modules(''), ...commands];
  if (words === '') {
    const last = recents(`${server.address}:${who.userName}`).flatMap(
      (key) => known.find((one) => one.key === key) ?? [],
    );
    const recent = last.slice(0, 5).map((entry) => ({ ...entry, section: 'recent' as const }));
    const rest = [...here, ...pages, ...runs.slice(0, 5), ...modules(''), ...commands];
    return [...recent, ...rest.filter(({ key }) => !recent.some((one) => one.key === key))].slice(0, most);
  }
  const found = [...ranked([...here, ...pages]), ...runs, ...modules(words), ...servers, ...ranked(commands)];
  return found.sort((a, b) => order.indexOf(a.section) - order.indexOf(b.section)).slice(0, most);
}

/** What the parts of the page that is shown can do now. */
function useHere(): readonly Entry[] {
  const t = useTexts(keyTexts);
  return keyNames
    .filter((name) => {
      const key: Key = keys[name];
      return !key.silent && registrations(name).length > 0;
    })
    .map((name) => ({
      key: `do ${name}`,
      section: ofShell.has(keys[name].group) ? 'commands' : 'here',
      title: t(name),
      hint: name,
      act: () => sayCommand(name),
    }));
}

function usePages(): readonly Entry[] {
  const t = useTexts(appTexts);
  const may = useMay();
  const pages = railPages
    .filter(({ permission }) => may(permission))
    .map(({ name, path }): Entry => ({ key: path, section: 'go', title: t(name), hint: pageKeys[name], path }));
  return [...pages, { key: '/settings', section: 'go', title: t('settings'), hint: 'goSettings', path: '/settings' }];
}

/** Runs of one's own by title or number, and any by its number. */
function useRuns(prefix: string, words: string): readonly Entry[] {
  const title = useTitle();
  const { runs } = useMyRuns();
  if (prefix === '@' || prefix === '>') return [];
  const mine = runs
    .filter((run) => prefix !== '!' || needOf(run) !== null)
    .map((run) => ({ run, title: safeText(`#${run.number} ${title(run.module.title)}`) }))
    .filter((one) => matchScore(one.title, words) > 0)
    .slice(0, prefix === '' ? 8 : most)
    .map(({ run, title }): Entry => ({ key: run.id, section: 'runs', title, path: `/runs/${run.id}` }));
  const number = prefix !== '!' && /^\d{1,9}$/.test(words) && !runs.some((run) => String(run.number) === words);
  return number ? [{ key: `#${words}`, section: 'runs', title: `#${words}`, path: `/runs/${words}` }, ...mine] : mine;
}

/** Choosing one fills in a run, and starts nothing. */
function useModules(): (words: string) => readonly Entry[] {
  const title = useTitle();
  const may = useMay();
  const { data } = useAnswer('modules.list', {}, { enabled: may('module.read') });
  return (words) =>
    (data?.items ?? [])
      .filter((module) => module.retired === null)
      .map((module): Entry & { score: number } => ({
        key: `module ${module.id}`,
        section: 'modules',
        title: `${module.legacyId === null ? '' : `${module.legacyId} `}${safeText(title(module.title))}`,
        path: `/run?module=${encodeURIComponent(module.id)}`,
        score: Math.max(
          isMeant(module, words) ? 40 : 0,
          ...[module.title.en, module.title.zh, module.id].map((text) => matchScore(text, words)),
        ),
      }))
      .filter(({ score }) => score > 0)
      .sort((a, b) => b.score - a.score)
      .slice(0, words === '' ? most : 12);
}

function useServers(prefix: string, words: string): readonly Entry[] {
  const t = useTexts(appTexts);
  const may = useMay();
  const block = useBlock();
  const name = words.replace(/[^\p{L}\p{N}_.-]/gu, '');
  const asked = name !== '' && (prefix === '@' || (prefix === '' && name.length > 1));
  const { data } = useAnswer(
    'hosts.list',
    { selector: `*${name}*`, limit: prefix === '@' ? 20 : 5 },
    { enabled: asked && may('inventory.read') },
  );
  if (!asked) return [];
  return (data?.items ?? [])
    .filter((host) => host.name.includes(name))
    .flatMap((host): Entry[] => {
      const [title, at] = [safeText(host.name), encodeURIComponent(host.name)];
      const server: Entry = { key: host.id, section: 'servers', title, path: `/servers?host=${at}` };
      const shell = {
        ...server,
        key: `terminal ${host.id}`,
        title: t('terminal', { name: title }),
        path: `/terminal/${at}`,
      };
      const files = { ...server, key: `files ${host.id}`, title: t('files', { name: title }), path: `/files/${at}` };
      return [server, ...(may('terminal.open') && block === null ? [shell] : []), ...(may('file.read') ? [files] : [])];
    });
}

/** What changes the client itself. */
function useCommands(): readonly Entry[] {
  const t = useTexts(appTexts);
  const { signOut } = useSession();
  const command = (key: string, title: string, act: () => void): Entry => ({ key, section: 'commands', title, act });
  return [
    command('light', t('theme', { name: t('light') }), () => prefer({ theme: 'light' })),
    command('dark', t('theme', { name: t('dark') }), () => prefer({ theme: 'dark' })),
    command('system', t('theme', { name: t('system') }), () => prefer({ theme: 'auto' })),
    command('en', 'English', () => prefer({ language: 'en' })),
    command('zh', '中文', () => prefer({ language: 'zh' })),
    command('compact', t('rowsCompact'), () => prefer({ density: 'compact' })),
    command('normal', t('rowsNormal'), () => prefer({ density: 'normal' })),
    command('classic', t('layoutClassic'), () =>
      prefer({ layout: 'classic', layoutAsked: true, outputOpen: true, newestOnTop: true }),
    ),
    command('standard', t('layoutStandard'), () => prefer({ layout: 'standard', layoutAsked: true })),
    command('signOut', t('signOut'), () => void signOut()),
  ];
}
