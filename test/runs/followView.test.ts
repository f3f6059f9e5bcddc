import { randomBytes } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ParamsOf, ResultOf } from '@omanager/contract';
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createLocalBus } from '../../apps/server/src/bus/bus.ts';
import type { Database } from '../../apps/server/src/db/database.ts';
import { type Claims, createClaims } from '../../apps/server/src/features/runs/claims/claims.ts';
import type { Exchange } from '../../apps/server/src/features/runs/claims/exchange.ts';
import { createFollow } from '../../apps/server/src/features/runs/follow/follow.ts';
import type { NewChunk } from '../../apps/server/src/features/runs/output/output.ts';
import { createOutputCounts } from '../../apps/server/src/features/runs/output/outputCounts.ts';
import { insertRun } from '../../apps/server/src/features/runs/testing.ts';
import { createSealer } from '../../apps/server/src/features/vault/sealer.ts';
import { databases, type TestDatabase } from '../store/databases.ts';

type Event = ResultOf<'runs.follow'>;
const nothing: Exchange = { chunks: [], results: [], probed: [], begins: [], want: 0 };
const never = new AbortController().signal;

describe.each(databases)('the live view of a run on $name', ({ missing, open }) => {
  describe.skipIf(missing)('of many servers', () => {
    let store: TestDatabase;
    let db: Database;
    let claims: Claims;
    const bus = createLocalBus();
    const sealer = createSealer([{ id: '0123456789abcdef', key: randomBytes(32) }]);
    beforeAll(async () => {
      store = await open();
      db = store.db;
      claims = createClaims(db, { leaseMs: 600_000, maxBusy: null });
    });
    beforeEach(() => {
      follow = createFollow({ db, bus });
    });
    afterAll(() => store.close());

    /** A run all of whose servers write what the test says. */
    async function startRun(total: number, follow = false) {
      const runId = await insertRun(db, sealer, total, total, { follow });
      const worker = { owner: uuid(), zones: { except: [] } };
      const { claimed } = await claims.exchange(runId, worker, { ...nothing, want: total });
      await claims.exchange(runId, worker, { ...nothing, begins: claimed });
      const hosts = claimed.map(() => ({ seq: 0, counts: createOutputCounts() }));
      // A worker reports one batch after the other: chunks of a host never overtake each other.
      let last: Promise<void> = Promise.resolve();
      const exchange = (asked: Partial<Exchange>) => {
        last = last.then(async () => {
          await claims.exchange(runId, worker, { ...nothing, ...asked });
          bus.publish(`run:${runId}`);
        });
        return last;
      };
      function chunk(ordinal: number, text: string, keepFrom?: number): NewChunk {
        const host = hosts[ordinal];
        if (!host) throw new Error(`there is no host ${ordinal}`);
        const data = Buffer.from(text);
        const stream = 'stdout' as const;
        const place = host.counts.next(stream, data);
        return { ordinal, attempt: 1, seq: ++host.seq, stream, data, ...place, ...(keepFrom ? { keepFrom } : {}) };
      }
      return {
        runId,
        chunk,
        write: (...chunks: NewChunk[]) => exchange({ chunks }),
        end: () => exchange({ results: claimed.map(({ ordinal }) => ({ ordinal, attempt: 1, state: 'ok' as const })) }),
      };
    }

    let follow: ReturnType<typeof createFollow>;
    const asked = (runId: string, more: Partial<ParamsOf<'runs.follow'>> = {}): ParamsOf<'runs.follow'> => ({
      ...{ runId, tailLines: 0 },
      ...more,
    });

    /** A watcher that reads when it is told to. */
    function watch(runId: string, more: Partial<ParamsOf<'runs.follow'>> = {}) {
      const stop = new AbortController();
      const events = follow(asked(runId, more), stop.signal)[Symbol.asyncIterator]();
      const seen: Event[] = [];
      return {
        seen,
        texts: () => seen.flatMap(({ lines }) => lines.map(({ text }) => text)),
        skipped: () => seen.reduce((sum, { skipped }) => sum + skipped, 0),
        async until(enough: (text: string) => boolean): Promise<void> {
          while (!seen.some(({ done, lines }) => done || lines.some(({ text }) => enough(text)))) {
            const { value } = await events.next();
            if (value) seen.push(value);
          }
        },
        async end(): Promise<void> {
          stop.abort();
          await events.return?.();
        },
      };
    }

    /** Begins at what is stored now: whatever is written from here on is news. */
    async function watchFromHere(run: Awaited<ReturnType<typeof startRun>>, more = {}) {
      await run.write(run.chunk(0, 'here\n'));
      const watcher = watch(run.runId, { tailLines: 1, ...more });
      await watcher.until((text) => text === 'here');
      return watcher;
    }

    it('shows every line once and in order, wherever chunks and readers are cut', async () => {
      const run = await startRun(4);
      const total = 60;
      const writing = (async () => {
        const texts = [0, 1, 2, 3].map((host) => Array.from({ length: total }, (_, n) => `${host} ${n} 漢\n`).join(''));
        for (let at = 0, i = 0; texts.some((text) => at < text.length); i++) {
          const size = 7 + ((i * 13) % 29);
          // Cut anywhere in the bytes, also inside a character.
          await run.write(...texts.map((text, host) => run.chunk(host, text.slice(at, at + size))));
          at += size;
        }
        await run.end();
      })();
      const lines: Event['lines'] = [];
      let after: string | undefined;
      for (let done = false; !done; ) {
        const stop = new AbortController();
        let left = 2;
        for await (const event of follow(
          asked(run.runId, after === undefined ? { tailLines: 1000 } : { after }),
          stop.signal,
        )) {
          lines.push(...event.lines);
          expect(event.skipped).toBe(0);
          after = event.cursor;
          done = event.done;
          if (--left === 0) break;
        }
      }
      await writing;
      for (const host of [0, 1, 2, 3]) {
        const own = lines.filter(({ ordinal }) => ordinal === host);
        expect(own.map(({ text }) => text)).toEqual(Array.from({ length: total }, (_, n) => `${host} ${n} 漢`));
        expect(new Set(own.map(({ name }) => name))).toEqual(new Set([`h${host}`]));
      }
    });

    it('is read once, however many watch', async () => {
      const run = await startRun(20);
      const watchers = await Promise.all(Array.from({ length: 20 }, () => watchFromHere(run)));
      let reads = 0;
      const count = ({ sql }: { sql: string }) => {
        if (/^select .*run_output/.test(sql)) reads++;
      };
      db.knex.on('query', count);
      const writes = 10;
      for (let n = 0; n < writes; n++) {
        await run.write(...Array.from({ length: 20 }, (_, host) => run.chunk(host, `${n}\n`)));
        await Promise.all(watchers.map((watcher) => watcher.until((text) => text === String(n))));
      }
      db.knex.off('query', count);
      // One look or two for each write, not one for each watcher.
      expect(reads).toBeLessThanOrEqual(3 * writes);
      for (const watcher of watchers) await watcher.end();
      expect(watchers.map(({ skipped }) => skipped())).toEqual(watchers.map(() => 0));
    });

    it('shows a slow watcher fewer and newer lines, and says how many it left out', async () => {
      const run = await startRun(2);
      const slow = await watchFromHere(run);
      const fast = watch(run.runId);
      const first = fast.until((text) => text === '999');
      const before = slow.texts().length;
      const total = 40_000;
      for (let n = 0; n < total; n += 1000) {
        await run.write(run.chunk(n % 2, Array.from({ length: 1000 }, (_, i) => `${n + i}\n`).join('')));
        await first;
        await fast.until((text) => text === String(n + 999));
      }
      expect(fast.skipped()).toBe(0);
      await slow.until((text) => text === String(total - 1));
      const shown = slow
        .texts()
        .slice(before)
        .filter((text) => text !== 'here');
      expect(shown.at(-1)).toBe(String(total - 1));
      expect(slow.skipped()).toBe(total - shown.length);
      expect(slow.skipped()).toBeGreaterThan(0);
      expect(Math.max(...slow.seen.map(({ lines }) => lines.length))).toBeLessThanOrEqual(1000);
      await slow.end();
      await fast.end();
    });

    it('skips the oldest of what comes faster than it can be read, and counts it', async () => {
      const run = await startRun(2);
      const watcher = await watchFromHere(run);
      const lines = Array.from({ length: 60_000 }, (_, n) => `${String(n).padStart(7, '0')} ${'x'.repeat(50)}\n`);
      const text = lines.join('');
      const chunks: NewChunk[] = [];
      // 40,000 is no multiple of a line: whatever is skipped ends and begins somewhere in one.
      for (let at = 0; at < text.length; at += 40_000) chunks.push(run.chunk(0, text.slice(at, at + 40_000)));
      await run.write(...chunks);
      await watcher.until((line) => line === lines.at(-1)?.trim());
      const shown = watcher.texts().filter((line) => line !== 'here');
      expect(watcher.skipped()).toBeGreaterThan(0);
      expect(watcher.skipped() + shown.length).toBe(lines.length);
      expect(shown).toEqual(lines.slice(-shown.length).map((line) => line.trim()));
      await watcher.end();
    });

    it('begins with the last lines that a filter keeps, and lets others work while a hard one looks', async () => {
      const run = await startRun(3);
      for (let n = 0; n < 30; n++)
        await run.write(...[0, 1, 2].map((host) => run.chunk(host, `${host} ${n % 3 ? 'info' : 'ERROR'} ${n}\n`)));
      const few = watch(run.runId, { tailLines: 2, filter: { include: 'error', ignoreCase: true } });
      await few.until((text) => text === '2 ERROR 27');
      expect(few.texts().sort()).toEqual([0, 1, 2].flatMap((host) => [`${host} ERROR 24`, `${host} ERROR 27`]));
      await few.end();
      let taken = 0;
      follow = createFollow({
        ...{ db, bus },
        turns: {
          over: () => true,
          next: () => {
            taken++;
            return nextTurn();
          },
        },
      });
      const hard = await watchFromHere(run, { filter: { include: 'here|^(?:[ab]?){30}[ab]{30}$', ignoreCase: false } });
      const chunk = `${'ab'.repeat(200)}c\n`.repeat(200);
      await run.write(...Array.from({ length: 5 }, () => run.chunk(1, chunk)), run.chunk(1, 'here and now\n'));
      await hard.until((text) => text === 'here and now');
      // Before each line it was asked whether others wait.
      expect(taken).toBeGreaterThanOrEqual(5 * 200);
      await hard.end();
    });

    it('ends with the run, also with what was never ended, and shows it again to who comes later', async () => {
      const run = await startRun(2);
      const watcher = await watchFromHere(run);
      await run.write(run.chunk(0, 'almost'), run.chunk(1, 'x'.repeat(20_000)));
      await run.end();
      await watcher.until(() => false);
      expect(watcher.seen.at(-1)?.done).toBe(true);
      const texts = watcher.texts().filter((text) => text !== 'here');
      expect(texts).toContain('almost');
      // A very long line comes in pieces.
      expect(texts.filter((text) => text.startsWith('x')).map(({ length }) => length)).toEqual([8192, 8192, 3616]);
      const later = watch(run.runId, { tailLines: 1 });
      await later.until(() => false);
      expect(later.texts()).toContain('almost');
    });

    it('goes on where old chunks have made room for new ones, whose bytes are counted', async () => {
      const run = await startRun(1, true);
      const watcher = await watchFromHere(run);
      const line = (n: number) => `${String(n).padStart(4, '0')} ${randomBytes(700).toString('base64')}\n`;
      await run.write(run.chunk(0, line(0)));
      await watcher.until((text) => text.startsWith('0000'));
      for (let n = 1; n < 20; n++) await run.write(run.chunk(0, line(n), n > 5 ? n - 2 : undefined));
      await watcher.until((text) => text.startsWith('0019'));
      expect(watcher.texts().filter((text) => text !== 'here').length + watcher.skipped()).toBe(20);
      const sums = await db
        .knex('run_output')
        .where({ run_id: run.runId })
        .first(db.knex.raw('min(seq) as first, sum(size) as bytes, sum(length(data) + 128) as stored'));
      const { output_bytes, output_stored } = await db.knex('runs').where({ id: run.runId }).first();
      expect([Number(sums.first), Number(output_bytes), Number(output_stored)]).toEqual([
        17,
        Number(sums.bytes),
        Number(sums.stored),
      ]);
      const late = watch(run.runId, { tailLines: 100 });
      await late.until((text) => text.startsWith('0019'));
      expect(late.texts().map((text) => text.slice(0, 4))).toEqual(['0015', '0016', '0017', '0018', '0019']);
      await late.end();
      await watcher.end();
    });

    it('lets nothing make room where nothing follows', async () => {
      const run = await startRun(1);
      for (let n = 0; n < 3; n++) await run.write(run.chunk(0, `${n}\n`, 100));
      const kept = await db.knex('run_output').where({ run_id: run.runId }).orderBy('seq').select('seq');
      expect(kept).toEqual([{ seq: 1 }, { seq: 2 }, { seq: 3 }]);
    });

    it('knows no run that is not there, and no filter that is none', async () => {
      const first = (params: ParamsOf<'runs.follow'>) => follow(params, never)[Symbol.asyncIterator]().next();
      await expect(first(asked(uuid()))).rejects.toMatchObject({ code: 'NOT_FOUND' });
      const { runId } = await startRun(1);
      const filter = { include: '(', ignoreCase: false };
      await expect(first(asked(runId, { filter }))).rejects.toMatchObject({ code: 'INVALID_PARAMS' });
    });
  });
});
