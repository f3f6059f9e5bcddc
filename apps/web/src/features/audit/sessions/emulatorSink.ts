import type { Terminal } from '@xterm/xterm';
import { clear, type EmulatorState, restore, stateOf } from './emulatorState.ts';
import type { Sink } from './feeder.ts';

/** An emulator for a feeder. */
export function sinkOf(terminal: Terminal): Sink<EmulatorState> {
  clear(terminal, terminal);
  return {
    write: (output, done) => terminal.write(output, done),
    clear: (size) => clear(terminal, size),
    resize: ({ cols, rows }) => terminal.resize(cols, rows),
    state() {
      const state = stateOf(terminal);
      return state && { state, bytes: state.bytes };
    },
    restore: (state) => restore(terminal, state),
  };
}
