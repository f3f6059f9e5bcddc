import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { descendants, isAlive, killNow, listProcesses, type ProcessInfo } from './processes.ts';

/** Everything the lab creates (folders, users, sudo rules) is named `omlab-<pid of the creator>-…`. */
const labPrefix = 'omlab-';

export function labName(random: string): string {
  return `${labPrefix}${process.pid}-${random}`;
}

/** The pid in a lab name, when its process no longer lives: what it created may be removed. */
export function isOrphan(name: string): boolean {
  const pid = name.match(/^omlab-(\d+)-/)?.[1];
  return pid !== undefined && !isAlive(Number(pid));
}

/** A private folder of a server under test. It and the server's processes do not survive `remove`. */
export interface Workspace {
  dir: string;
  /** Starts a server that stays in the foreground. */
  start(command: string, args: string[]): LabProcess;
  /** Takes care of a process that somebody else started, in this folder. */
  adopt(child: ChildProcess, name: string): LabProcess;
  remove(): void;
}

export interface LabProcess {
  pid: number;
  exited: Promise<void>;
  readonly running: boolean;
  /** Ends it in an orderly way; after the deadline it and its children are killed. */
  stop(deadlineMs?: number): Promise<void>;
  kill9(): Promise<void>;
}

const workspaces = new Set<Workspace>();
process.once('exit', () => {
  for (const workspace of workspaces) workspace.remove();
});

/** @param mode of the folder: 0700, or 0711 when a server's own user must pass through it */
export function createWorkspace(name: string, mode = 0o700): Workspace {
  const dir = mkdtempSync(join(tmpdir(), `${labName(name)}-`));
  chmodSync(dir, mode);
  const running = new Set<LabProcess>();

  function start(command: string, args: string[]): LabProcess {
    return adopt(spawn(command, args, { stdio: ['ignore', 'ignore', 'ignore'] }), command);
  }

  function adopt(child: ChildProcess, name: string): LabProcess {
    const server = watch(child, name);
    running.add(server);
    void server.exited.then(() => running.delete(server));
    writeFileSync(join(dir, `${server.pid}.pid`), '');
    return server;
  }

  const workspace: Workspace = {
    dir,
    start,
    adopt,
    remove() {
      for (const server of running) killTree(server.pid);
      rmSync(dir, { recursive: true, force: true });
      workspaces.delete(workspace);
    },
  };
  workspaces.add(workspace);
  return workspace;
}

function watch(child: ChildProcess, name: string): LabProcess {
  const { pid } = child;
  if (pid === undefined) throw new Error(`${name} could not be started`);
  let running = true;
  const exited = once(child, 'exit').then(() => {
    running = false;
  });
  return {
    pid,
    exited,
    get running() {
      return running;
    },
    async stop(deadlineMs = 5000) {
      if (!running) return;
      const children = descendants(pid);
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), deadlineMs);
      await exited;
      clearTimeout(timer);
      // A server's sessions outlive it, as sshd's do.
      for (const left of children) killNow(left.pid);
    },
    async kill9() {
      killTree(pid);
      await exited;
    },
  };
}

function killTree(pid: number): void {
  const children = descendants(pid);
  killNow(pid);
  for (const child of children) killNow(child.pid);
}

/** Removes the folders, and the servers started in them, of test runs that were killed. */
export function sweepWorkspaces(): string[] {
  const orphans = readdirSync(tmpdir()).filter(isOrphan);
  const all = orphans.length > 0 ? listProcesses() : [];
  for (const name of orphans) {
    const dir = join(tmpdir(), name);
    for (const file of readdirSync(dir)) {
      const pid = Number(file.match(/^(\d+)\.pid$/)?.[1]);
      // The number may belong to somebody else by now: only a process that names this folder is ours.
      if (all.some((process) => process.pid === pid && isOf(process, dir))) killTree(pid);
    }
    rmSync(dir, { recursive: true, force: true });
  }
  return orphans;
}

function isOf({ pid, command }: ProcessInfo, dir: string): boolean {
  if (command.includes(dir)) return true;
  try {
    return readlinkSync(`/proc/${pid}/cwd`) === dir;
  } catch {
    return false;
  }
}

export function readLog(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
