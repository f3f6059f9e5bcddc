import { setTimeout as sleep } from 'node:timers/promises';
import { parseSurvivors, survivorsScript, type Traces } from '@omanager/task-module';
import { type Asked, ask } from './ask.ts';

/** The wrapper's own timers sleep a second at a time and are gone after that; so is what just takes its time to end. */
const settleMs = 1200;

/** Pids on the host that still bear an execution's traces; null where the host could not say. */
export async function findSurvivors(asked: Asked, traces: Traces): Promise<number[] | null> {
  await sleep(settleMs);
  const answer = await ask(asked, survivorsScript(traces));
  return 'said' in answer ? parseSurvivors(answer.said.toString('utf8')).map(({ pid }) => pid) : null;
}
