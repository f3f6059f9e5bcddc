import { parentPort, workerData } from 'node:worker_threads';
import { type DatabaseConfig, openDatabase } from '../../../db/database.ts';
import type { Block } from './block.ts';
import { type Checked, createCheck, type Measure } from './blockContent.ts';

export interface CheckTask {
  database: DatabaseConfig;
  measure: Measure;
}

/** Several may be asked before the first is answered. */
export interface CheckQuestion {
  id: number;
  blocks: readonly Block[];
}

export interface CheckAnswer {
  id: number;
  checked: Checked[];
}

const { database, measure }: CheckTask = workerData;
const check = createCheck(openDatabase(database).knex, measure);
parentPort?.on('message', async ({ id, blocks }: CheckQuestion) => {
  // What it throws ends the thread, and is told to who asked.
  const answer: CheckAnswer = { id, checked: await check(blocks) };
  parentPort?.postMessage(answer);
});
