import type { BrowserWindow } from 'electron';
import type { Electron } from './electron.ts';
import type { DesktopTexts } from './texts.ts';

const asked = new WeakSet<BrowserWindow>();

/**
 * Runs are followed: they go on without this window, and people may still want to hear of them. Asked once: who closes the
 * window again meanwhile is not asked again.
 */
export async function closeOrKeep(
  { app, dialog }: Pick<Electron, 'app' | 'dialog'>,
  window: BrowserWindow,
  t: DesktopTexts,
): Promise<void> {
  if (asked.has(window)) return;
  asked.add(window);
  const { response } = await dialog
    .showMessageBox(window, {
      type: 'question',
      message: t.attached,
      detail: t.attachedDetail,
      buttons: [t.keepInTray, t.quitNow, t.cancel],
      defaultId: 0,
      cancelId: 2,
      noLink: true,
    })
    .finally(() => asked.delete(window));
  if (response === 0) window.hide();
  if (response === 1) app.quit();
}
