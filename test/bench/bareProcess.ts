import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { createWorkspace } from '../lab/workspace.ts';

export interface BareTask {
  addresses: readonly string[];
  port: number;
  username: string;
  privateKey: string;
  parallel: number;
  source: string;
  discard?: boolean;
}

export interface BareLoop {
  readonly pid: number;
  /** Milliseconds that one round over all hosts took. */
  run(how: 'cold' | 'warm' | 'close'): Promise<number>;
  stop(): Promise<void>;
}

/** Starts the bare ssh2 loop in a process of its own; `script` is bareLoop.ts or one that speaks the same lines. */
export function startBareLoop(task: BareTask, script = 'bareLoop.ts'): BareLoop {
  const workspace = createWorkspace('bare');
  const file = join(workspace.dir, 'task.json');
  writeFileSync(file, JSON.stringify(task), { mode: 0o600 });
  const child = spawn(process.execPath, [fileURLToPath(new URL(script, import.meta.url)), file], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    pid: child.pid ?? 0,
    async run(how) {
      child.stdin.write(`${how}\n`);
      const { value, done } = await lines.next();
      if (done) throw new Error('the bare loop ended early');
      return Number(value);
    },
    async stop() {
      child.stdin.end();
      if (child.exitCode === null) await once(child, 'exit');
      workspace.remove();
    },
  };
}
