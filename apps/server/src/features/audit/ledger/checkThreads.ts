import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Knex } from 'knex';
import type { DatabaseConfig } from '../../../db/database.ts';
import type { CheckBlocks, Checked, Measure } from './blockContent.ts';
import type { CheckAnswer, CheckQuestion, CheckTask } from './checkThread.ts';

const mostThreads = 4;
const maxMemoryMb = 512;
/** Millions of rows live for a moment only. */
const maxYoungMb = 128;
/** A thread begins with loading what it needs: less than this is checked sooner without. */
const worthEvents = 50_000;

/** How many threads shall check the ledger, of those that may: none when it is small. */
export async function threadsWorth(knex: Knex, { spare = 0 }: { spare?: number } = {}): Promise<number> {
  const sum = await knex('ledger_blocks').sum({ events: 'events' }).first();
  if (Number(sum?.events ?? 0) < worthEvents) return 0;
  return Math.max(1, Math.min(mostThreads, availableParallelism() - spare));
}

export interface CheckThreads extends Disposable {
  /** Blocks go to the threads in turn; several stretches may be under way. */
  check: CheckBlocks;
}

/** Threads that check blocks, each with a connection of its own; whatever they do, they end with `dispose`. */
export function startCheckThreads(count: number, database: DatabaseConfig, { key, ...others }: Measure): CheckThreads {
  const workerData: CheckTask = { database, measure: { ...others, key: { id: key.id, key: key.key } } };
  const threads = Array.from({ length: count }, () => startThread(workerData));
  let turn = 0;
  return {
    check(blocks) {
      const thread = threads[turn++ % count];
      return thread ? thread.ask(blocks) : Promise.reject(new Error('there is no thread to check blocks'));
    },
    [Symbol.dispose]() {
      for (const { end } of threads) end();
    },
  };
}

function startThread(workerData: CheckTask) {
  const worker = new Worker(new URL('./checkThread.ts', import.meta.url), {
    workerData,
    env: {},
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: maxMemoryMb, maxYoungGenerationSizeMb: maxYoungMb },
  });
  const asked = new Map<number, PromiseWithResolvers<Checked[]>>();
  let questions = 0;
  let failure: unknown;
  const fail = (error: unknown) => {
    failure ??= error;
    for (const { reject } of asked.values()) reject(failure);
    asked.clear();
  };
  worker.on('message', ({ id, checked }: CheckAnswer) => {
    asked.get(id)?.resolve(checked);
    asked.delete(id);
  });
  worker.on('error', fail);
  worker.on('exit', () => fail(new Error('a thread that checks blocks has ended')));
  return {
    ask(blocks: CheckQuestion['blocks']): Promise<Checked[]> {
      if (failure !== undefined) return Promise.reject(failure);
      const question: CheckQuestion = { id: questions++, blocks };
      const answer = Promise.withResolvers<Checked[]>();
      asked.set(question.id, answer);
      worker.postMessage(question);
      return answer.promise;
    },
    end: () => void worker.terminate(),
  };
}
