import { execFileSync } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderShell, validateParams } from '@omanager/task-module';
import { isAlive, killNow } from '../lab/processes.ts';
import { waitFor } from '../lab/wait.ts';
import { createWorkspace } from '../lab/workspace.ts';
import { builtin } from '../modules/builtinHost.ts';
import { type LocalResult, runLocally } from '../modules/localHost.ts';
import { type Receiver, startReceiver } from './receiver.ts';

export interface Agent {
  /** Stands before every path of the agent, so that this machine keeps its own /etc. */
  root: string;
  spool: string;
  receiver: Receiver;
  key: Buffer;
  run(id: string, params?: Record<string, unknown>): Promise<LocalResult>;
  /** The forwarder's process, once it runs. */
  pid(): number | undefined;
  kill9(): Promise<void>;
  ensure(): void;
  log(): string;
  stop(): Promise<void>;
}

/** The agent, installed by its module below a folder of its own, with a receiver that it sends to. */
export async function startAgent(params: Record<string, unknown> = {}): Promise<Agent> {
  const workspace = createWorkspace('agent', 0o755);
  const root = workspace.dir;
  mkdirSync(join(root, 'etc/profile.d'), { recursive: true });
  mkdirSync(join(root, 'etc/zsh'));
  for (const file of ['bash.bashrc', 'zsh/zshrc']) writeFileSync(join(root, 'etc', file), '# what was there\n');
  const key = randomBytes(32);
  const receiver = await startReceiver(key);
  const spool = join(root, 'var/spool/omanager-audit');
  const forwarder = join(root, 'usr/local/lib/omanager-audit/forwarder');
  const agent: Agent = {
    ...{ root, spool, receiver, key },
    run: (id, given = {}) => runModule(root, id, given, key),
    pid: () => pidIn(join(spool, 'state/pid')),
    async kill9() {
      const pid = await waitFor('it runs', agent.pid);
      killNow(pid);
      await waitFor('it is dead', () => !isAlive(pid));
    },
    ensure: () => void execFileSync(forwarder, ['ensure'], { stdio: 'ignore' }),
    log: () => readFileSync(join(spool, 'state/log'), 'utf8'),
    async stop() {
      try {
        execFileSync(forwarder, ['stop'], { stdio: 'ignore' });
      } catch {
        // The test has removed it.
      }
      await receiver.close();
      workspace.remove();
    },
  };
  const installed = await agent.run('audit.install', { url: receiver.url, ...params });
  if (installed.exitCode !== 0) throw new Error(`${installed.stdout}${installed.stderr}`);
  return agent;
}

function pidIn(file: string): number | undefined {
  try {
    const pid = Number(readFileSync(file, 'utf8').split(' ')[0]);
    return pid > 1 && isAlive(pid) ? pid : undefined;
  } catch {
    // One that begins has just moved away what a dead one left.
    return undefined;
  }
}

function runModule(root: string, id: string, params: Record<string, unknown>, key: Buffer): Promise<LocalResult> {
  const manifest = builtin.get(id);
  if (manifest?.body.kind !== 'shell') throw new Error(`${id} has no shell body`);
  const { values, problems } = validateParams(manifest, params);
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  const named = Object.keys(manifest.params.properties).map((name) => [name, shellValue(values[name])]);
  const script = renderShell({ source: manifest.body.source, params: Object.fromEntries(named), env: {} });
  const own = `om_agent_host=${randomUUID()}\nom_agent_key_id=${randomUUID()}\nom_agent_key=${key.toString('hex')}\n`;
  return runLocally({ ...script, prologue: script.prologue + own }, { env: { OM_AUDIT_ROOT: root } });
}

function shellValue(value: unknown): string | number | boolean | string[] | undefined {
  if (Array.isArray(value)) return value.map(String);
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : undefined;
}
