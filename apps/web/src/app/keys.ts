/** Where a key stands in the sheet of help. */
export const keyGroups = ['everywhere', 'go', 'panels', 'compose', 'list', 'output', 'runPage'] as const;
export type KeyGroup = (typeof keyGroups)[number];

export interface Key {
  readonly group: KeyGroup;
  /** `Ctrl+K`; `g r` is one after the other; Ctrl is ⌘ on a Mac. None: only in the palette and in menus. */
  readonly combos: readonly string[];
  /** Where the desktop differs: a browser keeps some keys for itself. */
  readonly desktop?: readonly string[];
  /** No line in the palette: it is shown there otherwise, or could begin something. */
  readonly silent?: true;
}

/**
 * All that keys, menus and the palette's commands can do: the sheet of help, tooltips and handlers read this one table.
 * Nothing in it runs a module by itself. Never here: what Chinese input methods own (Ctrl+Space, Ctrl+. , Shift alone,
 * Ctrl+Shift+F), and in the browser Ctrl+W, Ctrl+T, Ctrl+N and Ctrl+Tab.
 */
export const keys = {
  palette: { group: 'everywhere', combos: ['Ctrl+K'], silent: true },
  commands: { group: 'everywhere', combos: ['Ctrl+Shift+P', ':'], silent: true },
  goto: { group: 'everywhere', combos: ['Ctrl+P'], silent: true },
  keys: { group: 'everywhere', combos: ['?'], desktop: ['?', 'F1'] },
  back: { group: 'everywhere', combos: ['Escape'], silent: true },
  nextRegion: { group: 'everywhere', combos: ['F6'], silent: true },
  previousRegion: { group: 'everywhere', combos: ['Shift+F6'], silent: true },
  readOnly: { group: 'everywhere', combos: ['Ctrl+Shift+L'] },
  switchServer: { group: 'everywhere', combos: [] },

  goRun: { group: 'go', combos: ['g r'], desktop: ['Ctrl+1', 'g r'], silent: true },
  goRuns: { group: 'go', combos: ['g l'], desktop: ['Ctrl+2', 'g l'], silent: true },
  goAudit: { group: 'go', combos: ['g a'], desktop: ['Ctrl+3', 'g a'], silent: true },
  goServers: { group: 'go', combos: ['g s'], desktop: ['Ctrl+4', 'g s'], silent: true },
  goModules: { group: 'go', combos: ['g m'], desktop: ['Ctrl+5', 'g m'], silent: true },
  goAdmin: { group: 'go', combos: ['g d'], desktop: ['Ctrl+6', 'g d'], silent: true },
  goSettings: { group: 'go', combos: ['g e'], desktop: ['Ctrl+,', 'g e'], silent: true },
  inbox: { group: 'go', combos: ['g i'] },
  nextTab: { group: 'go', combos: ['Ctrl+PageDown'], silent: true },
  previousTab: { group: 'go', combos: ['Ctrl+PageUp'], silent: true },
  tabByNumber: {
    group: 'go',
    combos: ['Alt+1', 'Alt+2', 'Alt+3', 'Alt+4', 'Alt+5', 'Alt+6', 'Alt+7', 'Alt+8', 'Alt+9'],
    silent: true,
  },
  closeTab: { group: 'go', combos: [], desktop: ['Ctrl+W'] },

  sidebar: { group: 'panels', combos: ['Ctrl+B'] },
  output: { group: 'panels', combos: ['Ctrl+J'] },
  save: { group: 'panels', combos: ['Ctrl+S'] },
  /** In the browser Ctrl+L is the address bar's, but for where output has the focus. */
  clear: { group: 'panels', combos: ['Alt+L'], desktop: ['Ctrl+L', 'Alt+L'] },

  run: { group: 'compose', combos: ['Ctrl+Enter'], desktop: ['Ctrl+Enter', 'F5'], silent: true },
  check: { group: 'compose', combos: ['Ctrl+Shift+Enter'], silent: true },

  filter: { group: 'list', combos: ['/'] },
  down: { group: 'list', combos: ['j'], silent: true },
  up: { group: 'list', combos: ['k'], silent: true },
  top: { group: 'list', combos: ['g g'], silent: true },
  bottom: { group: 'list', combos: ['Shift+G'], silent: true },
  select: { group: 'list', combos: ['x'], silent: true },

  find: { group: 'output', combos: ['Ctrl+F'] },
  findNext: { group: 'output', combos: ['F3'], silent: true },
  findPrevious: { group: 'output', combos: ['Shift+F3'], silent: true },
  wrap: { group: 'output', combos: ['w'] },
  timestamps: { group: 'output', combos: ['t'] },
  follow: { group: 'output', combos: ['f'] },
  copyLines: { group: 'output', combos: ['y y'] },
  copyLink: { group: 'output', combos: ['y l'] },
  copyHosts: { group: 'output', combos: ['y h'] },
  diff: { group: 'output', combos: ['d'] },
  nextChange: { group: 'output', combos: ['Alt+ArrowDown'], silent: true },

  nextFailed: { group: 'runPage', combos: ['n'] },
  previousFailed: { group: 'runPage', combos: ['p'] },
  retry: { group: 'runPage', combos: ['Shift+R'] },
  stop: { group: 'runPage', combos: ['Shift+S'] },
  runAgain: { group: 'runPage', combos: [] },
} as const satisfies Record<string, Key>;

export type KeyName = keyof typeof keys;
// `Object.keys` of this very table.
export const keyNames = Object.keys(keys) as readonly KeyName[];

/** The combos of here: the desktop has some that a browser keeps. */
export function combosOf(name: KeyName, onDesktop: boolean): readonly string[] {
  const key: Key = keys[name];
  return (onDesktop ? key.desktop : undefined) ?? key.combos;
}
