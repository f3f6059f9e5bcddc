import { type RefObject, useEffect, useRef, useState } from 'react';
import { openScreen, type Screen } from '../../terminal/xterm.ts';
import { type CastFile, sizeOf } from './castFile.ts';
import type { Timeline } from './timeline.ts';

export interface Replay {
  /** In seconds of the time map. */
  readonly position: number;
  readonly playing: boolean;
  toggle(): void;
  seek(position: number): void;
}

/** So much is written at once: an emulator that is fed faster than it draws only queues. */
const mostAtOnce = 4096;

/** Writes a recording into an emulator as time goes by; going back begins anew and is written up to there. */
export function useReplay(
  box: RefObject<HTMLElement | null>,
  { cols, rows, events }: CastFile,
  timeline: Timeline,
  { speed, label, from }: { speed: number; label: string; from: number },
): Replay {
  const [position, setPosition] = useState(from);
  const [playing, setPlaying] = useState(false);
  const screen = useRef<Screen | null>(null);
  const written = useRef(0);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the emulator is made once for a file
  useEffect(() => {
    if (!box.current) return;
    const made = openScreen(box.current, { label, readOnly: true, size: { cols, rows } });
    screen.current = made;
    written.current = 0;
    return () => {
      screen.current = null;
      made.dispose();
    };
  }, [events]);

  useEffect(() => {
    const terminal = screen.current?.terminal;
    if (!terminal) return;
    const wanted = timeline.countAt(position);
    if (wanted < written.current) {
      terminal.reset();
      terminal.resize(cols, rows);
      written.current = 0;
    }
    let text = '';
    for (; written.current < wanted; written.current++) {
      const event = events[written.current];
      if (event?.code === 'o') text += event.data;
      const size = event?.code === 'r' ? sizeOf(event.data) : null;
      if (size === null && text.length < mostAtOnce * 16) continue;
      terminal.write(text);
      text = '';
      if (size) terminal.write('', () => terminal.resize(size.cols, size.rows));
    }
    if (text !== '') terminal.write(text);
  }, [position, timeline, events, cols, rows]);

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
    toggle() {
      if (!playing && isOver) setPosition(0);
      setPlaying(!playing);
    },
    seek: (wanted) => setPosition(Math.min(timeline.duration, Math.max(0, wanted))),
  };
}
