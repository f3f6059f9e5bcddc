import { expect, it } from 'vitest';
import { makeRun, noCounts } from '../testing/runs.ts';
import { controlWords, drawWaves, rolloutLines, waveBar, waveState } from './waves.ts';

it.each([
  [[1, 10, 89], 'canary 1 › 10 › 89'],
  [[10, 10], '10 › 10'],
  [[1, ...Array<number>(9).fill(10), 9], 'canary 1 › 10 (× 9) › 9'],
  [[...Array(14).keys()].map((i) => i + 1), 'canary 1 › 2 › 3 › 4 › 5 › 6 › 7 › 8 › 9 › 10 › 11 › 12 › … 2 more'],
])('draws waves of %j', (sizes, drawn) => {
  expect(drawWaves(sizes)).toBe(drawn);
});

const plain = { waves: [5], waitMs: null, ask: false, stopWhen: null, order: 'inventory', perZone: null } as const;

it('says how a plan spreads and what stops it; nothing where there is nothing to say', () => {
  expect(rolloutLines({ ...plain, waves: [5] })).toEqual({ waves: '', stops: '' });
  const careful = {
    waves: [1, 10, 89],
    waitMs: null,
    ask: true,
    stopWhen: { failed: 1, percent: 10, unreachable: false },
    order: 'by_zone' as const,
    perZone: 3,
  };
  expect(rolloutLines(careful)).toEqual({
    waves: 'canary 1 › 10 › 89, ask between, zone by zone, at most 3 of a zone at once',
    stops: 'when more than 1 server or more than 10 % of a wave failed (unreachable ones do not count)',
  });
  const timed = { ...plain, waves: [2, 3], waitMs: 30_000, order: 'random' as const };
  expect(rolloutLines(timed).waves).toBe('canary 2 › 3, 30 s between, in random order');
});

it('draws the wave under way between its neighbours', () => {
  const waves = [
    { size: 1, counts: { ok: 1 } },
    { size: 10, counts: { ok: 3, failed: 1, running: 6 } },
    { size: 31, counts: { pending: 31 } },
  ];
  expect(waveBar({ waves, wave: 1 })).toBe('Canary 1/1 ✓ › wave 2 4/10 ✕1 › wave 3 31 waiting');
  expect(waveBar({ waves: waves.slice(0, 1), wave: 0 })).toBe('');
  const many = Array.from({ length: 20 }, () => ({ size: 2, counts: { pending: 2 } }));
  expect(waveBar({ waves: many, wave: 7 })).toBe(
    '… › wave 7 2 waiting › wave 8 2 waiting › wave 9 2 waiting › 11 more',
  );
  expect(waveBar({ waves: many, wave: null })).toMatch(/^… › wave 18 .* › wave 20 2 waiting$/);
  expect(waveState({ size: 4, counts: { not_started: 4 } })).toBe('4 not started');
});

it.each([
  [{ state: 'paused' as const }, 'paused'],
  [{ state: 'queued' as const }, 'queued'],
  [{ state: 'pausing' as const }, 'pausing, 4 finish'],
  [{ state: 'stopping' as const, control: 'stop' as const }, 'stopping, 4 finish'],
  [{ state: 'stopping' as const, control: 'abort' as const }, 'aborting, 4 being ended'],
  [{ control: 'pause_after_wave' as const }, 'pauses after this wave'],
  [{ holdUntil: '2026-01-01T00:00:25.000Z' }, 'next wave in 25 s'],
  [{ holdUntil: '2025-12-31T23:59:59.000Z' }, 'next wave begins'],
  [{}, ''],
  [{ state: 'succeeded' as const, holdUntil: null }, ''],
])('says in words what a run does: %j', (rest, words) => {
  const run = { ...makeRun('running', {}), counts: { ...noCounts, running: 3, connecting: 1 }, ...rest };
  expect(controlWords(run, Date.parse('2026-01-01T00:00:00.000Z'))).toBe(words);
});
