import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { EventEmitter } from 'node:events';
import type {
  App,
  BrowserWindow,
  BrowserWindowConstructorOptions,
  Clipboard,
  Dialog,
  IpcMain,
  MenuItemConstructorOptions,
  NotificationConstructorOptions,
  OnBeforeRequestListenerDetails,
  Protocol,
  Rectangle,
  SafeStorage,
  Session,
  Shell,
} from 'electron';
import type { BrowserContext } from 'playwright-core';
import type { Electron } from '../../apps/desktop/src/main/electron.ts';
import { type DoubleContents, type Invoke, openContents, workArea } from './electronPage.ts';

export interface DoubleOptions {
  context: BrowserContext;
  userData: string;
  preload: string;
  /** As Electron says it on Linux: `gnome_libsecret`, `basic_text` … */
  backend?: ReturnType<SafeStorage['getSelectedStorageBackend']>;
  /** The keychain's own key: the same for two starts of one computer. */
  keychain?: Buffer;
}

/** What main did to the system outside, and what somebody at the screen would do. */
export interface ElectronDouble {
  electron: Electron;
  app: EventEmitter;
  opened: string[];
  badge: number[];
  progress: number[];
  menus: MenuItemConstructorOptions[][];
  trayMenu(): MenuItemConstructorOptions[];
  notices: { title: string; body: string; click(): void }[];
  quits(): number;
  /** What the next dialog answers. */
  answers: { path: string | null; button: number };
  asked(): number;
  window(): DoubleWindow;
  contents(): DoubleContents;
  options(): BrowserWindowConstructorOptions;
  invoke: Invoke;
  handlers: {
    permission: Parameters<Session['setPermissionRequestHandler']>[0];
    check: Parameters<Session['setPermissionCheckHandler']>[0];
  };
}

type Filter = (details: OnBeforeRequestListenerDetails, answer: (response: { cancel?: boolean }) => void) => void;
export type DoubleWindow = EventEmitter & { focused: boolean; hidden: boolean; close(): void };

/** The members of the electron module that main uses, each with the type that electron.d.ts gives it. */
export async function createElectronDouble(options: DoubleOptions): Promise<ElectronDouble> {
  const { context, userData, backend = 'gnome_libsecret', keychain = randomBytes(32) } = options;
  let invokeHandler: Parameters<IpcMain['handle']>[1] = () => null;
  let serve: Parameters<Protocol['handle']>[1] = () => new Response('', { status: 404 });
  let filter: Filter | null = null;
  let quits = 0;
  let asked = 0;
  let trayMenu: MenuItemConstructorOptions[] = [];
  let made: { window: DoubleWindow; options: BrowserWindowConstructorOptions } | undefined;
  const double: Pick<ElectronDouble, 'opened' | 'badge' | 'progress' | 'menus' | 'notices' | 'answers' | 'handlers'> = {
    ...{ opened: [], badge: [], progress: [], menus: [], notices: [] },
    answers: { path: null, button: 2 },
    handlers: { permission: null, check: null },
  };
  const invoke: Invoke = async (event, _channel, args) => {
    // Only what main reads of it.
    const whole = event as Parameters<typeof invokeHandler>[0];
    return invokeHandler(whole, ...args);
  };
  const contents = await openContents({
    context,
    preload: options.preload,
    serve: async (url, method) => serve(new Request(url, { method })),
    isCancelled(url) {
      let cancelled = false;
      // Only what main reads of it.
      filter?.({ url } as OnBeforeRequestListenerDetails, ({ cancel = false }) => {
        cancelled = cancel;
      });
      return cancelled;
    },
    invoke,
  });

  const app = Object.assign(new EventEmitter(), {
    isPackaged: true,
    ...({
      requestSingleInstanceLock: () => true,
      setAsDefaultProtocolClient: () => true,
      enableSandbox: () => {},
      getPath: () => userData,
      getLocale: () => 'en-US',
      getVersion: () => '0.1.0',
      whenReady: async () => {},
      setBadgeCount: (count = 0) => double.badge.push(count) > 0,
      exit: () => {},
      quit() {
        quits++;
        app.emit('before-quit', { preventDefault() {} });
        app.emit('will-quit', { preventDefault() {} });
      },
    } satisfies Partial<App>),
  });

  class Window extends EventEmitter {
    focused = true;
    hidden = false;
    readonly webContents = contents;
    constructor(given: BrowserWindowConstructorOptions) {
      super();
      made = { window: this, options: given };
    }
    isDestroyed = (): boolean => false;
    isFocused = (): boolean => this.focused;
    isMinimized = (): boolean => false;
    isMaximized = (): boolean => false;
    getNormalBounds = (): Rectangle => ({ x: 40, y: 40, width: 1000, height: 700 });
    setProgressBar = (value: number): void => void double.progress.push(value);
    maximize = (): void => {};
    restore = (): void => {};
    loadURL = (url: string): Promise<void> => contents.loadURL(url);
    show(): void {
      this.hidden = false;
    }
    hide(): void {
      this.hidden = true;
    }
    focus(): void {
      this.focused = true;
    }
    close(): void {
      let prevented = false;
      const preventDefault = (): void => {
        prevented = true;
      };
      this.emit('close', { preventDefault });
      if (!prevented) app.emit('window-all-closed');
    }
  }
  type Used =
    | 'isDestroyed'
    | 'isFocused'
    | 'isMinimized'
    | 'isMaximized'
    | 'getNormalBounds'
    | 'setProgressBar'
    | 'show'
    | 'hide'
    | 'focus'
    | 'maximize'
    | 'restore'
    | 'loadURL';
  Window satisfies new (
    given: BrowserWindowConstructorOptions,
  ) => Pick<BrowserWindow, Used>;

  class Notification extends EventEmitter {
    static isSupported = (): boolean => true;
    readonly given: NotificationConstructorOptions;
    constructor(given: NotificationConstructorOptions) {
      super();
      this.given = given;
    }
    show(): void {
      const { title = '', body = '' } = this.given;
      double.notices.push({ title, body, click: () => this.emit('click') });
    }
    close(): void {
      this.emit('close');
    }
  }

  class Tray extends EventEmitter {
    setToolTip = (): void => {};
    setContextMenu({ template }: { template: MenuItemConstructorOptions[] }): void {
      trayMenu = template;
    }
    destroy = (): void => {};
  }

  const electron = {
    app,
    BrowserWindow: Window,
    Notification,
    Tray,
    nativeImage: { createFromPath: () => ({}) },
    Menu: {
      buildFromTemplate: (template: MenuItemConstructorOptions[]) => ({ template }),
      setApplicationMenu: ({ template }: { template: MenuItemConstructorOptions[] }) =>
        void double.menus.push(template),
    },
    clipboard: { writeText: async () => {} } satisfies Partial<Clipboard>,
    dialog: {
      showSaveDialog: async () => ({ canceled: double.answers.path === null, filePath: double.answers.path ?? '' }),
      async showMessageBox() {
        asked++;
        return { response: double.answers.button, checkboxChecked: false };
      },
    } satisfies Partial<Dialog>,
    ipcMain: {
      handle(_, handler) {
        invokeHandler = handler;
      },
    } satisfies Partial<IpcMain>,
    powerMonitor: new EventEmitter(),
    protocol: {
      registerSchemesAsPrivileged: () => {},
      handle(_, handler) {
        serve = handler;
      },
    } satisfies Partial<Protocol>,
    safeStorage: {
      isEncryptionAvailable: () => true,
      getSelectedStorageBackend: () => backend,
      encryptString(text) {
        const iv = randomBytes(16);
        const cipher = createCipheriv('aes-256-cbc', keychain, iv);
        return Buffer.concat([iv, cipher.update(text, 'utf8'), cipher.final()]);
      },
      decryptString(sealed) {
        const decipher = createDecipheriv('aes-256-cbc', keychain, sealed.subarray(0, 16));
        return Buffer.concat([decipher.update(sealed.subarray(16)), decipher.final()]).toString('utf8');
      },
    } satisfies Partial<SafeStorage>,
    screen: { getAllDisplays: () => [{ workArea }] },
    session: {
      defaultSession: Object.assign(new EventEmitter(), {
        setPermissionRequestHandler(handler) {
          double.handlers.permission = handler;
        },
        setPermissionCheckHandler(handler) {
          double.handlers.check = handler;
        },
        setDevicePermissionHandler() {},
        webRequest: {
          onBeforeRequest(given: Filter) {
            filter = given;
          },
        },
      } satisfies Pick<
        Session,
        'setPermissionRequestHandler' | 'setPermissionCheckHandler' | 'setDevicePermissionHandler'
      > & { webRequest: object }),
    },
    shell: {
      showItemInFolder: (path) => void double.opened.push(path),
      async openExternal(url) {
        double.opened.push(url);
      },
      async openPath(path) {
        double.opened.push(path);
        return '';
      },
    } satisfies Partial<Shell>,
  };

  return {
    ...double,
    // It has what main uses and nothing more: each member is checked above against electron.d.ts.
    electron: electron as unknown as Electron,
    app,
    invoke,
    contents: () => contents,
    quits: () => quits,
    asked: () => asked,
    trayMenu: () => trayMenu,
    window: () => theMade().window,
    options: () => theMade().options,
  };

  function theMade() {
    if (!made) throw new Error('main has made no window yet');
    return made;
  }
}
