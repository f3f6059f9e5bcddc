import { expect, it } from 'vitest';
import { createCastWriter } from './cast.ts';
import { createFeeder, type Sink } from './feeder.ts';
import { createSnapshots } from './snapshots.ts';

const decoder = new TextDecoder();

/** Draws what it was given when it is told to, in order, and notes what happened; its state is all that it drew. */
function createSink() {
  const waiting: { text: string; done: () => void }[] = [];
  const seen: string[] = [];
  let drawn = '';
  let clears = 0;
  const sink: Sink<string> = {
    write: (output, done) => void waiting.push({ text: decoder.decode(output), done }),
    clear: ({ cols, rows }) => {
      clears++;
      drawn = '';
      seen.push(`clear ${cols}x${rows}`);
    },
    resize: ({ cols, rows }) => void seen.push(`${cols}x${rows}`),
    state: () => ({ state: drawn, bytes: drawn.length }),
    restore: (state) => {
      drawn = state;
      seen.push('restore');
    },
  };
  return {
    sink,
    seen,
    waiting,
    get drawn() {
      return drawn;
    },
    get clears() {
      return clears;
    },
    draw() {
      const first = waiting.shift();
      if (!first) return false;
      seen.push(first.text);
      drawn += first.text;
      first.done();
      return true;
    },
  };
}

function castOf(...events: (string | { resized: string })[]) {
  const { cast, add } = createCastWriter();
  for (const event of events) {
    if (typeof event === 'string') add(0, 'o', event);
    else add(0, 'r', event.resized);
  }
  return cast;
}
const none = () => createSnapshots<string>();

it('writes up to where it is wanted, with resizes in their place', () => {
  const cast = castOf('a', 'b', { resized: '100x40' }, 'c', 'd');
  const feeder = createFeeder({ cast, snapshots: none() });
  const { sink, seen, draw } = createSink();
  feeder.into(sink);
  feeder.showUpTo(4);
  while (draw());
  expect(seen.join()).toBe('ab,100x40,c');
});

it('never has more on its way than an emulator takes, and says how far it is', () => {
  const cast = castOf(...Array.from({ length: 200 }, () => 'x'.repeat(16_384)));
  const told: (number | null)[] = [];
  const feeder = createFeeder({ cast, snapshots: none(), onBehind: (share) => told.push(share) });
  const { sink, waiting, draw } = createSink();
  feeder.into(sink);
  feeder.showUpTo(200);
  do expect(waiting.reduce((sum, { text }) => sum + text.length, 0)).toBeLessThan(300_000);
  while (draw());
  const shares = told.filter((share) => share !== null);
  expect(told.at(-1)).toBeNull();
  expect(shares).toEqual(shares.toSorted((a, b) => a - b));
  expect(shares.length).toBeGreaterThan(5);
});

it('goes back without anything of before coming after the beginning', () => {
  const feeder = createFeeder({ cast: castOf('a', 'b', 'c'), snapshots: none() });
  const { sink, seen, draw } = createSink();
  feeder.into(sink);
  feeder.showUpTo(3);
  // Before that was drawn.
  feeder.showUpTo(1);
  while (draw());
  expect(seen).toEqual(['abc', 'clear 80x24', 'a']);
});

it('begins anew in another emulator, and forgets the one before', () => {
  const feeder = createFeeder({ cast: castOf('a', 'b'), snapshots: none() });
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

it('after somebody has gone through it, no place costs more than an interval, and nothing is begun anew', () => {
  const pieces = Array.from({ length: 400 }, (_, i) => String(i).padEnd(16_000, '.'));
  const cast = castOf(...pieces);
  const snapshots = createSnapshots<string>({ interval: 100_000, count: 10, bytes: Number.POSITIVE_INFINITY });
  const ahead = createFeeder({ cast, snapshots, keeps: true });
  const hidden = createSink();
  ahead.into(hidden.sink);
  ahead.showUpTo(400);
  while (hidden.draw());

  const feeder = createFeeder({ cast, snapshots });
  const screen = createSink();
  feeder.into(screen.sink);
  for (const wanted of [400, 200, 399, 57, 300, 299, 301, 120]) {
    const before = screen.seen.length;
    feeder.showUpTo(wanted);
    while (screen.draw());
    expect(screen.drawn).toBe(pieces.slice(0, wanted).join(''));
    const written = screen.seen.slice(before).filter((text) => text.length > 50);
    expect(written.join('').length).toBeLessThanOrEqual(snapshots.interval + 128 * 1024 + 16_000);
  }
  expect(screen.clears).toBe(0);
});

it('waits for who is nearer, and goes there from the snapshot that it leaves', () => {
  const cast = castOf(...Array.from({ length: 100 }, () => 'x'.repeat(10_000)));
  const snapshots = createSnapshots<string>({ interval: 50_000, count: 100, bytes: Number.POSITIVE_INFINITY });
  const hidden = createSink();
  const ahead = createFeeder({ cast, snapshots, keeps: true, onBehind: () => feeder.look() });
  const feeder = createFeeder({ cast, snapshots, isAwaited: (events) => ahead.shown < events });
  const screen = createSink();
  feeder.into(screen.sink);
  feeder.showUpTo(95);
  expect(screen.waiting).toEqual([]);
  ahead.into(hidden.sink);
  ahead.showUpTo(100);
  while (hidden.draw() || screen.draw());
  expect(screen.drawn.length).toBe(950_000);
  expect(screen.seen.filter((text) => text === 'restore').length).toBe(1);
});
