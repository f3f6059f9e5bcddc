import { Unicode11Addon } from '@xterm/addon-unicode11';
import { type ITerminalInitOnlyOptions, type ITerminalOptions, Terminal } from '@xterm/xterm';
import { guardEmulator } from './emulatorGuards.ts';

/** An emulator that is not shown yet. What a server says can neither stop it, nor reach the clipboard, nor make links. */
export function createEmulator(options: ITerminalOptions & ITerminalInitOnlyOptions): Terminal {
  const terminal = new Terminal({ ...options, allowProposedApi: true });
  terminal.loadAddon(new Unicode11Addon());
  terminal.unicode.activeVersion = '11';
  // 8: links, 52: the clipboard. Taken here, they do nothing.
  for (const osc of [8, 52]) terminal.parser.registerOscHandler(osc, () => true);
  guardEmulator(terminal);
  return terminal;
}
