import type { LineFilter as Spec } from '@omanager/contract';
import { compileLineFilter, createLineSieve, type LineFilter } from '@omanager/task-module';
import type { HostIo } from '../../features/runs/execute/engine.ts';
import type { Turns } from '../../turns.ts';
import type { BodyResult } from './types.ts';

/** What the lines of a run are held against, and the time that all filters of a process share. */
export interface Filtering {
  filter: LineFilter;
  turns: Turns;
}

/** The filter of a plan, which was checked when it was made. */
export function filteringOf(spec: Spec, turns: Turns): Filtering {
  const filter = compileLineFilter(spec);
  if (typeof filter === 'string') throw new Error(`the plan's filter is none: ${filter}`);
  return { filter, turns };
}

/** Lets only the wanted lines of a host through. A host that prints more than there is time to look at waits. */
export function filterOutput(filtering: Filtering | undefined, io: Pick<HostIo, 'write'>) {
  if (!filtering) return { write: io.write, finish: async (result: BodyResult) => result };
  const { filter, turns } = filtering;
  const sieves = { stdout: createLineSieve(filter), stderr: createLineSieve(filter) };
  let behind: Promise<void> | undefined;

  function write(stream: 'stdout' | 'stderr', data: Uint8Array): Promise<void> | void {
    // What waits for its turn goes first.
    if (behind || turns.over()) return wait(stream, data);
    const { kept, rest } = sieves[stream].take(data, turns.over);
    const written = kept.length > 0 ? io.write(stream, Buffer.concat(kept)) : undefined;
    if (rest.length === 0) return written;
    const later = wait(stream, rest);
    return written ? Promise.all([written, later]).then(() => {}) : later;
  }

  function wait(stream: 'stdout' | 'stderr', data: Uint8Array): Promise<void> {
    const before = behind;
    const own = (async () => {
      await before;
      for (let rest = data; rest.length > 0; ) {
        await turns.next();
        const step = sieves[stream].take(rest, turns.over);
        rest = step.rest;
        if (step.kept.length > 0) await io.write(stream, Buffer.concat(step.kept));
      }
    })();
    behind = own;
    return own.finally(() => {
      if (behind === own) behind = undefined;
    });
  }

  return {
    write,
    async finish(result: BodyResult): Promise<BodyResult> {
      await behind;
      for (const stream of ['stdout', 'stderr'] as const) {
        const rest = sieves[stream].finish();
        if (rest.length > 0) await io.write(stream, Buffer.concat(rest));
      }
      return { ...result, filteredLines: sieves.stdout.dropped + sieves.stderr.dropped };
    },
  };
}
