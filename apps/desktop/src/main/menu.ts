import type { MenuCommand } from '@omanager/desktop-bridge';
import type { MenuItemConstructorOptions } from 'electron';
import type { Electron } from './electron.ts';
import type { DesktopTexts } from './texts.ts';

export interface MenuActions {
  /** Tells the page; it shows something. Nothing in a menu runs a module. */
  command(command: MenuCommand): void;
  quit(): void;
  openLogs(): void;
  copyDiagnostics(): void;
  checkUpdate(): void;
}

/** The native menu, in the language of the page. */
export function setMenu(
  { Menu }: Pick<Electron, 'Menu'>,
  t: DesktopTexts,
  platform: NodeJS.Platform,
  on: MenuActions,
): void {
  Menu.setApplicationMenu(Menu.buildFromTemplate(menuTemplate(t, platform, on)));
}

function menuTemplate(t: DesktopTexts, platform: NodeJS.Platform, on: MenuActions): MenuItemConstructorOptions[] {
  const line: MenuItemConstructorOptions = { type: 'separator' };
  const item = (label: string, command: MenuCommand, accelerator?: string): MenuItemConstructorOptions => ({
    label,
    click: () => on.command(command),
    ...(accelerator === undefined ? {} : { accelerator }),
  });
  const quit: MenuItemConstructorOptions = { label: t.quit, accelerator: 'CmdOrCtrl+Q', click: on.quit };

  return [
    ...(platform === 'darwin'
      ? [{ label: 'OManager', submenu: [{ role: 'about' as const, label: t.about }, line, quit] }]
      : []),
    {
      label: t.file,
      submenu: [
        item(t.saveOutput, 'save', 'CmdOrCtrl+S'),
        item(t.clearOutput, 'clear', 'CmdOrCtrl+L'),
        line,
        item(t.switchServer, 'switchServer'),
        item(t.settings, 'settings', 'CmdOrCtrl+,'),
        ...(platform === 'darwin' ? [] : [line, quit]),
      ],
    },
    {
      label: t.edit,
      submenu: [
        { role: 'undo' },
        { role: 'redo' },
        line,
        { role: 'cut' },
        { role: 'copy' },
        { role: 'paste' },
        { role: 'selectAll' },
        line,
        item(t.find, 'find', 'CmdOrCtrl+F'),
      ],
    },
    {
      label: t.view,
      submenu: [
        item(t.palette, 'palette', 'CmdOrCtrl+K'),
        line,
        item(t.pageRun, 'run', 'CmdOrCtrl+1'),
        item(t.runs, 'runs', 'CmdOrCtrl+2'),
        item(t.audit, 'audit', 'CmdOrCtrl+3'),
        item(t.servers, 'servers', 'CmdOrCtrl+4'),
        item(t.modules, 'modules', 'CmdOrCtrl+5'),
        item(t.admin, 'admin', 'CmdOrCtrl+6'),
        line,
        item(t.sidebar, 'sidebar', 'CmdOrCtrl+B'),
        item(t.output, 'output', 'CmdOrCtrl+J'),
        line,
        { role: 'zoomIn', label: t.zoomIn },
        { role: 'zoomOut', label: t.zoomOut },
        { role: 'resetZoom', label: t.zoomReset },
        { role: 'togglefullscreen', label: t.fullScreen },
      ],
    },
    {
      label: t.modules,
      submenu: [
        item(t.system, 'family.system'),
        item(t.service, 'family.service'),
        item(t.files, 'family.file'),
        item(t.package, 'family.package'),
        item(t.user, 'family.user'),
      ],
    },
    {
      label: t.run,
      submenu: [
        item(t.review, 'run', 'F5'),
        item(t.check, 'check', 'CmdOrCtrl+Shift+Enter'),
        line,
        item(t.readOnly, 'readOnly', 'CmdOrCtrl+Shift+L'),
      ],
    },
    {
      label: t.window,
      submenu: [
        item(t.closeTab, 'closeTab', 'CmdOrCtrl+W'),
        line,
        { role: 'minimize', label: t.minimize },
        { role: 'close', label: t.close, accelerator: 'CmdOrCtrl+Shift+W' },
      ],
    },
    {
      label: t.help,
      submenu: [
        item(t.keys, 'keys', 'F1'),
        line,
        { label: t.logs, click: on.openLogs },
        { label: t.diagnostics, click: on.copyDiagnostics },
        { label: t.checkUpdate, click: on.checkUpdate },
        ...(platform === 'darwin' ? [] : [{ role: 'about' as const, label: t.about }]),
      ],
    },
  ];
}
