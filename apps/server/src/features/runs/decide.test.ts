import { type Counts, finalHostStates, finalRunStates, type HostState, hostStates } from '@omanager/contract';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Control, decide } from './decide.ts';
import { moveCounts, noCounts } from './states.ts';

const countsOf = (given: Partial<Counts>): Counts => ({ ...noCounts(), ...given });
const totalOf = (counts: Counts) => Object.values(counts).reduce((sum, n) => sum + n, 0);

describe('decide', () => {
  it('releases up to the parallel limit', () => {
    const counts = countsOf({ pending: 90, connecting: 3, running: 4, ok: 3 });
    expect(decide({ total: 100, parallel: 10, counts, control: 'run' })).toEqual({
      release: 3,
      dropPending: false,
      state: 'running',
    });
  });

  it('tells the three ends apart', () => {
    const end = (counts: Partial<Counts>) =>
      decide({ total: 2, parallel: 5, counts: countsOf(counts), control: 'run' }).state;
    expect(end({ ok: 2 })).toBe('succeeded');
    expect(end({ ok: 1, lost: 1 })).toBe('partly_succeeded');
    expect(end({ failed: 1, unreachable: 1 })).toBe('failed');
  });

  const anyCounts = fc
    .tuple(...hostStates.map(() => fc.nat(50)))
    .map((ns) => countsOf(Object.fromEntries(hostStates.map((state, i) => [state, ns[i] ?? 0]))))
    .filter((counts) => totalOf(counts) > 0);

  it('never releases past the limit, never while aborting, and ends only when nothing is active', () => {
    fc.assert(
      fc.property(
        anyCounts,
        fc.integer({ min: 1, max: 60 }),
        fc.constantFrom<Control>('run', 'abort'),
        (counts, parallel, control) => {
          const { release, dropPending, state } = decide({ total: totalOf(counts), parallel, counts, control });
          const busy = counts.connecting + counts.running;
          expect(release).toBeGreaterThanOrEqual(0);
          expect(release).toBeLessThanOrEqual(Math.max(0, parallel - busy));
          expect(release).toBeLessThanOrEqual(counts.pending);
          if (control === 'abort') expect(release).toBe(0);
          if (finalRunStates.has(state)) expect(busy === 0 && (counts.pending === 0 || dropPending)).toBe(true);
          else expect(busy > 0 || counts.pending > 0).toBe(true);
        },
      ),
    );
  });

  it('brings every run to an end, whatever the order of claims, crashes, results and an abort', () => {
    const step = fc.constantFrom('claim', 'begin', 'finish', 'crash', 'abort');
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 1, max: 8 }),
        fc.array(step, { maxLength: 200 }),
        (total, parallel, steps) => {
          const counts = countsOf({ pending: total });
          let control: Control = 'run';
          const settle = () => {
            const decision = decide({ total, parallel, counts, control });
            if (decision.dropPending) moveCounts(counts, 'pending', 'not_started', counts.pending);
            return decision;
          };
          const act = (name: string) => {
            if (name === 'claim') moveCounts(counts, 'pending', 'connecting', settle().release);
            else if (name === 'begin' && counts.connecting > 0 && control === 'run')
              moveCounts(counts, 'connecting', 'running');
            else if (name === 'finish' && counts.running > 0) moveCounts(counts, 'running', 'ok');
            else if (name === 'finish' && counts.connecting > 0) moveCounts(counts, 'connecting', 'unreachable');
            else if (name === 'crash') {
              moveCounts(counts, 'connecting', 'pending', counts.connecting);
              moveCounts(counts, 'running', 'lost', counts.running);
            } else if (name === 'abort') control = 'abort';
            expect(counts.connecting + counts.running).toBeLessThanOrEqual(parallel);
            return settle();
          };
          for (const name of steps) act(name);
          for (let i = 0; i < total * 3 + 3; i++) for (const name of ['claim', 'begin', 'finish']) act(name);
          expect(finalRunStates.has(settle().state)).toBe(true);
          const final = hostStates.filter((state: HostState) => finalHostStates.has(state));
          expect(final.reduce((sum, state) => sum + counts[state], 0)).toBe(total);
        },
      ),
    );
  });
});
