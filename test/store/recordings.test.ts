import { v7 as uuid } from 'uuid';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../../apps/server/src/db/database.ts';
import { followRecordings } from '../../apps/server/src/features/terminal/follow.ts';
import { addChunk, endRecording, insertRecording, markOpen } from '../../apps/server/src/features/terminal/store.ts';
import { databases } from './databases.ts';

describe.each(databases)('recordings that are followed, on $name', ({ missing, open }) => {
  describe.skipIf(missing)('', () => {
    let db: Database;
    let at = 0;

    beforeAll(async () => {
      const database = await open();
      db = database.db;
      return () => database.close();
    });
    beforeEach(async () => {
      at = Date.parse('2026-01-01T00:00:00Z');
      await db.knex('recording_chunks').delete();
      await db.knex('recordings').delete();
    });

    async function begin(host = 'web-01', userName = 'ada'): Promise<string> {
      const id = uuid();
      await db.transaction((tx) =>
        insertRecording(tx, {
          ...{ id, host_id: uuid(), host_name: host, address: '10.0.0.1', login: 'ops', user_id: uuid() },
          ...{ user_name: userName, from_address: '::1', state: 'connecting', started_at: at, alive_at: at },
          ...{ cols: 80, rows: 24, input: false },
        }),
      );
      return id;
    }
    const grow = (recordingId: string, seq: number) =>
      db.transaction((tx) =>
        addChunk(tx, { recordingId, seq, sealed: Buffer.of(1), sha256: 'x', bytes: 10, commands: seq, at }),
      );
    const end = (id: string) =>
      db.transaction((tx) => endRecording(tx, id, { state: 'ended', end: 'exited', message: null, at }));

    /** What is told after each act; nothing where nothing was to tell. */
    async function told(
      filter: { host?: string; userName?: string },
      afterMs: number | undefined,
      acts: readonly (() => Promise<unknown>)[],
    ): Promise<string[][]> {
      const stop = new AbortController();
      const rounds: string[][] = [[]];
      const left = [...acts];
      const wait = async () => {
        const act = left.shift();
        if (!act) return stop.abort();
        at += 1000;
        await act();
        rounds.push([]);
      };
      const now = () => at;
      for await (const { recordings } of followRecordings({
        ...{ knex: db.knex, filter, afterMs, now, wait, signal: stop.signal },
      }))
        rounds.at(-1)?.push(...recordings.map(({ id, state, bytes }) => `${id} ${state} ${bytes}`).sort());
      return rounds;
    }
    const nothing = async () => {};

    it('those that are open, then what begins, grows and ends: each once', async () => {
      const early = await begin();
      const old = await begin();
      await end(old);
      at += 60_000;
      let late = '';
      let brief = '';
      const rounds = await told({}, undefined, [
        nothing,
        async () => {
          late = await begin();
        },
        () => markOpen(db.knex, late, at),
        () => grow(late, 1),
        nothing,
        () => end(late),
        nothing,
        async () => {
          brief = await begin();
          await end(brief);
        },
        async () => {
          at += 3_600_000;
          await end(early);
        },
        ...Array.from({ length: 12 }, () => nothing),
      ]);
      const told0 = [[`${early} connecting 0`], [], [`${late} connecting 0`], [`${late} open 0`], [`${late} open 10`]];
      const rest = [[], [`${late} ended 10`], [], [`${brief} ended 0`], [`${early} ended 0`]];
      expect(rounds).toEqual([...told0, ...rest, ...Array.from({ length: 12 }, () => [])]);
    });

    it('only of its filter', async () => {
      await begin('web-02');
      await begin('web-01', 'bob');
      const mine = await begin();
      const rounds = await told({ host: 'web-01', userName: 'ada' }, undefined, [
        () => begin('web-02'),
        () => end(mine),
      ]);
      expect(rounds).toEqual([[`${mine} connecting 0`], [], [`${mine} ended 0`]]);
    });

    it('whoever comes back hears what ended meanwhile, though a process that died ended it as of earlier', async () => {
      const [died, ended, long] = [await begin(), await begin(), await begin()];
      await end(long);
      at += 60_000;
      const left = at;
      at += 60_000;
      await end(ended);
      expect(await told({}, left, [])).toEqual([[`${died} connecting 0`, `${ended} ended 0`].sort()]);
      const cut = { state: 'cut', end: 'server_died', message: null, at: at - 100_000 } as const;
      const rounds = await told({}, undefined, [() => db.transaction((tx) => endRecording(tx, died, cut)), nothing]);
      expect(rounds.slice(1)).toEqual([[`${died} cut 0`], []]);
    });
  });
});
