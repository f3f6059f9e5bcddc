import type { Client } from '@omanager/client';
import { expect, it } from 'vitest';
import { createFollowedRuns } from './followedRuns.ts';
import { desktopTexts } from './texts.ts';

const counts = {
  pending: 0,
  running: 0,
  ok: 0,
  failed: 0,
  unreachable: 0,
  timed_out: 0,
  aborted: 0,
  skipped: 0,
  lost: 0,
};
const underWay = {
  state: 'running',
  counts: { ...counts, running: 1, pending: 2, ok: 1 },
  startedAt: null,
  endedAt: null,
};
const over = (seconds: number) => ({
  state: 'partly_succeeded',
  counts: { ...counts, ok: 3, failed: 1 },
  startedAt: '2026-01-01T00:00:00.000Z',
  endedAt: new Date(Date.UTC(2026, 0, 1, 0, 0, seconds)).toISOString(),
});

/** Follows a run of 4 servers whose watch says these things. */
async function follow(events: readonly object[]) {
  const said: Parameters<Parameters<typeof createFollowedRuns>[0]['changed']>[0][] = [];
  const notices: object[] = [];
  const runs = createFollowedRuns({
    changed: (now) => said.push(now),
    notices: { show: (notice) => void notices.push(notice) },
    texts: () => desktopTexts.en,
    log: () => {},
  });
  async function* stream() {
    for (const event of events)
      yield { run: { id: 'r1', number: 812, module: { id: 'service.restart' }, total: 4, ...event } };
  }
  // The members of a run that it reads.
  runs.follow({ stream: stream as unknown as Client['stream'] }, 'r1');
  await expect.poll(() => said.at(-1)).toEqual([]);
  return { said, notices };
}

it('tells how far a run is, and its end when it took long', async () => {
  const { said, notices } = await follow([underWay, over(31)]);
  expect(said[0]).toEqual([{ id: 'r1', title: '#812 service.restart', done: 1, total: 4, failed: 0 }]);
  expect(notices).toEqual([{ run: 'r1', title: '#812 service.restart', body: '3 of 4 servers succeeded.' }]);
});

it('says nothing of a run that was short, or over before anybody looked', async () => {
  expect((await follow([underWay, over(29)])).notices).toEqual([]);
  expect((await follow([over(3600)])).notices).toEqual([]);
});
