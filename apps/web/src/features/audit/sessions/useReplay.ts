import { type RefObject, useEffect, useMemo, useRef, useState } from 'react';
import { openScreen } from '../../terminal/xterm.ts';
import type { Cast } from './cast.ts';
import { sinkOf } from './emulatorSink.ts';
import type { EmulatorState } from './emulatorState.ts';
import { createFeeder } from './feeder.ts';
import { createReadAhead, replayScrollback } from './readAhead.ts';
import { createSnapshots } from './snapshots.ts';
import type { Timeline } from './timeline.ts';

export interface Replay {
  /** In seconds of the time map. */
  readonly position: number;
  readonly playing: boolean;
  /** How far the emulator is on its way to the position, from 0 to 1; null: it is there. */
  readonly behind: number | null;
  toggle(): void;
  seek(position: number): void;
  /** Stays where it is instead. */
  cancel(): void;
}

interface Options {
  cast: Cast;
  /** Events that have arrived. */
  count: number;
  isWhole: boolean;
  timeline: Timeline;
  speed: number;
  label: string;
}

function createFeeders(cast: Cast, onBehind: (share: number | null) => void) {
  const snapshots = createSnapshots<EmulatorState>();
  const readAhead = createReadAhead(cast, snapshots, () => feeder.look());
  const feeder = createFeeder({ cast, snapshots, isAwaited: readAhead.isOnTheWay, onBehind });
  return { feeder, readAhead };
}

/** Writes a recording into an emulator as time goes by; places far away are reached from the snapshot before. */
export function useReplay(
  box: RefObject<HTMLElement | null>,
  { cast, count, isWhole, timeline, speed, label }: Options,
): Replay {
  const [position, setPosition] = useState(0);
  const [playing, setPlaying] = useState(false);
  const [behind, setBehind] = useState<number | null>(null);
  /** Where it was before a place that is not reached yet. */
  const before = useRef(0);
  const { feeder, readAhead } = useMemo(() => createFeeders(cast, setBehind), [cast]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the emulator is made once for a recording
  useEffect(() => {
    if (!box.current) return;
    const { cols, rows } = cast;
    const { terminal, dispose } = openScreen(box.current, {
      ...{ label, readOnly: true, size: { cols, rows }, scrollback: replayScrollback },
    });
    feeder.into(sinkOf(terminal));
    return () => {
      feeder.into(null);
      readAhead.stop();
      dispose();
    };
  }, [feeder]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: whenever more has arrived
  useEffect(() => readAhead.go(), [readAhead, count]);

  useEffect(() => feeder.showUpTo(timeline.countAt(position)), [position, timeline, feeder]);

  useEffect(() => {
    if (!playing) return;
    let last = performance.now();
    let frame = requestAnimationFrame(step);
    function step(now: number) {
      const passed = ((now - last) / 1000) * speed;
      last = now;
      setPosition((before) => Math.min(timeline.duration, before + passed));
      frame = requestAnimationFrame(step);
    }
    return () => cancelAnimationFrame(frame);
  }, [playing, speed, timeline]);

  const isOver = isWhole && position >= timeline.duration;
  useEffect(() => {
    if (isOver) setPlaying(false);
  }, [isOver]);

  return {
    position,
    playing,
    behind,
    toggle() {
      if (!playing && isOver) setPosition(0);
      setPlaying(!playing);
    },
    seek(wanted) {
      if (behind === null) before.current = position;
      setPosition(Math.min(timeline.duration, Math.max(0, wanted)));
    },
    cancel() {
      setPlaying(false);
      setPosition(before.current);
    },
  };
}
