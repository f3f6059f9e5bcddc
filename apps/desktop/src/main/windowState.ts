import { join } from 'node:path';
import type { BrowserWindow } from 'electron';
import { type WindowState, windowStateSchema } from './bounds.ts';
import { readJson, writePrivate } from './files.ts';

const settleMs = 1000;

/** Size, place and page of the window, kept in the folder given. */
export function createWindowState(folder: string): { read(): WindowState | null; follow(window: BrowserWindow): void } {
  const path = join(folder, 'window.json');
  return {
    read: () => windowStateSchema.safeParse(readJson(path)).data ?? null,
    follow(window) {
      let timer: ReturnType<typeof setTimeout> | undefined;
      const save = (): void => {
        clearTimeout(timer);
        if (window.isDestroyed()) return;
        const url = window.webContents.getURL();
        const state: WindowState = { bounds: window.getNormalBounds(), maximized: window.isMaximized(), url };
        writePrivate(path, JSON.stringify(state));
      };
      const soon = (): void => {
        clearTimeout(timer);
        timer = setTimeout(save, settleMs);
      };
      window.on('resize', soon);
      window.on('move', soon);
      window.webContents.on('did-navigate-in-page', soon);
      window.on('close', save);
      window.on('closed', () => clearTimeout(timer));
    },
  };
}
