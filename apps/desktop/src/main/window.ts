import type { BrowserWindow } from 'electron';
import { isOwn, origin } from './address.ts';
import { clampBounds, leastSize, type WindowState } from './bounds.ts';
import type { Electron } from './electron.ts';
import { downloadName } from './save.ts';

interface WindowOptions {
  preload: string;
  devTools: boolean;
  state: WindowState | null;
  /** Something in the page asked for a page outside. */
  openExternal(url: string): void;
}

/** The one window: no Node in it, nothing but the packed page, no way out of that page. */
export function createWindow(
  electron: Electron,
  { preload, devTools, state, openExternal }: WindowOptions,
): BrowserWindow {
  const displays = electron.screen.getAllDisplays().map(({ workArea }) => workArea);
  const window = new electron.BrowserWindow({
    ...clampBounds(state?.bounds ?? null, displays),
    minWidth: leastSize.width,
    minHeight: leastSize.height,
    show: false,
    title: 'OManager',
    webPreferences: {
      preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      webviewTag: false,
      navigateOnDragDrop: false,
      spellcheck: false,
      devTools,
    },
  });
  if (state?.maximized) window.maximize();
  window.once('ready-to-show', () => window.show());

  const page = window.webContents;
  page.on('will-navigate', (event) => {
    if (!isOwn(event.url)) event.preventDefault();
  });
  page.on('will-redirect', (event) => event.preventDefault());
  page.on('will-frame-navigate', (event) => {
    if (!event.isMainFrame || !isOwn(event.url)) event.preventDefault();
  });
  page.on('will-attach-webview', (event) => event.preventDefault());
  page.setWindowOpenHandler(({ url }) => {
    openExternal(url);
    return { action: 'deny' };
  });
  return window;
}

/** For the whole session of the page: no permission but writing to the clipboard, no request but of its own files. */
export function denyByDefault({ session }: Pick<Electron, 'session'>): void {
  const { defaultSession } = session;
  const allowed = (permission: string, url: string): boolean =>
    permission === 'clipboard-sanitized-write' && isOwn(url);
  defaultSession.setPermissionRequestHandler((_, permission, answer, { requestingUrl }) =>
    answer(allowed(permission, requestingUrl)),
  );
  defaultSession.setPermissionCheckHandler((_, permission, requestingOrigin) => allowed(permission, requestingOrigin));
  defaultSession.setDevicePermissionHandler(() => false);
  defaultSession.webRequest.onBeforeRequest(({ url }, answer) =>
    answer({ cancel: !isOwn(url) && !/^(devtools|data|blob):/.test(url) }),
  );
  // What the page itself made may be saved where the system's dialog says.
  defaultSession.on('will-download', (event, item) => {
    if (!isOwn(item.getURL().replace(/^blob:/, ''))) event.preventDefault();
    else item.setSaveDialogOptions({ defaultPath: downloadName(item.getFilename()) });
  });
}

/** Where the page begins: where it was, unless it shall begin anew. */
export function firstUrl(state: WindowState | null, cleanStart: boolean): string {
  return (cleanStart ? null : state?.url) ?? `${origin}/`;
}
