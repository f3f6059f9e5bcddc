import type { ZoneWorker } from '@omanager/contract';
import { expect, it } from 'vitest';
import { fakeCli } from '../testing/fakeCli.ts';
import { at, makeRun, runId } from '../testing/runs.ts';
import { createRates, topParts } from './topView.ts';

const worker: ZoneWorker = {
  id: runId,
  name: 'hk-1',
  zone: 'hk',
  publicKey: 'k'.repeat(43),
  state: 'away',
  version: null,
  address: null,
  hosts: 3,
  addedBy: 'ada',
  addedAt: at,
  lastSeenAt: null,
  revokedAt: null,
};

it('sums up what runs and shows each run', () => {
  const { cli, stdout } = fakeCli();
  const busy = makeRun('running', { ok: 2, failed: 1, running: 4, pending: 3 }, { total: 10 });
  const paused = makeRun('paused', { ok: 1, pending: 3 });
  const runs = [
    { run: busy, perSecond: 2 },
    { run: paused, perSecond: null },
  ];
  cli.out.screen(topParts({ runs, workers: [worker, { ...worker, state: 'revoked' }], now: Date.parse(at) }));
  const lines = stdout.text.split('\n');
  expect(lines[0]).toContain('2 runs under way  ·  4 servers busy  ·  6 waiting  ·  2.0/s  ·  0 of 1 zone workers');
  expect(lines[3]).toMatch(/ running +system.uptime +3\/10 +1 +4 +3 +2.0\/s +4 s +ada$/);
  expect(lines[4]).toMatch(/ paused +system.uptime +1\/4 +0 +0 +3 +ada$/);
  expect(lines[7]).toMatch(/^hk-1 +hk +away +3/);
});

it('says so when nothing runs, and shows no workers to who may not see them', () => {
  const { cli, stdout } = fakeCli();
  cli.out.screen(topParts({ runs: [], workers: null, now: 0 }));
  expect(stdout.text).toContain('Nothing runs.');
  expect(stdout.text).not.toContain('WORKER');
});

it('measures over ten seconds and forgets what is gone', () => {
  const rates = createRates();
  const run = (ok: number) => makeRun('running', { ok });
  expect(rates.update(run(0), 0)).toBeNull();
  expect(rates.update(run(4), 2000)).toBe(2);
  for (let t = 4000; t <= 30_000; t += 2000) rates.update(run(4), t);
  expect(rates.update(run(4), 32_000)).toBe(0);
  rates.keep([]);
  expect(rates.update(run(4), 33_000)).toBeNull();
});

it('takes a screen of its own on a terminal, and gives it back', () => {
  const { cli, stdout } = fakeCli({ tty: true });
  cli.out.screen([{ line: 'a\x1b[2J' }, { header: ['X'], rows: [] }]);
  expect(stdout.text).toBe('\x1b[?1049h\x1b[?7l\x1b[?25l\x1b[Ha\\x1b[2J\x1b[K\n\x1b[J');
  cli.out.endScreen();
  cli.out.endScreen();
  expect(stdout.text.endsWith('\x1b[J\x1b[?25h\x1b[?7h\x1b[?1049l')).toBe(true);
});
