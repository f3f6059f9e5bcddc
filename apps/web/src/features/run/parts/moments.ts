import type { HostRun, Run } from '@omanager/contract';
import { notOkStates } from '../header/steering.ts';

export type Moment =
  | { kind: 'created' | 'started' | 'ended'; at: string }
  | { kind: 'wave'; at: string; wave: number }
  | { kind: 'firstNotOk'; at: string; name: string };

const notOk = new Set(notOkStates);

/** The moments of a run, in their order, as far as its servers tell them. Waves are ranges of ordinals. */
export function momentsOf(run: Run, hosts: Iterable<HostRun>): Moment[] {
  const begins: (string | null)[] = run.waves.map(() => null);
  const ends: number[] = [];
  let sum = 0;
  for (const { size } of run.waves) {
    sum += size;
    ends.push(sum);
  }
  let firstBad: { at: string; name: string } | null = null;
  for (const { ordinal, startedAt, endedAt, state, name } of hosts) {
    if (startedAt !== null) {
      const wave = ends.findIndex((end) => ordinal < end);
      const began = begins[wave];
      if (wave >= 0 && (began === null || began === undefined || startedAt < began)) begins[wave] = startedAt;
    }
    if (endedAt !== null && notOk.has(state) && (firstBad === null || endedAt < firstBad.at))
      firstBad = { at: endedAt, name };
  }
  const moments: Moment[] = [{ kind: 'created', at: run.createdAt }];
  if (run.startedAt) moments.push({ kind: 'started', at: run.startedAt });
  if (run.waves.length > 1)
    begins.forEach((at, wave) => {
      if (at !== null) moments.push({ kind: 'wave', at, wave: wave + 1 });
    });
  if (firstBad) moments.push({ kind: 'firstNotOk', ...firstBad });
  if (run.endedAt) moments.push({ kind: 'ended', at: run.endedAt });
  return moments.sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
}
