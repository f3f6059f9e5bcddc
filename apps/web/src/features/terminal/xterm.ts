import '@xterm/xterm/css/xterm.css';
import { FitAddon } from '@xterm/addon-fit';
import { SearchAddon } from '@xterm/addon-search';
import type { ITheme, Terminal } from '@xterm/xterm';
import { pageNonce } from '../../app/nonce.ts';
import { createEmulator } from './emulator.ts';

export interface Screen {
  readonly terminal: Terminal;
  readonly search: SearchAddon;
  /** As many columns and rows as there is room for. */
  fit(): void;
  dispose(): void;
}

interface Options {
  label: string;
  /** Shows only: nothing can be typed. */
  readOnly?: boolean;
  size?: { cols: number; rows: number };
  /** Lines that are kept above the screen. */
  scrollback?: number;
}

const fontSize = 13;
const usualScrollback = 5000;

/** An emulator in this element. */
export function openScreen(
  element: HTMLElement,
  { label, readOnly = false, size, scrollback = usualScrollback }: Options,
): Screen {
  const terminal = createEmulator({
    ...size,
    disableStdin: readOnly,
    cursorBlink: !readOnly,
    fontFamily: tokenOf('--mono') || 'monospace',
    fontSize,
    scrollback,
    minimumContrastRatio: 4.5,
    theme: themeOfNow(),
    screenReaderMode: false,
    macOptionIsMeta: true,
    rightClickSelectsWord: false,
  });
  const fitting = new FitAddon();
  const search = new SearchAddon();
  terminal.loadAddon(fitting);
  terminal.loadAddon(search);
  openWithNonce(terminal, element);
  terminal.textarea?.setAttribute('aria-label', label);
  const colours = new MutationObserver(() => {
    terminal.options.theme = themeOfNow();
  });
  colours.observe(document.documentElement, { attributes: true, attributeFilter: ['data-mantine-color-scheme'] });
  return {
    terminal,
    search,
    fit: () => fitting.fit(),
    dispose() {
      colours.disconnect();
      terminal.dispose();
    },
  };
}

const tokenOf = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function themeOfNow(): ITheme {
  const ansi = (n: number) => tokenOf(`--ansi-${n}`);
  return {
    background: tokenOf('--output'),
    foreground: tokenOf('--text'),
    cursor: tokenOf('--accent'),
    cursorAccent: tokenOf('--output'),
    selectionBackground: tokenOf('--selection'),
    selectionForeground: tokenOf('--text'),
    ...{ black: ansi(0), red: ansi(1), green: ansi(2), yellow: ansi(3) },
    ...{ blue: ansi(4), magenta: ansi(5), cyan: ansi(6), white: ansi(7) },
    ...{ brightBlack: ansi(8), brightRed: ansi(9), brightGreen: ansi(10), brightYellow: ansi(11) },
    ...{ brightBlue: ansi(12), brightMagenta: ansi(13), brightCyan: ansi(14), brightWhite: ansi(15) },
  };
}

/**
 * The page's policy lets style elements in by their nonce, and takes styles that are set, not those that are written as
 * an attribute. The emulator makes its style elements while it opens, and writes true colours on its spans.
 */
function openWithNonce(terminal: Terminal, element: HTMLElement): void {
  const { createElement } = Document.prototype;
  const withNonce = (name: string, options?: ElementCreationOptions) => {
    const made = createElement.call(document, name, options);
    if (made instanceof HTMLStyleElement) made.nonce = pageNonce();
    return made;
  };
  HTMLSpanElement.prototype.setAttribute = setStyleOrAttribute;
  Object.defineProperty(document, 'createElement', { value: withNonce, configurable: true });
  try {
    terminal.open(element);
  } finally {
    Reflect.deleteProperty(document, 'createElement');
  }
}

function setStyleOrAttribute(this: HTMLSpanElement, name: string, value: string): void {
  if (name === 'style') this.style.cssText = value;
  else Element.prototype.setAttribute.call(this, name, value);
}
