import fc from 'fast-check';
import { expect, it } from 'vitest';
import { hostRun } from '../parts/testing.ts';
import { durationsOf } from './durations.ts';

const took = (...ms: (number | null)[]) =>
  durationsOf(ms.map((durationMs, ordinal) => hostRun(ordinal, { durationMs, state: 'ok' })));

it('puts every server into exactly one bar, the one of its time, in few bars', () => {
  const anyMs = fc.oneof(fc.nat(5000), fc.nat(90_000_000), fc.nat(40 * 86_400_000));
  fc.assert(
    fc.property(fc.array(anyMs, { minLength: 1, maxLength: 300 }), (all) => {
      const bars = took(...all)?.bars ?? [];
      expect(bars.length).toBeLessThanOrEqual(25);
      expect(bars.flatMap(({ ordinals }) => ordinals).sort((a, b) => a - b)).toEqual(all.map((_, i) => i));
      for (const { fromMs, toMs, ok, notOk, ordinals } of bars) {
        expect(ok + notOk).toBe(ordinals.length);
        for (const ordinal of ordinals) {
          expect(all[ordinal]).toBeGreaterThanOrEqual(fromMs);
          expect(all[ordinal]).toBeLessThan(toMs ?? Number.POSITIVE_INFINITY);
        }
      }
    }),
  );
});

it('lets one very slow server squeeze nobody', () => {
  const found = took(...Array.from({ length: 99 }, (_, i) => 1000 + i * 10), 3_600_000);
  expect(found?.bars.at(-1)).toMatchObject({ toMs: null, ordinals: [99] });
  expect(found?.bars.length).toBeGreaterThan(8);
  expect(found).toMatchObject({ medianMs: 1490, slowestMs: 3_600_000 });
});

it('has equal bars from the shortest on, the slowest of each first; who has not ended is in none', () => {
  expect(took(70_040, null, 70_110, 70_190)?.bars).toEqual([
    { fromMs: 70_000, toMs: 70_100, ok: 1, notOk: 0, ordinals: [0] },
    { fromMs: 70_100, toMs: 70_200, ok: 2, notOk: 0, ordinals: [3, 2] },
  ]);
  expect(took(null)).toBeNull();
});
