import fc from 'fast-check';
import { expect, it } from 'vitest';
import { rateOf } from './rate.ts';

it('counts every server that finished exactly once, in few bars', () => {
  const start = Date.parse('2026-01-01T00:00:00Z');
  const ends = fc.array(fc.record({ after: fc.nat(200 * 3_600_000), ok: fc.boolean() }), { minLength: 1 });
  fc.assert(
    fc.property(ends, (all) => {
      const rate = rateOf(
        all.map(({ after, ok }) => ({
          startedAt: '2026-01-01T00:00:00Z',
          endedAt: new Date(start + after).toISOString(),
          state: ok ? ('ok' as const) : ('failed' as const),
        })),
      );
      expect(rate?.bars.reduce((sum, bar) => sum + bar.ok + bar.notOk, 0)).toBe(all.length);
      expect(rate?.bars.reduce((sum, bar) => sum + bar.notOk, 0)).toBe(all.filter(({ ok }) => !ok).length);
      expect(rate?.bars.length).toBeLessThanOrEqual(42);
    }),
  );
});

it('leaves out servers that never started or have not ended', () => {
  expect(
    rateOf([
      { startedAt: null, endedAt: '2026-01-01T00:00:00Z', state: 'not_started' },
      { startedAt: '2026-01-01T00:00:00Z', endedAt: null, state: 'running' },
    ]),
  ).toBeNull();
});
