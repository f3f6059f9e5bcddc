import { expect, it } from 'vitest';
import { createFeeder, type Sink } from './feeder.ts';

/** Draws what it was given when it is told to, in order, and notes what happened. */
function createSink() {
  const waiting: { text: string; done: () => void }[] = [];
  const seen: string[] = [];
  const sink: Sink = {
    write: (text, done) => void waiting.push({ text, done }),
    reset: () => void seen.push('reset'),
    resize: (cols, rows) => void seen.push(`${cols}x${rows}`),
  };
  return {
    sink,
    seen,
    waiting,
    draw() {
      const first = waiting.shift();
      if (!first) return false;
      seen.push(first.text);
      first.done();
      return true;
    },
  };
}
const out = (data: string) => ({ at: 0, code: 'o', data });

it('writes up to where it is wanted, with resizes in their place', () => {
  const events = [out('a'), out('b'), { at: 1, code: 'r', data: '100x40' }, { at: 1, code: 'm', data: '' }, out('c')];
  const feeder = createFeeder({ cols: 80, rows: 24, events });
  const { sink, seen, draw } = createSink();
  feeder.into(sink);
  feeder.showUpTo(5);
  while (draw());
  expect(seen).toEqual(['ab', '100x40', 'c']);
});

it('never has more on its way than an emulator takes, however far it is to go', () => {
  const events = Array.from({ length: 200 }, () => out('x'.repeat(100_000)));
  const told: boolean[] = [];
  const feeder = createFeeder({ cols: 80, rows: 24, events }, (behind) => told.push(behind));
  const { sink, seen, waiting, draw } = createSink();
  feeder.into(sink);
  feeder.showUpTo(200);
  do expect(waiting.reduce((sum, { text }) => sum + text.length, 0)).toBeLessThan(400_000);
  while (draw());
  expect(seen.reduce((sum, text) => sum + text.length, 0)).toBe(20_000_000);
  expect(told).toEqual([true, false]);
});

it('goes back without anything of before coming after the beginning', () => {
  const events = [out('a'), out('b'), out('c')];
  const feeder = createFeeder({ cols: 80, rows: 24, events });
  const { sink, seen, draw } = createSink();
  feeder.into(sink);
  feeder.showUpTo(3);
  // Before that was drawn.
  feeder.showUpTo(1);
  while (draw());
  expect(seen).toEqual(['abc', 'reset', '80x24', 'a']);
});

it('begins anew in another emulator, and forgets the one before', () => {
  const feeder = createFeeder({ cols: 80, rows: 24, events: [out('a'), out('b')] });
  const first = createSink();
  const second = createSink();
  feeder.into(first.sink);
  feeder.showUpTo(2);
  feeder.into(null);
  feeder.into(second.sink);
  while (first.draw());
  while (second.draw());
  expect([first.seen, second.seen]).toEqual([['ab'], ['ab']]);
  expect(first.waiting).toEqual([]);
});
