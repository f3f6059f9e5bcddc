import type { FollowedRun } from '@omanager/desktop-bridge';
import type { MenuItemConstructorOptions, Tray } from 'electron';
import type { Electron } from './electron.ts';
import type { DesktopTexts } from './texts.ts';

interface TrayOptions {
  icon: string;
  runs(): readonly FollowedRun[];
  texts(): DesktopTexts;
  noticesPaused(): boolean;
  onClick(): void;
  onShow(): void;
  onRun(run: FollowedRun): void;
  onPauseNotices(paused: boolean): void;
  onQuit(): void;
}

const most = 5;

/** Null where the desktop has no tray: then nothing offers to hide into it. */
export function createTray(
  { Tray, Menu, nativeImage }: Pick<Electron, 'Tray' | 'Menu' | 'nativeImage'>,
  options: TrayOptions,
): { update(): void; destroy(): void } | null {
  let tray: Tray;
  try {
    tray = new Tray(nativeImage.createFromPath(options.icon));
  } catch {
    return null;
  }
  const update = (): void => {
    const t = options.texts();
    const runs = options.runs();
    const entries = runs.slice(0, most).map(
      (run): MenuItemConstructorOptions => ({
        label: `${short(run.title)} ${run.done}/${run.total}`,
        click: () => options.onRun(run),
      }),
    );
    tray.setToolTip(runs.length === 0 ? 'OManager' : `OManager ◐ ${runs.length}`);
    tray.setContextMenu(
      Menu.buildFromTemplate([
        { label: t.show, click: options.onShow },
        { type: 'separator' },
        ...(entries.length > 0 ? entries : [{ label: t.noRuns, enabled: false }]),
        { type: 'separator' },
        {
          label: t.pauseNotices,
          type: 'checkbox',
          checked: options.noticesPaused(),
          click: ({ checked }) => options.onPauseNotices(checked),
        },
        { label: t.quit, click: options.onQuit },
      ]),
    );
  };
  tray.on('click', options.onClick);
  update();
  return { update, destroy: () => tray.destroy() };
}

const short = (title: string): string => (title.length > 40 ? `${title.slice(0, 39)}…` : title);
