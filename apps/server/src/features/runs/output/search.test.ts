import type { ParamsOf, SearchEvent } from '@omanager/contract';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../../../db/database.ts';
import { linesOf, type Piece, pieces, recut, storePieces } from '../testing/outputPieces.ts';
import { insertRun, openTestStore } from '../testing.ts';
import { createSearches } from './search.ts';
import { compileSearch } from './searchPattern.ts';
import { createScan } from './searchScan.ts';

let store: Awaited<ReturnType<typeof openTestStore>>;
let db: Database;

beforeEach(async () => {
  store = await openTestStore();
  db = store.db;
});
afterEach(() => store.close());

const asked = {
  ...{ pattern: 'x', regex: false, ignoreCase: false, stream: 'both', attempts: 'current', limit: 1000, skip: 0 },
} as const satisfies Omit<ParamsOf<'runs.search'>, 'runId'>;
const never = new AbortController().signal;

async function all(events: AsyncIterable<SearchEvent>) {
  const hits: SearchEvent['hits'] = [];
  let last: SearchEvent | undefined;
  for await (const event of events) {
    hits.push(...event.hits);
    last = event;
  }
  return { ...last, hits };
}

const out = (text: string): Piece => ({ stream: 'stdout', data: Buffer.from(text) });

describe('the scan of chunks', () => {
  it('finds what a plain scan of the lines finds, however they were cut', () => {
    const patterns = [
      { pattern: 'ab', regex: false, ignoreCase: false },
      { pattern: 'AB', regex: false, ignoreCase: true },
      { pattern: 'É', regex: false, ignoreCase: true },
      { pattern: '漢a', regex: false, ignoreCase: false },
      { pattern: 'ab+c?$', regex: true, ignoreCase: false },
      { pattern: '^$', regex: true, ignoreCase: false },
      { pattern: '^[^a]*é', regex: true, ignoreCase: false },
    ];
    fc.assert(
      fc.property(
        pieces,
        fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 5 }),
        fc.constantFrom(...patterns),
        (given, sizes, asked) => {
          const flags = asked.ignoreCase ? 'iu' : 'u';
          const plain = new RegExp(asked.regex ? asked.pattern : asked.pattern.replace(/\W/g, '$&'), flags);
          const lines = linesOf(given);
          const expected = lines.flatMap((line, index) =>
            plain.test(line.bytes.toString())
              ? [
                  {
                    lineOfBoth: index + 1,
                    line: lines.slice(0, index + 1).filter(({ stream }) => stream === line.stream).length,
                    stream: line.stream,
                    byte: line.byte,
                    text: line.bytes.toString(),
                  },
                ]
              : [],
          );
          const scan = createScan(compileSearch(asked), { limit: 1000, skip: 0 });
          const counts = { stdout: { byte: 0, line: 0 }, stderr: { byte: 0, line: 0 } };
          const inLine = { stdout: false, stderr: false };
          for (const { stream, data } of recut(given, sizes)) {
            const starts = linesOf([{ stream, data }]).length - (inLine[stream] ? 1 : 0);
            const lineOfBoth = counts.stdout.line + counts.stderr.line;
            scan.add({ ordinal: 0, attempt: 1, stream, data, lines: starts, ...counts[stream], lineOfBoth });
            counts[stream].byte += data.length;
            counts[stream].line += starts;
            inLine[stream] = data.at(-1) !== 10;
          }
          scan.finish();
          const { hits, found, searched } = scan.take();
          const sorted = [...hits].sort((a, b) => a.lineOfBoth - b.lineOfBoth);
          expect(
            sorted.map(({ line, lineOfBoth, stream, byte, text }) => ({ lineOfBoth, line, stream, byte, text })),
          ).toEqual(expected);
          expect(found).toEqual({ hits: expected.length, hosts: expected.length > 0 ? 1 : 0 });
          expect(searched.lines).toBe(lines.length);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('keeps the numbers of lines where the oldest are no longer kept', () => {
    const scan = createScan(compileSearch({ pattern: 'x', regex: false, ignoreCase: false }), { limit: 10, skip: 0 });
    const add = (text: string, byte: number, line: number, lines: number) =>
      scan.add({
        ordinal: 0,
        attempt: 1,
        stream: 'stdout',
        data: Buffer.from(text),
        lines,
        byte,
        line,
        lineOfBoth: line,
      });
    add('x of line 4\nx5\nbegins ', 100, 4, 2);
    add('x6\nx7\n', 122, 6, 1);
    scan.finish();
    expect(scan.take().hits.map(({ line, byte, text }) => [line, byte, text])).toEqual([
      [4, 100, 'x of line 4'],
      [5, 112, 'x5'],
      [6, 115, 'begins x6'],
      [7, 125, 'x7'],
    ]);
  });

  it('holds a bounded part of a line that never ends, and finds what stands on its borders', () => {
    const scan = createScan(compileSearch({ pattern: 'needle', regex: false, ignoreCase: false }), {
      limit: 10,
      skip: 0,
    });
    const filler = Buffer.alloc(65_536, 'y');
    const add = (data: Buffer, byte: number, lines: number) =>
      scan.add({ ordinal: 3, attempt: 1, stream: 'stdout', data, lines, byte, line: 0, lineOfBoth: 0 });
    let byte = 0;
    for (const data of [
      ...Array(15).fill(filler),
      Buffer.concat([filler.subarray(3), Buffer.from('nee')]),
      Buffer.from('dle'),
      filler,
    ]) {
      add(data, byte, byte === 0 ? 1 : 0);
      byte += data.length;
    }
    scan.finish();
    const { hits, found } = scan.take();
    expect(found.hits).toBe(1);
    const at = 16 * 65_536 - 3;
    expect(hits[0]).toMatchObject({ line: 1, byte: 0, matches: [[at, at + 6]] });
    expect(hits[0]?.text).toContain('needle');
    expect(hits[0]?.text.length).toBeLessThanOrEqual(512);
  });

  it('shows a bounded part of a long line, with offsets into the line', () => {
    const scan = createScan(compileSearch({ pattern: 'n[e]+dle', regex: true, ignoreCase: false }), {
      limit: 10,
      skip: 0,
    });
    const data = Buffer.from(`${'é'.repeat(1000)}needle${'é'.repeat(1000)} needle\n`);
    scan.add({ ordinal: 0, attempt: 1, stream: 'stderr', data, lines: 1, byte: 0, line: 0, lineOfBoth: 4 });
    scan.finish();
    const [hit] = scan.take().hits;
    expect(hit).toMatchObject({ line: 1, lineOfBoth: 5, matches: [[2000, 2006]] });
    expect(hit?.text).toMatch(/^é+needleé+$/);
    const offset = 2000 - (hit?.textFrom ?? 0);
    expect(Buffer.from(hit?.text ?? '').toString('utf8', offset, offset + 6)).toBe('needle');
  });

  it.each(['(a+)+$', '(x+x+)+y', '(a|aa)+$', '(.*)*b'])('is linear for %s', (pattern) => {
    const finder = compileSearch({ pattern, regex: true, ignoreCase: false });
    expect(finder.next(Buffer.from(`${'a'.repeat(100_000)}!`), 0)).toBe(-1);
  });

  it.each([
    [{ pattern: '(?=a)', regex: true }, /RE2/],
    [{ pattern: '(', regex: true }, /RE2/],
    [{ pattern: '((ab|cd|ef){100}){9}', regex: true }, /too large/],
    [{ pattern: 'a\nb', regex: false }, /newline/],
  ])('refuses %j', (given, message) => {
    expect(() => compileSearch({ ...given, ignoreCase: false })).toThrow(message);
  });
});

describe('runs.search', () => {
  it('goes over hosts and streams, says where and how many, and stops at its limit of hits only with sending', async () => {
    const runId = await insertRun(db, store.sealer, 1200);
    for (let ordinal = 0; ordinal < 1200; ordinal += 7) {
      const given = [
        out(`start\nload x${ordinal}`),
        { stream: 'stderr', data: Buffer.from('warn x\n') } as const,
        out('\nend\n'),
      ];
      await storePieces(db, { runId, ordinal, attempt: 1 }, given);
    }
    const searches = createSearches({ db });
    const found = await all(searches.search({ ...asked, runId, limit: 50 }, {}, never));
    expect(found).toMatchObject({
      state: 'complete',
      found: { hits: 2 * 172, hosts: 172 },
      searched: { hosts: 1200, lines: 4 * 172, bytes: expect.any(Number) },
    });
    expect(found.hits).toHaveLength(50);
    expect(
      found.hits
        .slice(0, 4)
        .map(({ name, stream, line, lineOfBoth, text, matches }) => [name, stream, line, lineOfBoth, text, matches]),
    ).toEqual([
      ['h0', 'stderr', 1, 3, 'warn x', [[5, 6]]],
      ['h0', 'stdout', 2, 2, 'load x0', [[5, 6]]],
      ['h7', 'stderr', 1, 3, 'warn x', [[5, 6]]],
      ['h7', 'stdout', 2, 2, 'load x7', [[5, 6]]],
    ]);
    const rest = await all(searches.search({ ...asked, runId, limit: 50, skip: 20 }, {}, never));
    expect(rest.hits).toEqual(found.hits.slice(20));
    const one = await all(
      searches.search(
        { ...asked, runId, stream: 'stdout', hosts: [7, 8, 700], pattern: 'X\\d+', regex: true, ignoreCase: true },
        {},
        never,
      ),
    );
    expect(one.found).toEqual({ hits: 2, hosts: 2 });
    expect(one.searched?.hosts).toBe(3);
    const none = await all(searches.search({ ...asked, runId, states: ['ok'] }, {}, never));
    expect(none).toMatchObject({ found: { hits: 0, hosts: 0 }, searched: { hosts: 0 }, state: 'complete' });
  });

  it('sees earlier attempts only when asked', async () => {
    const runId = await insertRun(db, store.sealer, 1);
    await storePieces(db, { runId, ordinal: 0, attempt: 1 }, [out('x in one')]);
    await storePieces(db, { runId, ordinal: 0, attempt: 2 }, [out('x in two')]);
    await db.knex('run_hosts').where({ run_id: runId }).update({ attempt: 2 });
    const searches = createSearches({ db });
    const attemptsOf = async (attempts: 'current' | 'all') =>
      (await all(searches.search({ ...asked, runId, attempts }, {}, never))).hits.map(({ attempt }) => attempt);
    expect(await attemptsOf('current')).toEqual([2]);
    expect(await attemptsOf('all')).toEqual([1, 2]);
  });

  it('refuses a pattern that is none', async () => {
    const runId = await insertRun(db, store.sealer, 1);
    const events = createSearches({ db }).search({ ...asked, runId, pattern: '(', regex: true }, {}, never);
    await expect(all(events)).rejects.toMatchObject({ code: 'INVALID_PARAMS' });
  });

  it('is ended by its deadline, by a later one of the same caller, and by who asked', async () => {
    const runId = await insertRun(db, store.sealer, 50);
    for (let ordinal = 0; ordinal < 50; ordinal++) await storePieces(db, { runId, ordinal, attempt: 1 }, [out('x\n')]);
    const late = await all(createSearches({ db, deadlineMs: 0 }).search({ ...asked, runId }, {}, never));
    expect(late.state).toBe('deadline');

    const searches = createSearches({ db });
    const caller = {};
    const first = all(searches.search({ ...asked, runId }, caller, never));
    const second = all(searches.search({ ...asked, runId }, caller, never));
    expect((await first).state).toBe('replaced');
    expect((await second).state).toBe('complete');

    const stop = new AbortController();
    const others = Array.from({ length: 6 }, () => all(searches.search({ ...asked, runId }, {}, stop.signal)));
    stop.abort();
    for (const other of await Promise.all(others)) expect(other.state).not.toBe('complete');
  });
});
