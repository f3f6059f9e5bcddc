import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../../../db/database.ts';
import { linesOf, type Piece, pieces, recut, storePieces } from '../testing/outputPieces.ts';
import { openTestStore } from '../testing.ts';
import { readLines } from './lines.ts';

let store: Awaited<ReturnType<typeof openTestStore>>;
let db: Database;
let runs = 0;

beforeEach(async () => {
  store = await openTestStore();
  db = store.db;
});
afterEach(() => store.close());

const choices = ['both', 'stdout', 'stderr'] as const;
const all = { stream: 'both', at: { kind: 'line', line: 1 }, limit: 5000, maxBytes: 1_048_576 } as const;

async function stored(given: Piece[]) {
  const key = { runId: `run-${runs++}`, ordinal: 0, attempt: 1 };
  await storePieces(db, key, given);
  return key;
}

describe('lines of stored output', () => {
  it('are those of the whole output, however it was cut, from any line on', async () => {
    await fc.assert(
      fc.asyncProperty(
        pieces,
        fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 5 }),
        fc.constantFrom(...choices),
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 1, max: 10 }),
        async (given, sizes, stream, line, limit) => {
          const expected = linesOf(given, stream);
          const key = await stored(recut(given, sizes));
          const page = await readLines(db.knex, key, { ...all, stream, at: { kind: 'line', line }, limit });
          const wanted = expected.slice(line - 1, line - 1 + limit);
          expect(page.lines).toEqual(
            wanted.map(({ bytes, newline, at: _, ...place }, index) => ({
              ...place,
              line: line + index,
              text: bytes.toString(),
              bytes: bytes.length,
              end: newline ? 'newline' : 'open',
            })),
          );
          const after = line + wanted.length;
          expect(page.next).toBe(wanted.length > 0 && after <= expected.length ? after : null);
          expect(page.totals.lines).toBe(expected.length);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('keep their numbers where the oldest are no longer kept', async () => {
    await fc.assert(
      fc.asyncProperty(pieces, fc.constantFrom(...choices), fc.nat(20), async (given, stream, gone) => {
        const key = await stored(given);
        await db.knex('run_output').where({ run_id: key.runId }).andWhere('seq', '<=', gone).delete();
        const dropped = (of: 'stdout' | 'stderr') =>
          given.slice(0, gone).reduce((sum, piece) => sum + (piece.stream === of ? piece.data.length : 0), 0);
        const kept = linesOf(given, stream)
          .map((line, at) => ({ ...line, line: at + 1 }))
          .filter((line) => line.byte >= dropped(line.stream));
        const page = await readLines(db.knex, key, { ...all, stream });
        expect(page.lines.map(({ line, text }) => [line, text])).toEqual(
          kept.map(({ line, bytes }) => [line, bytes.toString()]),
        );
        if (kept[0]) expect(page.totals).toMatchObject({ first: kept[0].line, lines: kept.at(-1)?.line });
      }),
      { numRuns: 150 },
    );
  });

  it('begin at any byte of a stream', async () => {
    await fc.assert(
      fc.asyncProperty(pieces, fc.constantFrom('stdout', 'stderr'), fc.nat(80), async (given, stream, byte) => {
        const expected = linesOf(given, stream);
        const first = expected.findIndex((line) => byte <= line.byte + line.bytes.length - (line.newline ? 0 : 1));
        const page = await readLines(db.knex, await stored(given), { ...all, stream, at: { kind: 'byte', byte } });
        const texts = expected.slice(first).map(({ bytes }) => bytes.toString());
        const [start] = expected.slice(first);
        if (first < 0 || !start) {
          expect(page.lines).toEqual([]);
          return;
        }
        texts[0] = start.bytes.subarray(byte - start.byte).toString();
        expect(page.lines.map(({ text }) => text)).toEqual(texts);
        expect(page.lines[0]).toMatchObject({ byte, line: first + 1 });
      }),
      { numRuns: 100 },
    );
  });

  it('say when each of them began to arrive', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 25, maxLength: 25 }),
        ...([pieces, fc.constantFrom(...choices), fc.integer({ min: 1, max: 20 })] as const),
        async (steps, given, stream, line) => {
          let now = 1000;
          const timed = given.map((piece, i) => {
            now += steps[i] ?? 0;
            return { ...piece, at: now };
          });
          const page = await readLines(db.knex, await stored(timed), { ...all, stream, at: { kind: 'line', line } });
          const times = page.lines.map((one) => page.times.findLast((time) => time.line <= one.line)?.at);
          const wanted = linesOf(timed, stream).slice(line - 1);
          expect(times).toEqual(wanted.map(({ at }) => new Date(at).toISOString()));
          expect(page.times).toHaveLength(new Set(wanted.map(({ at }) => at)).size);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('around a line, and the last ones', async () => {
    const key = await stored([{ stream: 'stdout', data: Buffer.from(numbers(1, 100)) }]);
    const around = await readLines(db.knex, key, { ...all, at: { kind: 'around', line: 50 }, limit: 5 });
    expect(around.lines.map(({ text }) => text)).toEqual(['48', '49', '50', '51', '52']);
    const end = await readLines(db.knex, key, { ...all, at: { kind: 'end' }, limit: 3 });
    expect(end.lines.map(({ text }) => text)).toEqual(['98', '99', '100']);
    expect(end.next).toBeNull();
  });

  it('are cut where one is longer than a page holds, and read on by byte', async () => {
    const long = `é${'x'.repeat(200_000)}é`;
    const key = await stored(recut([{ stream: 'stdout', data: Buffer.from(`first\n${long}\nlast`) }], [32_768]));
    const page = await readLines(db.knex, key, { ...all, stream: 'stdout' });
    expect(page.lines.map(({ end }) => end)).toEqual(['newline', 'cut', 'open']);
    let text = '';
    let byte = 6;
    for (;;) {
      const [line] = (await readLines(db.knex, key, { ...all, stream: 'stdout', at: { kind: 'byte', byte } })).lines;
      text += line?.text;
      byte += line?.bytes ?? 0;
      if (line?.end !== 'cut') break;
    }
    expect(text).toBe(long);
    const tiny = await readLines(db.knex, key, { ...all, maxBytes: 3 });
    expect(tiny.lines).toMatchObject([{ text: 'fir', end: 'cut' }]);
    expect(tiny.next).toBe(2);
  });

  it('of one page are read without reading what is before them', async () => {
    const given = Array.from(
      { length: 200 },
      (_, n): Piece => ({
        stream: n % 3 === 0 ? 'stderr' : 'stdout',
        data: Buffer.from(numbers(n * 1000, n * 1000 + 999)),
      }),
    );
    const key = await stored(given);
    let rows = 0;
    const count = (response: unknown[]) => {
      rows += Array.isArray(response) ? response.length : 1;
    };
    db.knex.on('query-response', count);
    const page = await readLines(db.knex, key, { ...all, at: { kind: 'line', line: 150_001 }, limit: 10 });
    db.knex.off('query-response', count);
    expect(page.lines[0]).toMatchObject({ line: 150_001, text: '150000' });
    expect(rows).toBeLessThan(40);
  });
});

function numbers(from: number, to: number): string {
  return Array.from({ length: to - from + 1 }, (_, n) => `${from + n}\n`).join('');
}
