import { setTimeout as sleep } from 'node:timers/promises';
import { parseSurvivors, survivorsScript } from '@omanager/task-module';
import { type Asked, ask } from './ask.ts';

/** The wrapper's own timer sleeps a second at a time and is gone after that; so is what just takes its time to end. */
const secondLookMs = 1200;

/** Pids on the host that still carry an execution's mark; null where the host could not say. */
export async function findSurvivors(asked: Asked, mark: string): Promise<number[] | null> {
  const first = await look(asked, mark);
  if (first === null || first.length === 0) return first;
  await sleep(secondLookMs);
  return look(asked, mark);
}

async function look(asked: Asked, mark: string): Promise<number[] | null> {
  const answer = await ask(asked, survivorsScript(mark));
  return 'said' in answer ? parseSurvivors(answer.said.toString('utf8')).map(({ pid }) => pid) : null;
}
