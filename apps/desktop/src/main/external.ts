import type { Electron } from './electron.ts';

/** Opens https addresses in the browser, and nothing else: what the system does with others nobody here knows. */
export function createOpenExternal(
  { shell }: Pick<Electron, 'shell'>,
  log: (where: string, error: unknown) => void,
): (url: string) => void {
  return (url) => {
    if (!URL.canParse(url)) return;
    const { protocol, username, password, href } = new URL(url);
    if (protocol !== 'https:' || username || password) return;
    shell.openExternal(href).catch((error: unknown) => log('openExternal', error));
  };
}
