import { expect, it } from 'vitest';
import { decide } from '../../apps/server/src/features/runs/decide/decide.ts';
import { readStopReason } from '../../apps/web/src/features/run/header/stopReason.ts';

const counts = {
  pending: 5,
  connecting: 0,
  running: 0,
  ok: 0,
  failed: 3,
  unreachable: 0,
  timed_out: 0,
  aborted: 0,
  lost: 0,
};

/** What the server says of three failures among ten servers. */
function said(stopWhen: { failed: number | null; percent: number | null }): string {
  const wave = { size: 10, counts: { ...counts, not_started: 0, skipped: 0 }, excused: 0 };
  const rules = { parallel: 5, perZone: null, waitMs: null, ask: false, stopWhen: { ...stopWhen, unreachable: false } };
  const { stopReason } = decide({
    ...{ waves: [wave], rules, now: 0, control: 'run', opened: { wave: 0, at: 0 }, busyIn: {}, room: {} },
  });
  return stopReason ?? '';
}

it('reads what the server says, and leaves other words alone', () => {
  expect(readStopReason(said({ failed: 2, percent: null }))).toEqual({ kind: 'tooMany', failed: 3, most: 2 });
  expect(readStopReason(said({ failed: null, percent: 20 }))).toEqual({
    ...{ kind: 'tooManyOfWave', failed: 3, servers: 10, wave: 1, percent: 20 },
  });
  expect(readStopReason('1 server failed; the plan stops at more than 0.')).toMatchObject({ failed: 1, most: 0 });
  expect(readStopReason('Somebody said so.')).toBeNull();
});
