import type { DesktopBridge, MenuCommand, PageLink } from '@omanager/desktop-bridge/page';
import { navigate } from 'wouter/use-browser-location';
import { i18n } from '../i18n/i18n.ts';
import { createDesktop, type Desktop, matchesServer } from '../session/desktopPort.ts';
import { registrations, sayCommand } from './commands.ts';

/** In the window of the desktop application: links and menus lead to pages, and never further. */
export async function startOnDesktop(bridge: DesktopBridge): Promise<Desktop> {
  const desktop = await createDesktop(bridge);
  const { ask, onEvent } = desktop;
  const show = (link: PageLink): void => void follow(desktop, link).catch(() => navigate('/link'));
  onEvent((event) => {
    if (event.type === 'menu') obey(event.command);
    else if (event.type === 'link') show(event.link);
  });
  if (desktop.firstLink) show(desktop.firstLink);
  i18n.on('languageChanged', (language) => {
    ask('app.language', { language: language === 'zh' ? 'zh' : 'en' }).catch(() => {});
  });
  return desktop;
}

async function follow(desktop: Desktop, link: PageLink): Promise<void> {
  switch (link.kind) {
    case 'page': {
      const known = await desktop.ask('profiles.list', {});
      const isKnown = known.some((profile) => matchesServer(profile, link.server));
      return navigate(isKnown ? link.path : '/link');
    }
    case 'invite':
      desktop.offerInvite(link.text);
      // The form takes it when it is shown next; at once where nobody works.
      if (desktop.idle()) sayCommand('showInvite');
      return;
    case 'unknown':
      return navigate('/link');
  }
}

function obey(command: MenuCommand): void {
  switch (command) {
    case 'run':
    case 'runs':
    case 'servers':
    case 'modules':
    case 'audit':
    case 'admin':
    case 'settings':
      return navigate(`/${command}`);
    case 'family.system':
    case 'family.service':
    case 'family.file':
    case 'family.package':
    case 'family.user':
      return navigate(`/modules?family=${command.slice('family.'.length)}`);
    case 'check':
      return registrations('check').length > 0 ? sayCommand('check') : navigate('/run');
    default:
      return sayCommand(command);
  }
}
