import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Event, HandlerDetails, IpcMainInvokeEvent, Rectangle, WindowOpenHandlerResponse } from 'electron';
import type { BrowserContext, Frame, Page, Route } from 'playwright-core';

/** The page's own scheme, and where Chromium finds it: a scheme of our own it does not know without Electron. */
const scheme = 'omanager-app://app';
const stand = 'http://omanager-app.localhost';
const outward = (url: string): string => (url.startsWith(stand) ? scheme + url.slice(stand.length) : url);
const inward = (url: string): string => (url.startsWith(scheme) ? stand + url.slice(scheme.length) : url);

export type Invoke = (
  event: Pick<IpcMainInvokeEvent, 'sender' | 'senderFrame'>,
  channel: string,
  args: readonly unknown[],
) => Promise<unknown>;

export interface PageWiring {
  context: BrowserContext;
  preload: string;
  serve(url: string, method: string): Promise<Response>;
  /** What the session's filter says to a request. */
  isCancelled(url: string): boolean;
  invoke: Invoke;
}

/** What main sees of a page: the members of Electron's WebContents that it uses, over a real page of Chromium. */
export interface DoubleContents extends EventEmitter {
  page(): Page;
  readonly mainFrame: { readonly url: string };
  getURL(): string;
  send(channel: string, event: unknown): void;
  setWindowOpenHandler(handler: (details: HandlerDetails) => WindowOpenHandlerResponse): void;
  loadURL(url: string): Promise<void>;
  /** Requests that left neither to the page's own files nor were refused: there must be none. */
  readonly escaped: string[];
}

/** The preload as Electron runs it, but for its world of its own: that only Electron has. */
function preloadScript(path: string): string {
  return `(() => {
    if (window.top !== window || location.origin !== ${JSON.stringify(stand)}) return;
    const listeners = new Map();
    const of = (channel) => listeners.get(channel) ?? listeners.set(channel, new Set()).get(channel);
    Object.defineProperty(window, '__hear', { value: (channel, event) => { for (const one of of(channel)) one({}, event); } });
    const electron = {
      contextBridge: { exposeInMainWorld: (name, api) => Object.defineProperty(window, name, { value: Object.freeze(api) }) },
      ipcRenderer: {
        invoke: (channel, ...args) => window.__invoke(channel, JSON.stringify(args)),
        on: (channel, listener) => of(channel).add(listener),
        off: (channel, listener) => of(channel).delete(listener),
      },
    };
    const need = (name) => { if (name === 'electron') return electron; throw new Error('a sandboxed preload has no ' + name); };
    ((require) => { ${readFileSync(path, 'utf8')} })(need);
  })();`;
}

export async function openContents(wiring: PageWiring): Promise<DoubleContents> {
  const { context, serve, isCancelled, invoke } = wiring;
  const page = await context.newPage();
  const escaped: string[] = [];
  let loading = false;
  let openHandler = (_: HandlerDetails): WindowOpenHandlerResponse => ({ action: 'allow' });
  let sending: Promise<unknown> = Promise.resolve();
  const mainFrame = {
    get url() {
      return outward(page.url());
    },
  };
  const contents: DoubleContents = Object.assign(new EventEmitter(), {
    page: () => page,
    mainFrame,
    escaped,
    getURL: () => outward(page.url()),
    send(channel: string, event: unknown) {
      const said = JSON.stringify(event);
      sending = sending
        .then(() =>
          page.evaluate(([to, text]) => Reflect.get(globalThis, '__hear')?.(to, JSON.parse(text)), [
            channel,
            said,
          ] as const),
        )
        // A page that is gone or loads anew hears nothing, as in Electron.
        .catch(() => {});
    },
    setWindowOpenHandler(handler: (details: HandlerDetails) => WindowOpenHandlerResponse) {
      openHandler = handler;
    },
    async loadURL(url: string) {
      loading = true;
      contents.emit('did-start-navigation', { isMainFrame: true, isSameDocument: false, url });
      try {
        await page.goto(inward(url));
      } finally {
        loading = false;
      }
    },
  });

  await page.exposeBinding('__invoke', async ({ frame }, channel: string, args: string) => {
    const senderFrame = frame === page.mainFrame() ? mainFrame : { url: outward(frame.url()) };
    // The double is these for main: it compares them and reads their address.
    const event = { sender: contents, senderFrame } as unknown as IpcMainInvokeEvent;
    const read: unknown = JSON.parse(args);
    return invoke(event, channel, Array.isArray(read) ? read : []);
  });
  await page.addInitScript({ content: preloadScript(wiring.preload) });
  await context.route('**/*', (route) => onRequest(route));
  page.on('framenavigated', (frame) => {
    if (frame === page.mainFrame()) contents.emit('did-navigate-in-page');
  });
  return contents;

  async function onRequest(route: Route): Promise<void> {
    const request = route.request();
    const url = outward(request.url());
    const frame = frameOf(route);
    if (frame?.page() !== page) {
      // A new window: Electron asks before it makes one.
      const { action } = openHandler({
        url,
        frameName: '',
        features: '',
        disposition: 'new-window',
        referrer: { url: '', policy: 'default' },
      });
      if (action === 'allow') escaped.push(url);
      await route.abort('aborted');
      await frame?.page().close();
      return;
    }
    const isMainFrame = frame === page.mainFrame();
    if (request.isNavigationRequest() && !loading) {
      const event = eventOf(url, isMainFrame);
      contents.emit('will-frame-navigate', event);
      if (isMainFrame) contents.emit('will-navigate', event);
      if (event.defaultPrevented) return route.abort('aborted');
      if (isMainFrame) contents.emit('did-start-navigation', { isMainFrame, isSameDocument: false, url });
    }
    if (isCancelled(url)) return route.abort('blockedbyclient');
    if (!url.startsWith(scheme)) {
      escaped.push(url);
      return route.abort();
    }
    const answer = await serve(url, request.method());
    const body = Buffer.from(await answer.arrayBuffer());
    await route.fulfill({ status: answer.status, headers: Object.fromEntries(answer.headers), body });
  }
}

/** A request of a page that is just being made has no frame yet. */
function frameOf(route: Route): Frame | null {
  try {
    return route.request().frame();
  } catch {
    return null;
  }
}

interface DoubleEvent extends Pick<Event, 'preventDefault' | 'defaultPrevented'> {
  url: string;
  isMainFrame: boolean;
  defaultPrevented: boolean;
}

function eventOf(url: string, isMainFrame: boolean): DoubleEvent {
  const event: DoubleEvent = {
    url,
    isMainFrame,
    defaultPrevented: false,
    preventDefault() {
      event.defaultPrevented = true;
    },
  };
  return event;
}

export const workArea: Rectangle = { x: 0, y: 0, width: 1440, height: 900 };
