import { type RefObject, useEffect, useMemo, useState } from 'react';
import { openScreen } from '../../terminal/xterm.ts';
import type { CastFile } from './castFile.ts';
import { createFeeder } from './feeder.ts';
import type { Timeline } from './timeline.ts';

export interface Replay {
  /** In seconds of the time map. */
  readonly position: number;
  readonly playing: boolean;
  /** The emulator is still being brought to the position. */
  readonly behind: boolean;
  toggle(): void;
  seek(position: number): void;
}

/** Writes a recording into an emulator as time goes by; going back begins anew and is written up to there. */
export function useReplay(
  box: RefObject<HTMLElement | null>,
  file: CastFile,
  timeline: Timeline,
  { speed, label, from }: { speed: number; label: string; from: number },
): Replay {
  const [position, setPosition] = useState(from);
  const [playing, setPlaying] = useState(false);
  const [behind, setBehind] = useState(false);
  const feeder = useMemo(() => createFeeder(file, setBehind), [file]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the emulator is made once for a file
  useEffect(() => {
    if (!box.current) return;
    const { cols, rows } = file;
    const { terminal, dispose } = openScreen(box.current, { label, readOnly: true, size: { cols, rows } });
    feeder.into({
      write: (text, done) => terminal.write(text, done),
      reset: () => terminal.reset(),
      resize: (cols, rows) => terminal.resize(cols, rows),
    });
    return () => {
      feeder.into(null);
      dispose();
    };
  }, [feeder]);

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

  const isOver = position >= timeline.duration;
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
    seek: (wanted) => setPosition(Math.min(timeline.duration, Math.max(0, wanted))),
  };
}
