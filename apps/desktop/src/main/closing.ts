import type { BrowserWindow } from 'electron';
import type { Electron } from './electron.ts';
import type { DesktopTexts } from './texts.ts';

/** Runs are followed: they go on without this window, and people may still want to hear of them. */
export async function closeOrKeep(
  { app, dialog }: Pick<Electron, 'app' | 'dialog'>,
  window: BrowserWindow,
  t: DesktopTexts,
): Promise<void> {
  const { response } = await dialog.showMessageBox(window, {
    type: 'question',
    message: t.attached,
    detail: t.attachedDetail,
    buttons: [t.keepInTray, t.quitNow, t.cancel],
    defaultId: 0,
    cancelId: 2,
    noLink: true,
  });
  if (response === 0) window.hide();
  if (response === 1) app.quit();
}
