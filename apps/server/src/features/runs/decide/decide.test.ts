import {
  type Control,
  type Counts,
  controls,
  finalHostStates,
  finalRunStates,
  type HostState,
  hostStates,
  type RunState,
} from '@omanager/contract';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { busyOf, type DecideInput, decide, openNext, type RolloutRules, sumOf, type Wave } from './decide.ts';
import { countMove, newProgress, type Progress, plainRules, waveRange } from './progress.ts';
import { mayMove, noCounts } from './states.ts';

const rulesOf = (given: Partial<RolloutRules> = {}): RolloutRules => ({ ...plainRules(10), ...given });
const waveOf = (given: Partial<Counts>, excused = 0): Wave => {
  const counts = { ...noCounts(), ...given };
  return { size: Object.values(counts).reduce((sum, n) => sum + n, 0), counts, excused };
};
const ask = (waves: Wave[], given: Partial<DecideInput> = {}) =>
  decide({
    rules: rulesOf(),
    waves,
    busyIn: {},
    control: 'run',
    opened: { wave: 0, at: 0 },
    now: 1000,
    room: {},
    ...given,
  });

describe('decide, by example', () => {
  it('releases up to the parallel limit', () => {
    expect(ask([waveOf({ pending: 90, connecting: 3, running: 4, ok: 3 })])).toMatchObject({
      release: 3,
      state: 'running',
    });
  });

  it('tells the ends apart', () => {
    const end = (counts: Partial<Counts>, control: Control = 'run') => ask([waveOf(counts)], { control }).state;
    expect(end({ ok: 2 })).toBe('succeeded');
    expect(end({ ok: 1, lost: 1 })).toBe('partly_succeeded');
    expect(end({ failed: 1, unreachable: 1 })).toBe('failed');
    expect(end({ failed: 1, not_started: 1 }, 'stop')).toBe('failed');
    expect(end({ ok: 1, not_started: 1 }, 'stop')).toBe('partly_succeeded');
    expect(end({ not_started: 2 }, 'stop')).toBe('aborted');
    expect(end({ ok: 1, aborted: 1 }, 'abort')).toBe('aborted');
    expect(end({ ok: 2 }, 'abort')).toBe('succeeded');
  });

  it('opens a wave when the one before is over, after the wait', () => {
    const waves = [waveOf({ ok: 1 }), waveOf({ pending: 9 })];
    const rules = rulesOf({ waitMs: 5000 });
    const first = ask(waves, { rules });
    expect(first).toMatchObject({ release: 0, wave: 1, opened: { wave: 1, at: 6000 }, state: 'running' });
    expect(ask(waves, { rules, opened: first.opened, now: 5999 }).release).toBe(0);
    expect(ask(waves, { rules, opened: first.opened, now: 6000 }).release).toBe(9);
  });

  it('pauses after each wave when it is to ask, and a resume opens the next one', () => {
    const waves = [waveOf({ ok: 1 }), waveOf({ pending: 9 })];
    const rules = rulesOf({ ask: true });
    const asked = ask(waves, { rules });
    expect(asked).toMatchObject({ release: 0, control: 'pause', state: 'paused' });
    const opened = openNext(waves, asked.opened, 2000);
    expect(ask(waves, { rules, opened, now: 2000 })).toMatchObject({ release: 9, control: 'run' });
  });

  it('pauses at the end of a wave when told so, not before', () => {
    const during = ask([waveOf({ pending: 3, running: 1 }), waveOf({ pending: 5 })], { control: 'pause_after_wave' });
    expect(during).toMatchObject({ release: 3, control: 'pause_after_wave', state: 'running' });
    const after = ask([waveOf({ ok: 4 }), waveOf({ pending: 5 })], { control: 'pause_after_wave' });
    expect(after).toMatchObject({ release: 0, control: 'pause', state: 'paused' });
  });

  it('stops by itself at too many failures, counted over the run or in one wave', () => {
    const stop = (stopWhen: RolloutRules['stopWhen'], waves: Wave[]) => ask(waves, { rules: rulesOf({ stopWhen }) });
    const byNumber = { failed: 1, percent: null, unreachable: true };
    expect(stop(byNumber, [waveOf({ failed: 1, pending: 5 })]).control).toBe('run');
    expect(stop(byNumber, [waveOf({ failed: 1, unreachable: 1, pending: 5 })])).toMatchObject({
      control: 'stop',
      dropPending: true,
      stopReason: '2 servers failed; the plan stops at more than 1.',
    });
    const reachable = { ...byNumber, unreachable: false };
    expect(stop(reachable, [waveOf({ failed: 1, unreachable: 1, pending: 5 })]).control).toBe('run');
    const byShare = { failed: null, percent: 10, unreachable: true };
    // A canary that fails is all of its wave, however small it is in the whole run.
    const canary = stop(byShare, [waveOf({ lost: 1 }), waveOf({ pending: 999 })]);
    expect(canary).toMatchObject({ control: 'stop', state: 'failed' });
    expect(canary.stopReason).toContain('wave 1');
    expect(stop(byShare, [waveOf({ failed: 10, pending: 90 })]).control).toBe('run');
  });

  it('does not stop again for failures that a retry left alone', () => {
    const rules = rulesOf({ stopWhen: { failed: 0, percent: null, unreachable: true } });
    expect(ask([waveOf({ failed: 5, pending: 2 }, 5)], { rules }).control).toBe('run');
    expect(ask([waveOf({ failed: 6, pending: 1 }, 5)], { rules }).control).toBe('stop');
  });

  it('leaves room to others: of the whole installation, of a zone', () => {
    const waves = [waveOf({ pending: 50 })];
    expect(ask(waves, { room: { all: 4 } }).release).toBe(4);
    expect(ask(waves, { room: { zones: { hk: 2 } } }).zoneRoom).toEqual({ hk: 2 });
    expect(ask(waves, { rules: rulesOf({ perZone: 3 }), busyIn: { hk: 1, sz: 5 } }).zoneRoom).toEqual({ hk: 2, sz: 0 });
  });
});

/** A run as the store keeps it, moved by the same counters and the same decisions, host by host. */
function model(sizes: number[], rules: RolloutRules, zones: string[]) {
  const all = { ...plainRules(rules.parallel), ...rules };
  const progress: Progress = newProgress(all, sizes, zones);
  const total = sizes.reduce((sum, n) => sum + n, 0);
  const hosts = Array.from({ length: total }, (_, ordinal) => ({
    ordinal,
    zone_id: zones[ordinal % zones.length] ?? '',
    state: 'pending' as HostState,
    attempt: 1,
    begun: 0,
  }));
  let control: Control = 'run';
  let now = 0;
  let state: RunState = 'queued';

  const move = (host: (typeof hosts)[number], to: HostState) => {
    expect(mayMove(host.state, to), `${host.state} → ${to}`).toBe(true);
    countMove(progress, host, host.state, to);
    host.state = to;
  };
  const some = (wanted: HostState) => hosts.filter((host) => host.state === wanted);
  const settle = () => {
    const decision = decide({ ...progress, control, now, room: {} });
    if (decision.dropPending) for (const host of some('pending')) move(host, 'not_started');
    progress.opened = decision.opened;
    control = decision.control;
    state = decision.state;
    return decision;
  };
  return {
    hosts,
    progress,
    settle,
    get control() {
      return control;
    },
    get state(): RunState {
      return state;
    },
    act(name: string) {
      const over = finalRunStates.has(state);
      switch (name) {
        case 'claim': {
          const { release, wave, zoneRoom } = settle();
          const { from, to } = waveRange(progress.waves, wave);
          const left = { ...zoneRoom };
          let taken = 0;
          for (const host of hosts.slice(from, to)) {
            if (taken === release || host.state !== 'pending' || left[host.zone_id] === 0) continue;
            if (left[host.zone_id] !== undefined) left[host.zone_id] = (left[host.zone_id] ?? 0) - 1;
            move(host, 'connecting');
            taken++;
          }
          break;
        }
        case 'begin':
          for (const host of some('connecting').slice(0, 2)) {
            if (control !== 'run' && control !== 'pause_after_wave') break;
            move(host, 'running');
            host.begun++;
          }
          break;
        case 'held':
          for (const host of some('connecting').slice(0, 1)) {
            if (control === 'pause') move(host, 'pending');
            else if (control === 'stop' || control === 'abort') move(host, 'not_started');
          }
          break;
        case 'ok':
        case 'failed':
        case 'lost':
          for (const host of some('running').slice(0, 1)) move(host, name);
          break;
        case 'unreachable':
          for (const host of some('connecting').slice(0, 1)) move(host, 'unreachable');
          break;
        case 'crash':
          for (const host of some('connecting')) move(host, 'pending');
          for (const host of some('running')) move(host, 'lost');
          break;
        case 'probe':
          for (const host of some('lost').slice(0, 1)) move(host, 'ok');
          break;
        case 'retry':
          if (!over) break;
          for (const host of hosts) {
            if (host.state === 'ok' || !finalHostStates.has(host.state)) continue;
            move(host, 'pending');
            host.attempt++;
            host.begun = 0;
          }
          progress.opened = { wave: -1, at: 0 };
          control = 'run';
          break;
        case 'resume':
          if (over || control === 'stop' || control === 'abort') break;
          if (control === 'pause') progress.opened = openNext(progress.waves, progress.opened, now);
          control = 'run';
          break;
        case 'later':
          now += 700;
          break;
        case 'pause':
        case 'pause_after_wave':
          if (!over && control !== 'stop' && control !== 'abort') control = name;
          break;
        case 'stop':
          if (!over && control !== 'abort') control = 'stop';
          break;
        case 'abort':
          if (!over) control = 'abort';
          break;
      }
      return settle();
    },
  };
}

const steps = [
  ...['claim', 'begin', 'held', 'ok', 'failed', 'lost', 'unreachable', 'crash', 'probe', 'retry', 'resume', 'later'],
  ...controls.filter((control) => control !== 'run'),
];
const anyRules = fc.record({
  parallel: fc.integer({ min: 1, max: 8 }),
  perZone: fc.option(fc.integer({ min: 1, max: 4 })),
  waitMs: fc.option(fc.constant(1000)),
  ask: fc.boolean(),
  stopWhen: fc.option(
    fc.record({ failed: fc.option(fc.nat(5)), percent: fc.option(fc.nat(100)), unreachable: fc.boolean() }),
  ),
});
const anySizes = fc.array(fc.integer({ min: 1, max: 8 }), { minLength: 1, maxLength: 5 });
const anySteps = fc.array(fc.constantFrom(...steps), { maxLength: 300 });

describe('decide, whatever the order of claims, results, crashes and controls', () => {
  it('keeps the limits, the order of waves and its counters, and begins nothing twice', () => {
    fc.assert(
      fc.property(anySizes, anyRules, anySteps, (sizes, rules, names) => {
        const run = model(sizes, rules, ['a', 'b']);
        for (const name of names) {
          const wanted = run.control;
          const before = run.hosts.map(({ state }) => state);
          run.act(name);
          const { waves, busyIn } = run.progress;
          const totals = sumOf(waves);
          expect(busyOf(totals)).toBeLessThanOrEqual(rules.parallel);
          for (const zone of ['a', 'b']) {
            const busy = run.hosts.filter((h) => h.zone_id === zone && ['connecting', 'running'].includes(h.state));
            expect(busyIn[zone]).toBe(busy.length);
            if (rules.perZone !== null) expect(busy.length).toBeLessThanOrEqual(rules.perZone);
          }
          for (const state of hostStates) expect(totals[state]).toBe(run.hosts.filter((h) => h.state === state).length);
          for (const host of run.hosts) expect(host.begun).toBeLessThanOrEqual(1);
          // Nothing starts that the operator has held back, and no wave before all earlier ones are over.
          run.hosts.forEach((host, ordinal) => {
            if (host.state !== 'connecting' || before[ordinal] === 'connecting') return;
            expect(['pause', 'stop', 'abort']).not.toContain(wanted);
            const wave = waves.findIndex((_, i) => ordinal < waveRange(waves, i).to);
            for (const { counts } of waves.slice(0, wave)) expect(counts.pending + busyOf(counts)).toBe(0);
          });
          if (finalRunStates.has(run.state)) expect(totals.pending + busyOf(totals)).toBe(0);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('brings every run to its end, once it is let go on', () => {
    fc.assert(
      fc.property(anySizes, anyRules, anySteps, (sizes, rules, names) => {
        const run = model(sizes, rules, ['a', 'b']);
        for (const name of names) run.act(name);
        for (let i = 0; i < 200 && !finalRunStates.has(run.state); i++)
          for (const name of ['resume', 'later', 'later', 'claim', 'begin', 'held', 'ok', 'unreachable']) run.act(name);
        expect(finalRunStates.has(run.state), run.state).toBe(true);
        for (const { state } of run.hosts) expect(finalHostStates.has(state)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});
