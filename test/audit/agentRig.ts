import { execFileSync } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { appendFileSync, chownSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderShell, validateParams } from '@omanager/task-module';
import { isAlive, killNow } from '../lab/processes.ts';
import type { View } from '../lab/view.ts';
import { waitFor } from '../lab/wait.ts';
import { createWorkspace } from '../lab/workspace.ts';
import { builtin } from '../modules/builtinHost.ts';
import { type LocalOptions, type LocalResult, runLocally } from '../modules/localHost.ts';
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
  /** Adds to the file of a session, as its shell would. */
  note(session: string, text: string | Buffer, uid?: number): void;
  kill9(): Promise<void>;
  ensure(): void;
  log(): string;
  stop(): Promise<void>;
}

/** What a hook writes: a command that began, and its end. */
export function noted(number: number, text: string, exit = '0'): string {
  const head = (kind: string) => `${kind}\t${number}\t${Date.now()}\troot\troot\tpts/7\t10.0.0.9\t/srv\tbash\t\t`;
  return `${head('B')}${text}\n${head('E')}${exit}\n`;
}

/**
 * The agent, installed by its module, with a receiver that it sends to: below a folder of its own, or where agents stand in
 * a view of this machine.
 */
export async function startAgent(params: Record<string, unknown> = {}, view?: View): Promise<Agent> {
  const workspace = createWorkspace('agent', 0o755);
  const root = view ? view.path('/') : workspace.dir;
  if (!view) {
    mkdirSync(join(root, 'etc/profile.d'), { recursive: true });
    mkdirSync(join(root, 'etc/zsh'));
    for (const file of ['bash.bashrc', 'zsh/zshrc']) writeFileSync(join(root, 'etc', file), '# what was there\n');
  }
  const key = randomBytes(32);
  const receiver = await startReceiver(key);
  const spool = join(root, 'var/spool/omanager-audit');
  const [command = '', ...words] = [
    ...(view?.within ?? []),
    join(view ? '/' : root, 'usr/local/lib/omanager-audit/forwarder'),
  ];
  const forwarder = (what: string) => void execFileSync(command, [...words, what], { stdio: 'ignore' });
  const place = view ? { login: [...view.within, 'sh'].join(' ') } : { env: { OM_AUDIT_ROOT: root } };
  const agent: Agent = {
    ...{ root, spool, receiver, key },
    run: (id, given = {}) => runModule(place, id, given, key),
    note(session, text, uid = 0) {
      const file = join(spool, 'in', `${session}.om`);
      appendFileSync(file, text, { mode: 0o600 });
      chownSync(file, uid, uid);
    },
    pid: () => pidIn(join(spool, 'state/pid')),
    async kill9() {
      const pid = await waitFor('it runs', agent.pid);
      killNow(pid);
      await waitFor('it is dead', () => !isAlive(pid));
    },
    ensure: () => forwarder('ensure'),
    log: () => readFileSync(join(spool, 'state/log'), 'utf8'),
    async stop() {
      try {
        forwarder('stop');
      } catch {
        // The test has removed it.
      }
      await receiver.close();
      workspace.remove();
    },
  };
  const installed = await agent.run('audit.install', { url: receiver.url, ...params });
  if (installed.exitCode !== 0) {
    await agent.stop();
    throw new Error(`${installed.stdout}${installed.stderr}`);
  }
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

function runModule(
  place: LocalOptions,
  id: string,
  params: Record<string, unknown>,
  key: Buffer,
): Promise<LocalResult> {
  const manifest = builtin.get(id);
  if (manifest?.body.kind !== 'shell') throw new Error(`${id} has no shell body`);
  const { values, problems } = validateParams(manifest, params);
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  const named = Object.keys(manifest.params.properties).map((name) => [name, shellValue(values[name])]);
  const script = renderShell({ source: manifest.body.source, params: Object.fromEntries(named), env: {} });
  const own = `om_agent_host=${randomUUID()}\nom_agent_key_id=${randomUUID()}\nom_agent_key=${key.toString('hex')}\n`;
  return runLocally({ ...script, prologue: script.prologue + own }, place);
}

function shellValue(value: unknown): string | number | boolean | string[] | undefined {
  if (Array.isArray(value)) return value.map(String);
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : undefined;
}
