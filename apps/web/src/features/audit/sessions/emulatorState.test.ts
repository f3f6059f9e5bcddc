import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createEmulator } from '../../terminal/emulator.ts';
import { type Cast, createCastWriter } from './cast.ts';
import { sinkOf } from './emulatorSink.ts';
import { type EmulatorState, stateOf } from './emulatorState.ts';
import { createFeeder } from './feeder.ts';
import { createSnapshots } from './snapshots.ts';

const open = () => createEmulator({ cols: 20, rows: 8, scrollback: 30, logLevel: 'off' });

/** Shows up to some events, and waits until that is drawn. */
async function player(cast: Cast, snapshots = createSnapshots<EmulatorState>(), keeps = false) {
  const terminal = open();
  let arrived: (() => void) | undefined;
  const feeder = createFeeder({ cast, snapshots, keeps, onBehind: (share) => share === null && arrived?.() });
  feeder.into(sinkOf(terminal));
  return {
    terminal,
    async show(events: number) {
      const { promise, resolve } = Promise.withResolvers<void>();
      arrived = resolve;
      feeder.showUpTo(events);
      if (feeder.shown === events) resolve();
      await promise;
      await new Promise<void>((drawn) => terminal.write('', drawn));
    },
  };
}

const number = fc.integer({ min: 0, max: 25 });
const piece = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('abc', '中文', 'e\u0301x', '👩‍💻', 'x'.repeat(33), ' ', 'lqqk') },
  { weight: 4, arbitrary: fc.constantFrom('\r\n', '\n', '\r', '\t', '\b', '\u000e', '\u000f') },
  { weight: 3, arbitrary: fc.tuple(number, number).map(([y, x]) => `\u001b[${y};${x}H`) },
  { weight: 2, arbitrary: fc.tuple(number, number).map(([top, bottom]) => `\u001b[${top};${bottom}r`) },
  {
    weight: 3,
    arbitrary: fc.constantFrom('0', '1;31', '7', '44', '38;2;1;2;3', '4:3', '58;5;9').map((n) => `\u001b[${n}m`),
  },
  {
    weight: 3,
    arbitrary: fc.tuple(number, fc.constantFrom(...'ABCDLMPSTXJK@bg')).map(([n, of]) => `\u001b[${n}${of}`),
  },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      ...['\u001b7', '\u001b8', '\u001bM', '\u001bH', '\u001b(0', '\u001b(B', '\u001b)0', '\u001bc', '\u001b#8'],
      ...['\u001b=', '\u001b>', '\u001b[!p', '\u001b[3g', '\u001b[4h', '\u001b[4l'],
      ...[1, 6, 7, 25, 45, 1004, 1047, 1049, 2004].flatMap((mode) => [`\u001b[?${mode}h`, `\u001b[?${mode}l`]),
      // Cut, so that the next piece may end it.
      ...['\u001b[3', '\u001b', '\u001b]0;title', '\u0007'],
    ),
  },
);
const event = fc.oneof(
  { weight: 12, arbitrary: fc.array(piece, { maxLength: 12 }).map((parts) => ['o', parts.join('')] as const) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.integer({ min: 2, max: 30 }), fc.integer({ min: 1, max: 12 }))
      .map(([c, r]) => ['r', `${c}x${r}`] as const),
  },
);

it('the screen after any seeks is that of a replay from the beginning, to the last mode', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(event, { minLength: 5, maxLength: 60 }),
      fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 8 }),
      async (events, places) => {
        const { cast, header, add } = createCastWriter();
        header({ cols: 20, rows: 8 });
        for (const [code, data] of events) add(0, code, data);
        const snapshots = createSnapshots<EmulatorState>({ interval: 40, count: 6, bytes: 200_000 });
        const ahead = await player(cast, snapshots, true);
        for (let i = 1; i <= cast.count; i++) await ahead.show(i);
        const screen = await player(cast, snapshots);
        for (const place of places) {
          const wanted = Math.round(place * cast.count);
          await screen.show(wanted);
          const fresh = await player(cast);
          await fresh.show(wanted);
          // In the middle of an escape sequence neither has one.
          expect(stateOf(screen.terminal)).toEqual(stateOf(fresh.terminal));
          fresh.terminal.dispose();
        }
        ahead.terminal.dispose();
        screen.terminal.dispose();
      },
    ),
    { numRuns: 40 },
  );
});
