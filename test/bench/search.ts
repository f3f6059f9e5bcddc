import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { ParamsOf } from '@omanager/contract';
import type { Database } from '../../apps/server/src/db/database.ts';
import { createRunBudget } from '../../apps/server/src/features/runs/execute/budget.ts';
import { createHostOutput } from '../../apps/server/src/features/runs/execute/hostOutput.ts';
import { readFolds } from '../../apps/server/src/features/runs/output/folds.ts';
import { readLines } from '../../apps/server/src/features/runs/output/lines.ts';
import { insertOutput, type NewChunk } from '../../apps/server/src/features/runs/output/output.ts';
import { createSearches } from '../../apps/server/src/features/runs/output/search.ts';
import { insertRun, openTestStore } from '../../apps/server/src/features/runs/testing.ts';
import { figureOf, printFigures, printRatio } from './figures.ts';

type TestStore = Awaited<ReturnType<typeof openTestStore>>;

const hosts = 1000;
const linesOfHost = 1000;
const aims = { firstMs: 300, totalMs: 2000, delayMs: 100 } as const;

type Asked = Pick<ParamsOf<'runs.search'>, 'pattern' | 'regex' | 'ignoreCase'>;

const searches: readonly (Asked & { name: string })[] = [
  { name: 'a text, rare', pattern: 'status=503', regex: false, ignoreCase: false },
  { name: 'a text, in every line', pattern: 'request', regex: false, ignoreCase: false },
  { name: 'a text, ignoring case', pattern: 'STATUS=503', regex: false, ignoreCase: true },
  { name: 'a pattern', pattern: 'took 3\\d\\d ms .*status=5\\d\\d', regex: true, ignoreCase: false },
  { name: 'a pattern, in every line', pattern: '\\[\\d+\\]: request', regex: true, ignoreCase: false },
  { name: '(a+)+$', pattern: '(a+)+$', regex: true, ignoreCase: false },
];

/** Searches a million lines of a run of a thousand hosts, in an SQLite file as the server keeps it. */
export async function benchSearch(rounds: number): Promise<void> {
  const store = await openTestStore();
  const { db } = store;
  try {
    const runId = await fill(store);
    for (const { name, ...asked } of searches) await measure(db, { ...asked, runId }, name, rounds);
    await measureReading(db, runId, rounds);
  } finally {
    await store.close();
  }
}

async function measure(db: Database, asked: Asked & { runId: string }, name: string, rounds: number): Promise<void> {
  const service = createSearches({ db });
  const first: number[] = [];
  const total: number[] = [];
  const delay: number[] = [];
  const busy: number[] = [];
  let said = '';
  for (let round = 0; round < rounds; round++) {
    const watch = monitorEventLoopDelay({ resolution: 5 });
    watch.enable();
    const before = performance.eventLoopUtilization();
    const began = performance.now();
    let firstHit = Number.NaN;
    const signal = AbortSignal.timeout(60_000);
    const scope = { stream: 'both', attempts: 'current', limit: 1000, skip: 0 } as const;
    for await (const event of service.search({ ...asked, ...scope }, {}, signal)) {
      if (event.hits.length > 0 && Number.isNaN(firstHit)) firstHit = performance.now() - began;
      if (event.state === 'searching') continue;
      const { found, searched } = event;
      said = `${event.state}: ${found.hits} lines of ${found.hosts} hosts, in ${searched.lines} lines, ${(searched.bytes / 1e6).toFixed(0)} MB`;
    }
    total.push(performance.now() - began);
    if (!Number.isNaN(firstHit)) first.push(firstHit);
    watch.disable();
    busy.push(performance.eventLoopUtilization(before).active);
    delay.push(watch.max / 1e6);
  }
  const figures = [
    ...(first.length > 0 ? [figureOf('first hits', 'ms', first)] : []),
    figureOf('exact total', 'ms', total),
    figureOf('longest event loop delay', 'ms', delay),
  ];
  const others = figureOf('event loop at work for it', 'ms', busy);
  printFigures(`search: ${name} (${asked.pattern}); ${said}`, [...figures, others]);
  for (const [index, aim] of [aims.firstMs, aims.totalMs, aims.delayMs].slice(3 - figures.length).entries()) {
    const figure = figures[index];
    if (figure)
      printRatio(`${figure.name}, median over its aim of ${aim} ms`, figure.median / aim, '≤ 1', figure.median <= aim);
  }
}

/** A page out of the middle of one output of 100 MB, and the folds of the run. */
async function measureReading(db: Database, runId: string, rounds: number): Promise<void> {
  const key = { runId, ordinal: hosts, attempt: 1 };
  const lines = 1_000_000;
  const text = Array.from({ length: lines / 1000 }, (_, n) => lineOf(0, n)).join('');
  await keep(db, runId, hosts, Buffer.from(text), 1000);
  const page = async (line: number) => {
    const began = performance.now();
    await readLines(db.knex, key, { stream: 'both', at: { kind: 'line', line }, limit: 200, maxBytes: 262_144 });
    return performance.now() - began;
  };
  const began = async (work: () => Promise<unknown>) => {
    const at = performance.now();
    await work();
    return performance.now() - at;
  };
  const times = { first: [] as number[], middle: [] as number[], last: [] as number[], folds: [] as number[] };
  for (let round = 0; round < rounds * 3; round++) {
    times.first.push(await page(1));
    times.middle.push(await page(lines / 2 + round));
    times.last.push(await page(lines - 200));
    times.folds.push(await began(() => readFolds(db.knex, { runId, by: 'masked', sampleBytes: 0, limit: 50 })));
  }
  printFigures('200 lines of one output of a million lines (100 MB); folds of a thousand hosts', [
    figureOf('from the first line on', 'ms', times.first),
    figureOf('from the middle on', 'ms', times.middle),
    figureOf('the last ones', 'ms', times.last),
    figureOf('masked folds', 'ms', times.folds),
  ]);
}

async function fill({ db, sealer }: TestStore): Promise<string> {
  const runId = await insertRun(db, sealer, hosts + 1);
  for (let ordinal = 0; ordinal < hosts; ordinal++) {
    const text = Array.from({ length: linesOfHost }, (_, n) => lineOf(ordinal, n)).join('');
    await keep(db, runId, ordinal, Buffer.from(text), 1);
  }
  return runId;
}

/** As a worker stores it: cut, counted, hashed, compressed. */
async function keep(db: Database, runId: string, ordinal: number, data: Buffer, times: number): Promise<void> {
  let chunks: NewChunk[] = [];
  const budget = createRunBudget({ capBytes: 1e9 }).host();
  const output = createHostOutput({
    ordinal,
    attempt: 1,
    budget,
    names: [`web${ordinal}`],
    emit: (chunk) => void chunks.push(chunk),
  });
  for (let time = 0; time < times; time++) {
    for (let at = 0; at < data.length; at += 16_384) void output.write('stdout', data.subarray(at, at + 16_384));
    if (time % 50 === 0) await flush();
  }
  const { foldMasked, fold } = output.finish(0);
  await flush();
  await db
    .knex('run_hosts')
    .where({ run_id: runId, ordinal })
    .update({ fold, fold_masked: foldMasked, state: 'ok', exit_code: 0 });

  async function flush() {
    const batch = chunks;
    chunks = [];
    await db.transaction((tx) => insertOutput(tx, runId, batch, Date.now()));
  }
}

function lineOf(ordinal: number, n: number): string {
  const status = (ordinal * linesOfHost + n) % 4001 === 0 ? 503 : 200;
  const second = String(n % 60).padStart(2, '0');
  return `2026-11-22T12:50:${second}.${String(n % 1000).padStart(3, '0')}Z web${ordinal} shop[${4000 + (n % 7)}]: request ${(n * 7919) % 99991} took ${n % 350} ms path=/items status=${status}\n`;
}
