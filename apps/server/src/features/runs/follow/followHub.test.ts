import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createLocalBus } from '../../../bus/bus.ts';
import { storePieces } from '../testing/outputPieces.ts';
import { insertRun, openTestStore } from '../testing.ts';
import { openHub } from './followHub.ts';

let store: Awaited<ReturnType<typeof openTestStore>>;
beforeEach(async () => {
  store = await openTestStore();
});
afterEach(() => store.close());

it('tells who was busy while the run ended that something has changed', async () => {
  const { db, sealer } = store;
  const bus = createLocalBus();
  const runId = await insertRun(db, sealer, 1, 1, { follow: true });
  const hub = await openHub({ db, bus, runId, hosts: undefined, onEnd() {} });
  const { signal } = new AbortController();

  const opened = hub.place;
  const told = hub.changed(opened, signal);
  await storePieces(db, { runId, ordinal: 0, attempt: 1 }, [{ stream: 'stdout', data: Buffer.from('a line\n') }]);
  bus.publish(`run:${runId}`);
  await told;
  const read = hub.since(opened);
  expect(read.lines).toMatchObject([{ text: 'a line' }]);

  await db.knex('runs').where({ id: runId }).update({ state: 'succeeded', revision: 1000 });
  bus.publish(`run:${runId}`);
  await vi.waitFor(() => expect(hub.over).toBe(true), 10_000);
  const nothing = new Promise((resolve) => setTimeout(resolve, 2000, 'nothing'));
  expect(await Promise.race([hub.changed(read.place, signal), nothing])).not.toBe('nothing');
  expect(hub.since(read.place).lines).toEqual([]);
  hub.stop();
});
