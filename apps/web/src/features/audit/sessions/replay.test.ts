import { expect, it } from 'vitest';
import { createCastReader, sizeOf } from './castFile.ts';
import { createTimeline } from './timeline.ts';
import { transcriptOf } from './transcript.ts';

const file = [
  '{"version":2,"width":100,"height":30}',
  '[0.5,"o","\\u001b[1mops@web\\u001b[0m:~$ "]',
  '[1,"o","lss\\b \\b"]',
  '[61,"m",""]',
  '[61,"o","\\r\\n中文.txt\\r\\n\\u001b[3"]',
  '[62,"o","1mred\\u001b[0m\\r\\n"]',
  '[63,"r","132x43"]',
  '[64,"o","$ "]',
  '[64,"m","ended: idle"]',
  '',
].join('\n');

it('reads a recording, whole lines at a time', () => {
  const reader = createCastReader();
  expect(reader.add(file)).toBe(true);
  const { cols, rows, events } = reader.file();
  expect([cols, rows, events.length]).toEqual([100, 30, 8]);
  expect(sizeOf(events[5]?.data ?? '')).toEqual({ cols: 132, rows: 43 });
  expect(sizeOf('a')).toBeNull();
});

it('idle time is cut short for events, markers and transcript alike', () => {
  const events = [0.5, 1, 61, 61, 62, 63].map((at) => ({ at }));
  const whole = createTimeline(events, null);
  const short = createTimeline(events, 2);
  expect([whole.duration, short.duration]).toEqual([63, 5]);
  expect([whole.positionOf(2), short.positionOf(2)]).toEqual([61, 3]);
  for (const timeline of [whole, short])
    for (const index of events.keys()) expect(timeline.countAt(timeline.positionOf(index))).toBeGreaterThan(index);
  expect([short.countAt(0), short.countAt(2.9), short.countAt(3), short.countAt(99)]).toEqual([0, 2, 4, 6]);
});

it('a transcript has the lines as they stood, and says which were commands', () => {
  const reader = createCastReader();
  reader.add(file);
  expect(transcriptOf(reader.file().events)).toEqual([
    { event: 0, text: 'ops@web:~$ ls', command: true },
    { event: 3, text: '中文.txt', command: false },
    { event: 4, text: 'red', command: false },
    { event: 6, text: '$ ', command: false },
  ]);
});
