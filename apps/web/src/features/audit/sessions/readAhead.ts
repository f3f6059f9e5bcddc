import type { Terminal } from '@xterm/xterm';
import { createEmulator } from '../../terminal/emulator.ts';
import type { Cast } from './cast.ts';
import { sinkOf } from './emulatorSink.ts';
import type { EmulatorState } from './emulatorState.ts';
import { createFeeder, type Feeder } from './feeder.ts';
import type { Snapshots } from './snapshots.ts';

/** Lines that a replay keeps above its screen; the transcript has all. */
export const replayScrollback = 1000;

export interface ReadAhead {
  /** What has arrived meanwhile. */
  go(): void;
  /** Whether it comes to these events, and is not there yet. */
  isOnTheWay(events: number): boolean;
  stop(): void;
}

/**
 * Goes through a recording once with an emulator that nobody sees, and leaves snapshots: then no place of it is far. The
 * emulator takes turns with the page by itself; what is short needs no snapshots.
 */
export function createReadAhead(cast: Cast, snapshots: Snapshots<EmulatorState>, onStep: () => void): ReadAhead {
  let terminal: Terminal | null = null;
  let goal = 0;
  const feeder: Feeder<EmulatorState> = createFeeder({ cast, snapshots, keeps: true, onBehind: onStep });

  function begin(): void {
    const { cols, rows } = cast;
    terminal = createEmulator({ cols, rows, scrollback: replayScrollback, logLevel: 'off' });
    feeder.into(sinkOf(terminal));
  }
  return {
    go() {
      goal = cast.count;
      if (cast.startOf(goal) < snapshots.interval) return;
      feeder.showUpTo(goal);
      if (!terminal) begin();
    },
    isOnTheWay: (events) => terminal !== null && events <= goal && feeder.shown < events,
    stop() {
      feeder.into(null);
      terminal?.dispose();
      terminal = null;
    },
  };
}
