import { randomBytes } from 'node:crypto';
import type { ParamsOf, SearchEvent } from '@omanager/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../apps/server/src/db/database.ts';
import { createRunBudget } from '../../apps/server/src/features/runs/execute/budget.ts';
import { createHostOutput } from '../../apps/server/src/features/runs/execute/hostOutput.ts';
import { readDiff } from '../../apps/server/src/features/runs/output/diff.ts';
import { readFolds } from '../../apps/server/src/features/runs/output/folds.ts';
import { readLines } from '../../apps/server/src/features/runs/output/lines.ts';
import { insertOutput, type NewChunk } from '../../apps/server/src/features/runs/output/output.ts';
import { createSearches } from '../../apps/server/src/features/runs/output/search.ts';
import { insertRun } from '../../apps/server/src/features/runs/testing.ts';
import { createSealer } from '../../apps/server/src/features/vault/sealer.ts';
import { databases, type TestDatabase } from '../store/databases.ts';

const sealer = createSealer([{ id: '0123456789abcdef', key: randomBytes(32) }]);
const never = new AbortController().signal;

describe.each(databases)('looking at output on $name', ({ missing, open }) => {
  describe.skipIf(missing)('of a run', () => {
    let store: TestDatabase;
    let db: Database;
    let runId: string;
    const hosts = 130;

    beforeAll(async () => {
      store = await open();
      db = store.db;
      runId = await insertRun(db, sealer, hosts + 1);
      for (let ordinal = 0; ordinal < hosts; ordinal++) await write(ordinal, outputOf(ordinal));
    });
    afterAll(() => store.close());

    /** As a worker would, at the end of an attempt. */
    async function write(ordinal: number, parts: readonly (readonly ['stdout' | 'stderr', string])[]) {
      const chunks: NewChunk[] = [];
      const budget = createRunBudget({ capBytes: 200_000 }).host();
      const names = [`h${ordinal}`, '127.0.0.1'];
      const output = createHostOutput({ ordinal, attempt: 1, names, budget, emit: (chunk) => void chunks.push(chunk) });
      for (const [stream, text] of parts) void output.write(stream, Buffer.from(text));
      const sums = output.finish(0);
      await db.transaction((tx) => insertOutput(tx, runId, chunks, 0));
      await db
        .knex('run_hosts')
        .where({ run_id: runId, ordinal })
        .update({
          ...{ state: 'ok', exit_code: 0, fold: sums.fold, fold_masked: sums.foldMasked },
          ...{ stdout_bytes: sums.stdoutBytes, stderr_bytes: sums.stderrBytes, discarded_bytes: sums.discardedBytes },
        });
    }

    /** Most say the same but for their name; 7 has another line, 8 says a lot. */
    function outputOf(ordinal: number): (readonly ['stdout' | 'stderr', string])[] {
      if (ordinal === 8) return [['stdout', Array.from({ length: 30_000 }, (_, n) => `line ${n + 1}\n`).join('')]];
      const version = ordinal === 7 ? 'version 2' : 'version 1';
      return [
        ['stdout', `h${ordinal} begins\n${version}\nhalf a`],
        ['stderr', 'warning: é\n'],
        ['stdout', ' line\n'],
      ];
    }

    async function search(asked: Partial<ParamsOf<'runs.search'>>): Promise<SearchEvent> {
      const defaults = {
        regex: false,
        ignoreCase: false,
        stream: 'both',
        attempts: 'current',
        limit: 10,
        skip: 0,
      } as const;
      const hits: SearchEvent['hits'] = [];
      let last: SearchEvent | undefined;
      const events = createSearches({ db }).search({ ...defaults, pattern: '', ...asked, runId }, {}, never);
      for await (const event of events) {
        hits.push(...event.hits);
        last = event;
      }
      if (!last) throw new Error('the search said nothing');
      return { ...last, hits };
    }

    it('pages by line over both streams, and from the end', async () => {
      const at = { kind: 'line', line: 1 } as const;
      const page = await readLines(
        db.knex,
        { runId, ordinal: 3, attempt: 1 },
        { stream: 'both', at, limit: 10, maxBytes: 1000 },
      );
      expect(page.lines.map(({ line, stream, byte, text, end }) => [line, stream, byte, text, end])).toEqual([
        [1, 'stdout', 0, 'h3 begins', 'newline'],
        [2, 'stdout', 10, 'version 1', 'newline'],
        [3, 'stdout', 20, 'half a line', 'newline'],
        [4, 'stderr', 0, 'warning: é', 'newline'],
      ]);
      expect(page).toMatchObject({ next: null, totals: { lines: 4, bytes: 44 }, cut: false });
    });

    it('says where a limit cut the output', async () => {
      const end = { stream: 'stdout', at: { kind: 'end' }, limit: 2, maxBytes: 1000 } as const;
      const page = await readLines(db.knex, { runId, ordinal: 8, attempt: 1 }, end);
      expect(page.cut).toBe(true);
      expect(page.totals.bytes).toBe(200_000);
      const whole = outputOf(8)[0]?.[1].slice(0, 200_000).split('\n') ?? [];
      expect(page.lines.map(({ text }) => text)).toEqual(whole.slice(-2));
      expect(page.totals.lines).toBe(whole.length);
      expect(page.lines.at(-1)?.end).toBe('open');
    });

    it('searches all of it', async () => {
      const found = await search({ pattern: 'half a line' });
      expect(found).toMatchObject({ state: 'complete', found: { hits: 129, hosts: 129 } });
      expect(found.hits).toHaveLength(10);
      expect(found.hits[0]).toMatchObject({
        name: 'h0',
        stream: 'stdout',
        line: 3,
        lineOfBoth: 3,
        byte: 20,
        matches: [[0, 11]],
      });
      expect(await search({ pattern: 'VERSION [^1]$', regex: true, ignoreCase: true })).toMatchObject({
        found: { hits: 1, hosts: 1 },
        hits: [{ ordinal: 7, text: 'version 2' }],
      });
      expect(await search({ pattern: 'line 16000', hosts: [7, 8, 9] })).toMatchObject({ found: { hits: 1, hosts: 1 } });
      expect((await search({ pattern: 'warning', stream: 'stdout' })).found.hits).toBe(0);
      expect((await search({ pattern: 'warning', states: ['failed'] })).searched.hosts).toBe(0);
    });

    it('folds, exactly and without what is each host’s own', async () => {
      const exact = await readFolds(db.knex, { runId, by: 'exact', sampleBytes: 100, limit: 5 });
      expect(exact.total).toBe(hosts);
      const masked = await readFolds(db.knex, { runId, by: 'masked', sampleBytes: 20, limit: 5 });
      expect(masked.items.map(({ count, ordinal }) => [count, ordinal])).toEqual([
        [128, 0],
        [1, 7],
        [1, 8],
      ]);
      const sample = masked.items.map((item) =>
        Buffer.concat(item.sample.map(({ data }) => Buffer.from(data, 'base64'))),
      );
      expect(sample.map(String)).toEqual([
        'h0 begins\nversion 1\n',
        'h7 begins\nversion 2\n',
        'line 1\nline 2\nline 3',
      ]);
      expect(masked.items.map(({ sampleTruncated }) => sampleTruncated)).toEqual([true, true, true]);
    });

    it('shows how one differs from the majority', async () => {
      const asked = { runId, by: 'masked', stream: 'both', context: 1, maxLines: 100 } as const;
      const diff = await readDiff(db.knex, { ...asked, ordinal: 7 });
      expect(diff).toMatchObject({
        left: { ordinal: 0, name: 'h0', count: 128 },
        right: { ordinal: 7, name: 'h7', count: 1 },
        equal: false,
        cut: { input: false, hunks: false, lines: false, detail: false },
      });
      expect(diff.hunks).toEqual([
        {
          stream: 'stdout',
          leftLine: 1,
          rightLine: 1,
          lines: [
            { kind: 'both', text: 'h7 begins' },
            { kind: 'left', text: 'version 1' },
            { kind: 'right', text: 'version 2' },
            { kind: 'both', text: 'half a line' },
          ],
        },
      ]);
      expect(await readDiff(db.knex, { ...asked, ordinal: 5 })).toMatchObject({ equal: true, hunks: [] });
      const exactly = await readDiff(db.knex, { ...asked, by: 'exact', ordinal: 5, against: 6 });
      expect(exactly.hunks[0]?.lines.slice(0, 2)).toEqual([
        { kind: 'left', text: 'h6 begins' },
        { kind: 'right', text: 'h5 begins' },
      ]);
      const far = await readDiff(db.knex, { ...asked, ordinal: 8 });
      expect(far.cut).toMatchObject({ input: true, hunks: true, detail: true });
      expect(far.hunks.flatMap(({ lines }) => lines)).toHaveLength(100);
    });
  });
});
