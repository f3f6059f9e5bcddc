import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

/** What every process of this machine that began after the watch did showed to others: argument lists and environments. */
export interface Shown {
  commands: string[];
  environments: string[];
}

export interface ProcessWatch {
  /** Ends the watch and gives all it saw. */
  stop(): Promise<Shown>;
}

/** Reads /proc over and over in a thread of its own, as a curious user of a host would. */
export async function watchProcesses(): Promise<ProcessWatch> {
  const flag = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(new URL(import.meta.url), { workerData: { watch: flag } });
  await once(worker, 'message');
  return {
    async stop() {
      const answer = once(worker, 'message');
      Atomics.store(flag, 0, 1);
      const [shown]: Shown[] = await answer;
      await worker.terminate();
      return shown ?? { commands: [], environments: [] };
    },
  };
}

function watch(flag: Int32Array): void {
  const pids = () => readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const before = new Set(pids());
  const commands = new Set<string>();
  const environments = new Set<string>();
  const note = (seen: Set<string>, path: string) => {
    try {
      seen.add(readFileSync(path, 'latin1'));
    } catch {
      // It ended meanwhile.
    }
  };
  parentPort?.postMessage('watching');
  while (Atomics.load(flag, 0) === 0) {
    for (const pid of pids()) {
      if (before.has(pid)) continue;
      note(commands, `/proc/${pid}/cmdline`);
      note(environments, `/proc/${pid}/environ`);
    }
    // A short rest: other tests share the machine.
    Atomics.wait(flag, 0, 0, 2);
  }
  parentPort?.postMessage({ commands: [...commands], environments: [...environments] });
}

if (!isMainThread && typeof workerData === 'object' && workerData && 'watch' in workerData) {
  if (workerData.watch instanceof Int32Array) watch(workerData.watch);
}
