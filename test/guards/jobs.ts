import { spawn } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { root } from './repo.ts';

/** Something to check: resolves to what is wrong, one text each; to nothing when all is well. */
export interface Job {
  name: string;
  run(): Promise<string[]>;
}

export interface Outcome {
  name: string;
  problems: string[];
  ms: number;
}

/** Runs the jobs, `limit` at once, and tells of each as it ends. A job that throws has that as its problem. */
export async function runJobs(
  jobs: readonly Job[],
  limit: number,
  ended: (outcome: Outcome) => void,
): Promise<Outcome[]> {
  const waiting = [...jobs];
  const outcomes: Outcome[] = [];
  const work = async () => {
    for (let job = waiting.shift(); job; job = waiting.shift()) {
      const began = performance.now();
      const problems = await job.run().catch((error: unknown) => [String(error)]);
      const outcome = { name: job.name, problems, ms: performance.now() - began };
      outcomes.push(outcome);
      ended(outcome);
    }
  };
  await Promise.all(Array.from({ length: limit }, work));
  return outcomes;
}

const maxOutput = 200_000;

/** A job that is a tool of node_modules: its output is the problem when it fails. */
export function tool(name: string, command: string, args: readonly string[]): Job {
  const bin = join(root, 'node_modules', '.bin');
  const env = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH ?? ''}` };
  return {
    name,
    run: () =>
      new Promise((resolve, reject) => {
        const child = spawn(join(bin, command), args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
        let output = '';
        const take = (chunk: Buffer) => {
          if (output.length < maxOutput) output += chunk.toString('utf8');
        };
        child.stdout.on('data', take);
        child.stderr.on('data', take);
        child.on('error', reject);
        child.on('close', (code, signal) => {
          if (code === 0) return resolve([]);
          resolve([output.trim() || `${command} ended with ${signal ?? `code ${code}`} and said nothing`]);
        });
      }),
  };
}
