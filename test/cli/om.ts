import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compileCache } from '../lab/compileCache.ts';
import { adminPassword } from '../lab/operators.ts';
import type { TestServer } from '../lab/server.ts';
import { createWorkspace } from '../lab/workspace.ts';

const launcher = fileURLToPath(new URL('../../apps/cli/bin/om', import.meta.url));

/** No command of these tests takes longer; one that hangs is ended, and what it said is seen. */
const deadlineMs = 60_000;

export interface OmResult {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** One person's `om`: a home folder of its own, started as they would start it. */
export interface Om {
  readonly home: string;
  (...args: string[]): Promise<OmResult>;
  /** With --json: the lines of stdout as values; fails the test on any exit code but `code`. */
  json(args: readonly string[], code?: number): Promise<Record<string, unknown>[]>;
  /** Leaves the process to the caller. */
  start(...args: string[]): ChildProcess & { done: Promise<OmResult> };
  /** A private file with this text, for --link-file and its like. */
  file(name: string, text: string): string;
  remove(): void;
}

export function createOm(): Om {
  const workspace = createWorkspace('om');
  const { PATH = '' } = process.env;

  function start(...args: string[]) {
    const own = { HOME: workspace.dir, OM_HOME: join(workspace.dir, 'om'), LANG: 'C.UTF-8' };
    const env = { PATH, NODE_COMPILE_CACHE: compileCache, ...own };
    const child = spawn(launcher, args, { env, cwd: workspace.dir, stdio: ['ignore', 'pipe', 'pipe'] });
    workspace.adopt(child, 'om');
    const result = { stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      result.stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      result.stderr += text;
    });
    const deadline = setTimeout(() => {
      result.stderr += `\n(om ${args.join(' ')} was killed after ${deadlineMs} ms)`;
      child.kill('SIGKILL');
    }, deadlineMs);
    const done = once(child, 'close').then(([code]): OmResult => {
      clearTimeout(deadline);
      return { ...result, code: typeof code === 'number' ? code : null };
    });
    return Object.assign(child, { done });
  }

  const om = (...args: string[]): Promise<OmResult> => start(...args).done;
  return Object.assign(om, {
    home: join(workspace.dir, 'om'),
    start,
    async json(args: readonly string[], code = 0) {
      const result = await om(...args, '--json');
      if (result.code !== code)
        throw new Error(`om ${args.join(' ')} ended with ${result.code}\n${result.stdout}${result.stderr}`);
      const lines = result.stdout.split('\n').filter(Boolean);
      return lines.map((line): Record<string, unknown> => JSON.parse(line));
    },
    file(name: string, text: string) {
      const path = join(workspace.dir, name);
      writeFileSync(path, text, { mode: 0o600 });
      return path;
    },
    remove: () => workspace.remove(),
  });
}

/** Redeems a link as a script would: everything secret from files. */
export async function loginWith(om: Om, link: string, user: string, password = adminPassword): Promise<OmResult> {
  const files = ['--link-file', om.file('link', `${link}\n`), '--password-file', om.file('password', `${password}\n`)];
  const result = await om('login', ...files, '--user', user, '--yes');
  if (result.code !== 0) throw new Error(`om login ended with ${result.code}\n${result.stdout}${result.stderr}`);
  return result;
}

/** The first admin of a fresh server. */
export async function loginAdmin(om: Om, server: TestServer): Promise<void> {
  const link = server.firstInviteLink();
  if (link === null) throw new Error(`the server has users already\n${server.logs()}`);
  await loginWith(om, link, 'admin');
}
