import type { DiscardReason } from '@omanager/contract';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createDiscardCount, createRunBudget } from './budget.ts';

const bytes = (n: number) => new Uint8Array(n);

describe('the budget of output', () => {
  it('keeps a beginning of each host’s output, never beyond the caps, and says why', () => {
    const writes = fc.array(
      fc.record({ host: fc.nat(4), size: fc.integer({ min: 1, max: 300 }), store: fc.boolean() }),
    );
    fc.assert(
      fc.property(writes, fc.integer({ min: 1, max: 500 }), fc.integer({ min: 1, max: 1000 }), (all, host, run) => {
        const discarded = createDiscardCount();
        const budget = createRunBudget({ capBytes: host, runCapBytes: run, onDiscard: discarded.add });
        const hosts = Array.from({ length: 5 }, () => ({ budget: budget.host(), written: 0, kept: 0 }));
        let stored = 0;
        let waiting = 0;
        for (const write of all) {
          const of = hosts[write.host] ?? hosts[0];
          if (!of) continue;
          const before = of.written - of.kept;
          const kept = of.budget.keep(bytes(write.size)).length;
          // Nothing is kept behind a hole.
          if (before > 0) expect(kept).toBe(0);
          of.written += write.size;
          of.kept += kept;
          waiting += kept;
          expect(of.budget.keptBytes).toBe(of.kept);
          expect(of.kept).toBeLessThanOrEqual(host);
          expect(of.budget.discardedFor === null).toBe(of.kept === of.written);
          if (write.store) {
            stored += waiting;
            budget.settled(stored, waiting);
            waiting = 0;
          }
        }
        const sum = (what: 'written' | 'kept') => hosts.reduce((total, of) => total + of[what], 0);
        expect(sum('kept')).toBeLessThanOrEqual(run);
        expect([...discarded.totals().values()].reduce((a, b) => a + b, 0)).toBe(sum('written') - sum('kept'));
        for (const of of hosts) {
          if (of.budget.discardedFor === 'host_cap') expect(of.kept).toBe(host);
          if (of.budget.discardedFor === 'run_cap') expect(of.kept).toBeLessThan(host);
        }
      }),
    );
  });

  it('counts what other processes have stored for the run', () => {
    const budget = createRunBudget({ capBytes: 1000, runCapBytes: 100 });
    const host = budget.host();
    expect(host.keep(bytes(30))).toHaveLength(30);
    budget.settled(90, 30);
    expect(host.keep(bytes(30))).toHaveLength(10);
    expect(host.discardedFor).toBe('run_cap');
    // Output was removed from the store meanwhile: hosts that begin now have room again.
    budget.settled(10, 10);
    expect(host.keep(bytes(1))).toHaveLength(0);
    expect(budget.host().keep(bytes(30))).toHaveLength(30);
  });

  it('keeps nothing while the disk is low, and of a host that was cut by it nothing afterwards', () => {
    let low = false;
    const seen: [DiscardReason, number][] = [];
    const budget = createRunBudget({
      capBytes: 1000,
      diskIsLow: () => low,
      onDiscard: (...what) => void seen.push(what),
    });
    const [early, late] = [budget.host(), budget.host()];
    expect(early.keep(bytes(10))).toHaveLength(10);
    low = true;
    expect(early.keep(bytes(10))).toHaveLength(0);
    low = false;
    expect(early.keep(bytes(10))).toHaveLength(0);
    expect(late.keep(bytes(10))).toHaveLength(10);
    expect([early.discardedFor, late.discardedFor]).toEqual(['disk', null]);
    expect(seen).toEqual([
      ['disk', 10],
      ['disk', 10],
    ]);
  });
});
