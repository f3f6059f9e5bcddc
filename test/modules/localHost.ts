import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type ConversationInput,
  control,
  createConversation,
  createMarks,
  type Marks,
  type RenderedScript,
  type Shell,
  type Step,
  type WrapOptions,
  type WrapperEvent,
  wrapperCommand,
  wrapScript,
} from '@omanager/task-module';
import { afterAll } from 'vitest';

/** What one execution through the wrapper gave, on this machine, with sshd's part played by a child that leads its own process group. */
export type LocalResult = {
  exitCode: number | undefined;
  signal: string | undefined;
  stdout: string;
  stdoutBytes: Buffer;
  stderr: string;
  events: WrapperEvent[];
  failed: Step['failed'];
  /** What the wrapper said of its end while it waited. */
  over: Step['over'];
  marks: Marks;
};

/** The far side of the channel while the body runs. `cut` is what a lost connection does: all streams close. */
export type LocalHost = {
  control: (line: keyof typeof control) => void;
  cut: () => void;
  /** Reads nothing more of the output until told to. */
  hold: (still: boolean) => void;
  pid: number;
};

export type LocalOptions = {
  /** Interprets the body. */
  shell?: Shell;
  /** Stands in for the user's login shell: `LOGIN -c COMMAND`, as sshd does. */
  login?: string;
  env?: Record<string, string>;
  home?: string;
  timeoutMs?: number;
  graceMs?: number;
  record?: string;
  endsWithChannel?: boolean;
  keepTail?: boolean;
  /** Tells the wrapper that its result is stored; else the channel just ends. */
  collect?: boolean;
  filesFolder?: string;
  mode?: Exclude<ConversationInput['mode'], 'sudo'>;
  /** Numeric user; only root can choose one. */
  uid?: number;
  /** false: like an SSH server that starts commands in its own process group. */
  ownGroup?: boolean;
  /** Called once the wrapper has said that the body starts. */
  onStart?: (host: LocalHost) => void;
  onStdout?: (text: string, host: LocalHost) => void;
  signal?: AbortSignal;
};

/** Runs a rendered script through command, script and conversation, exactly as an engine does over SSH. */
export function runLocally(script: RenderedScript, options: LocalOptions = {}): Promise<LocalResult> {
  const marks = createMarks();
  const wrapped = wrapScript(script, wrapOptions(marks, options));
  const mode = options.mode ?? 'at_once';
  const command = wrapperCommand({
    bytes: wrapped.length,
    marks,
    awaitReady: mode === 'ready',
    ...(options.shell ? { shell: options.shell } : {}),
  });
  const child = startLogin(command, options);
  const talk = createConversation({ marks, script: wrapped, mode, keepTail: options.keepTail ?? false });
  const stdout: Uint8Array[] = [];
  const stderr: Uint8Array[] = [];
  const events: WrapperEvent[] = [];
  let over: Step['over'];
  const host: LocalHost = {
    control: (line) => child.stdin.write(line === 'term' ? control.term(options.graceMs ?? 2000) : control[line]),
    cut: () => {
      for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy();
    },
    hold: (still) => {
      for (const stream of [child.stdout, child.stderr]) still ? stream.pause() : stream.resume();
    },
    pid: child.pid,
  };
  const take = (step: Step) => {
    for (const bytes of step.write) child.stdin.write(bytes);
    if (step.endInput) child.stdin.end();
    stdout.push(step.stdout);
    stderr.push(step.stderr);
    if (step.stdout.length > 0) options.onStdout?.(Buffer.from(step.stdout).toString(), host);
    events.push(...step.events);
    if (step.events.some(({ kind }) => kind === 'start')) options.onStart?.(host);
    if (step.over) {
      over = step.over;
      if (options.collect) child.stdin.write(control.done);
      else child.stdin.end();
    }
  };
  take(talk.start());
  child.stdout.on('data', (chunk: Buffer) => take(talk.onStdout(chunk)));
  child.stderr.on('data', (chunk: Buffer) => take(talk.onStderr(chunk)));
  return new Promise((resolve) => {
    child.on('close', (code, signal) => {
      const last = talk.onClose(code ?? undefined);
      take(last);
      resolve({
        exitCode: code ?? undefined,
        signal: signal ?? undefined,
        stdout: Buffer.concat(stdout).toString(),
        stdoutBytes: Buffer.concat(stdout),
        stderr: Buffer.concat(stderr).toString(),
        events,
        failed: last.failed,
        over,
        marks,
      });
    });
  });
}

function wrapOptions(marks: Marks, options: LocalOptions): WrapOptions {
  return {
    marks,
    timeoutMs: options.timeoutMs ?? 60_000,
    graceMs: options.graceMs ?? 2000,
    ...(options.record ? { record: options.record } : {}),
    keepTail: options.keepTail ?? false,
    endsWithChannel: options.endsWithChannel ?? false,
    ...(options.filesFolder ? { filesFolder: options.filesFolder } : {}),
  };
}

/** Shells write into their home (fish) or read from it (bash), so it is not the developer's. */
const commonHome = mkdtempSync(join(tmpdir(), 'om-test-home-'));
afterAll(() => rmSync(commonHome, { recursive: true, force: true }));

/** `LOGIN -c COMMAND` with open pipes, leading its own group as under sshd. */
export function startLogin(command: string, options: LocalOptions): ChildProcess & Piped {
  const [login = 'sh', ...words] = (options.login ?? 'sh').split(' ');
  const child = spawn(login, [...words, '-c', command], {
    detached: options.ownGroup ?? true,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH ?? '/usr/bin:/bin', HOME: options.home ?? commonHome, ...options.env },
    ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
    ...(options.signal ? { signal: options.signal, killSignal: 'SIGKILL' as const } : {}),
  });
  child.on('error', () => {});
  child.stdin.on('error', () => {});
  if (child.pid === undefined) throw new Error(`${login} could not be started`);
  return Object.assign(child, { pid: child.pid });
}

type Piped = ReturnType<typeof spawn> & {
  pid: number;
  stdin: NonNullable<ChildProcess['stdin']>;
  stdout: NonNullable<ChildProcess['stdout']>;
  stderr: NonNullable<ChildProcess['stderr']>;
};

/** The shells that can interpret a body, each with whether this machine has it. */
export const interpretingShells: { shell: Shell; missing: boolean }[] = (
  ['sh', 'bash', 'dash', 'busybox sh', 'ksh', 'zsh'] as const
).map((shell) => ({ shell, missing: !isInstalled(shell.split(' ')[0] ?? shell) }));

export const loginShells: { login: string; missing: boolean }[] = [
  'sh',
  'bash',
  'dash',
  'ksh',
  'zsh',
  'fish',
  'csh',
  'tcsh',
].map((login) => ({ login, missing: !isInstalled(login) }));

export function isInstalled(program: string): boolean {
  try {
    execFileSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** A title that says why a test is skipped. */
export function because(name: string, missing: boolean): string {
  return missing ? `${name} (skipped: not installed on this machine)` : name;
}

export function tempFolder(): { path: string; [Symbol.dispose]: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'om-test-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** Waits until the condition holds; throws after the deadline. */
export async function until(condition: () => boolean, what: string, deadlineMs = 10_000): Promise<void> {
  const end = Date.now() + deadlineMs;
  while (!condition()) {
    if (Date.now() > end) throw new Error(`not in time: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Whether a process exists and is not a zombie. */
export function isAlive(pid: number): boolean {
  try {
    const state = execFileSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).trim();
    return state !== '' && !state.startsWith('Z');
  } catch {
    return false;
  }
}
