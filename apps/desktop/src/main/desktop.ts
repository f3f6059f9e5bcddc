import { join } from 'node:path';
import { type BridgeEvent, channels } from '@omanager/desktop-bridge';
import type { BrowserWindow } from 'electron';
import { createActivity } from './activity.ts';
import { isOwn, scheme } from './address.ts';
import { createAppProtocol } from './appProtocol.ts';
import { serveBridge } from './bridge.ts';
import { createCalls } from './calls.ts';
import { closeOrKeep } from './closing.ts';
import { createConnections } from './connections.ts';
import { createCrashGuard } from './crash.ts';
import { deepLinkIn } from './deepLinks.ts';
import type { Electron } from './electron.ts';
import { createOpenExternal } from './external.ts';
import { readJson } from './files.ts';
import { createFollowedRuns } from './followedRuns.ts';
import { createHandlers } from './handlers.ts';
import { createKeyStore } from './keyStore.ts';
import { createLinks } from './links.ts';
import { createLog } from './log.ts';
import { setMenu } from './menu.ts';
import { createNotices } from './notifications.ts';
import { createProfiles } from './profiles.ts';
import { desktopTexts, type Language, languageOf } from './texts.ts';
import { createTray } from './tray.ts';
import { createUpdates } from './update.ts';
import { updateSourceSchema } from './updateManifest.ts';
import { createWindow, denyByDefault, firstUrl } from './window.ts';
import { createWindowState } from './windowState.ts';

export interface DesktopOptions {
  /** The folder of what was built: the preload, the page, the icons. */
  built: string;
  argv: readonly string[];
  platform: NodeJS.Platform;
  arch: string;
}

/** The desktop application. Nothing is shown to a second start: it hands its link to the first and ends. */
export async function startDesktop(electron: Electron, { built, argv, platform, arch }: DesktopOptions): Promise<void> {
  const { app, protocol, shell, clipboard, powerMonitor } = electron;
  if (!app.requestSingleInstanceLock()) return app.quit();
  protocol.registerSchemesAsPrivileged([{ scheme, privileges: { standard: true, secure: true } }]);
  app.setAsDefaultProtocolClient('omanager');
  app.enableSandbox();

  const folder = app.getPath('userData');
  const log = createLog(join(folder, 'logs'));
  const crashes = createCrashGuard(folder);
  const windowState = createWindowState(folder);
  let window: BrowserWindow | null = null;
  let quitting = false;
  let t = desktopTexts[languageOf(app.getLocale())];

  const current = (): BrowserWindow | null => (window?.isDestroyed() ? null : window);
  const tell = (event: BridgeEvent): void => current()?.webContents.send(channels.event, event);
  const command = (name: Extract<BridgeEvent, { type: 'menu' }>['command']): void =>
    tell({ type: 'menu', command: name });
  const links = createLinks((link) => tell({ type: 'link', link }));
  const openExternal = createOpenExternal(electron, log);
  const profiles = createProfiles(folder);
  const keys = createKeyStore(electron, folder, platform);
  const connections = createConnections(profiles, keys, tell);
  const calls = createCalls(connections, tell);
  const activity = createActivity(electron, current, () => tray?.update());
  const focus = (): void => {
    const there = current();
    if (there?.isMinimized()) there.restore();
    there?.show();
    there?.focus();
  };
  const showRun = (id: string | null): void => {
    focus();
    if (id !== null) tell({ type: 'link', link: { kind: 'page', server: '', path: `/runs/${id}` } });
    else command('runs');
  };
  const notices = createNotices(electron, {
    focused: () => current()?.isFocused() ?? false,
    texts: () => t,
    onClick: showRun,
  });
  const followed = createFollowedRuns({ changed: activity.fromHere, notices, texts: () => t, log });
  const updates = createUpdates({
    source: updateSourceSchema.safeParse(readJson(join(built, 'update.json'))).data ?? null,
    current: app.getVersion(),
    target: `${platform}-${arch}`,
    folder: join(folder, 'update'),
    fetch: (url, init) => fetch(url, init),
    busy: () => activity.runs().length > 0,
    tell: (state) => tell({ type: 'update', state }),
    async install(path) {
      // A package or an AppImage: only its owner knows where it belongs.
      if (platform === 'linux') return shell.showItemInFolder(path);
      const failed = await shell.openPath(path);
      if (failed) throw new Error(failed);
      app.quit();
    },
  });
  const setLanguage = (language: Language): void => {
    t = desktopTexts[language];
    setMenu(electron, t, platform, {
      command,
      quit: () => app.quit(),
      openLogs: () => void shell.openPath(join(folder, 'logs')),
      copyDiagnostics: () => void clipboard.writeText(`OManager ${app.getVersion()}, ${platform}-${arch}`),
      checkUpdate: () => void updates.check(),
    });
    tray?.update();
  };
  let tray: ReturnType<typeof createTray> = null;

  app.on('second-instance', (_, args) => {
    focus();
    const link = deepLinkIn(args);
    if (link !== null) links.open(link);
  });
  app.on('open-url', (event, url) => {
    event.preventDefault();
    focus();
    links.open(url);
  });
  app.on('before-quit', () => {
    quitting = true;
  });
  app.on('window-all-closed', () => app.quit());
  app.on('will-quit', () => {
    notices.closeAll();
    tray?.destroy();
    followed.closeAll();
    calls.dropAll();
    connections.closeAll();
    crashes.quitCleanly();
  });
  const first = deepLinkIn(argv);
  if (first !== null) links.open(first);

  await app.whenReady();
  denyByDefault(electron);
  protocol.handle(scheme, createAppProtocol(join(built, 'web')));
  serveBridge(electron, {
    isPage: ({ sender, senderFrame }) => {
      const page = current()?.webContents;
      return page !== undefined && sender === page && senderFrame === page.mainFrame && isOwn(senderFrame.url);
    },
    handlers: createHandlers({
      ...{
        electron,
        version: app.getVersion(),
        platform,
        window: current,
        profiles,
        keys,
        connections,
        calls,
        activity,
      },
      ...{ followed, notices, updates, crashes, links, openExternal, setLanguage },
    }),
    log,
  });
  powerMonitor.on('resume', () => connections.retryNow());

  const state = windowState.read();
  const made = createWindow(electron, {
    preload: join(built, 'preload.cjs'),
    devTools: !app.isPackaged,
    state,
    openExternal,
  });
  window = made;
  windowState.follow(made);
  tray = createTray(electron, {
    icon: join(built, 'tray.png'),
    runs: activity.runs,
    texts: () => t,
    noticesPaused: notices.paused,
    onClick: () => (made.isFocused() ? made.hide() : focus()),
    onShow: focus,
    onRun: ({ id }) => showRun(id),
    onPauseNotices: notices.pause,
    onQuit: () => app.quit(),
  });
  setLanguage(languageOf(app.getLocale()));
  made.on('close', (event) => {
    if (!quitting && tray !== null && activity.runs().length > 0) {
      event.preventDefault();
      closeOrKeep(electron, made, t).catch((error: unknown) => log('close', error));
    }
  });
  made.webContents.on('did-start-navigation', ({ isMainFrame, isSameDocument }) => {
    if (!isMainFrame || isSameDocument) return;
    links.pageGone();
    followed.closeAll();
    calls.dropAll();
    connections.closeAll();
  });
  made.webContents.on('render-process-gone', (_, { reason }) => {
    if (reason === 'clean-exit' || quitting) return;
    log('page', new Error(`The page ended: ${reason}`));
    const next = crashes.pageCrashed();
    if (next !== 'stop')
      made
        .loadURL(next === 'reload' ? firstUrl(windowState.read(), false) : firstUrl(null, true))
        .catch((error: unknown) => log('load', error));
  });
  await made.loadURL(firstUrl(state, crashes.cleanStart()));
}
