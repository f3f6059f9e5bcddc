import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compileCache } from './compileCache.ts';
import { waitFor } from './wait.ts';
import { createWorkspace } from './workspace.ts';

/** As an operator starts it. It becomes Node: the pid stays. */
export const omserverBin = fileURLToPath(new URL('../../apps/server/bin/omserver', import.meta.url));
const readyWithinMs = 30_000;
const keptLogChars = 4 * 1024 * 1024;

export interface ServerOptions {
  /** A mysql:// URL; SQLite in the data folder by default. */
  database?: string;
  /** More settings. */
  env?: Readonly<Record<string, string>>;
  /** More arguments of `omserver serve`. */
  args?: readonly string[];
  /** An existing data folder, which then stays; else a temporary one, removed by `stop`. */
  dataDir?: string;
}

/** OMServer as a child process, started as an operator would. */
export interface TestServer {
  readonly url: string;
  readonly port: number;
  readonly dataDir: string;
  readonly pid: number;
  /** The first admin's link, or null when there are users. */
  firstInviteLink(): string | null;
  /** Asks it to stop and gives its exit code. The folder stays until `remove`. */
  terminate(): Promise<number | null>;
  kill9(): Promise<void>;
  /** Starts it again on the same data and port; more settings may be given. */
  restart(env?: Readonly<Record<string, string>>): Promise<void>;
  /** All that it wrote so far, of every start: the JSON log and what it said. */
  logs(): string;
  /** The end: stopped, temporary folder removed. */
  stop(): Promise<void>;
}

/** Runs one omserver command to its end, with these settings only. */
export async function omserver(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(omserverBin, [...args], { env: settings(env), stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const [code]: [number | null] = await closed(child);
  return { code, stdout, stderr };
}

/** Starts OMServer on a free loopback port and waits until it listens. */
export async function startServer({ database, env = {}, args = [], dataDir }: ServerOptions = {}): Promise<TestServer> {
  const workspace = createWorkspace('server');
  const folder = dataDir ?? join(workspace.dir, 'data');
  let more: Readonly<Record<string, string>> = env;
  let log = '';
  let child: ChildProcess | undefined;
  let port = 0;

  async function start(): Promise<void> {
    const before = log.length;
    const started = spawn(omserverBin, ['serve', ...args], {
      env: settings({
        OM_DATA_DIR: folder,
        OM_PORT: String(port),
        ...(database === undefined ? {} : { OM_DATABASE_URL: database }),
        ...more,
      }),
      cwd: workspace.dir,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child = started;
    workspace.adopt(started, 'omserver');
    for (const stream of [started.stdout, started.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        log = (log + text).slice(-keptLogChars);
      });
    }
    const ready = await waitFor(
      'omserver listens',
      () => {
        if (started.exitCode !== null)
          throw new Error(`omserver ended with ${started.exitCode}:\n${log.slice(before)}`);
        return /^OMServer \S+ listens on (\S+)$/m.exec(log.slice(before));
      },
      readyWithinMs,
    );
    port = Number(new URL(ready[1] ?? '').port);
  }

  async function end(signal: NodeJS.Signals): Promise<number | null> {
    if (!child) return null;
    const running = child;
    if (running.exitCode === null && running.signalCode === null) {
      const gone = closed(running);
      running.kill(signal);
      await gone;
    }
    return running.exitCode;
  }

  const server: TestServer = {
    get url() {
      return `http://127.0.0.1:${port}`;
    },
    get port() {
      return port;
    },
    dataDir: folder,
    get pid() {
      return child?.pid ?? 0;
    },
    firstInviteLink() {
      const file = `${folder}/first-invite.txt`;
      return existsSync(file) ? readFileSync(file, 'utf8').trim() : null;
    },
    terminate: () => end('SIGTERM'),
    kill9: async () => void (await end('SIGKILL')),
    async restart(settingsToo = {}) {
      await end('SIGTERM');
      more = { ...more, ...settingsToo };
      await start();
    },
    logs: () => log,
    async stop() {
      await end('SIGTERM');
      workspace.remove();
    },
  };
  try {
    await start();
  } catch (error) {
    await end('SIGKILL');
    workspace.remove();
    throw error;
  }
  return server;
}

/** The settings given and nothing of the machine's own: a developer's OM_… variables change no test. */
function settings(env: Readonly<Record<string, string>>): Record<string, string> {
  const { PATH = '', HOME = '' } = process.env;
  return { PATH, HOME, NODE_COMPILE_CACHE: compileCache, ...env };
}

async function closed(child: ChildProcess): Promise<[number | null]> {
  const [code] = await once(child, 'close');
  return [typeof code === 'number' ? code : null];
}
