import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatInvite } from '@omanager/client';
import { decodeKey, type KeyPair } from '@omanager/secure-channel';
import { compileCache } from './compileCache.ts';
import type { Operator } from './operators.ts';
import { omserverBin } from './server.ts';
import { waitFor } from './wait.ts';
import { createWorkspace } from './workspace.ts';

const withinMs = 30_000;
const keptLogChars = 4 * 1024 * 1024;

/** A zone worker as a process of its own. */
export interface LabWorker {
  readonly name: string;
  /** As the server knows it; empty until it is let in. */
  readonly id: string;
  readonly publicKey: string;
  readonly dataDir: string;
  readonly pid: number;
  readonly exitCode: number | null;
  /** What it wrote so far. */
  logs(): string;
  /** Its secret half, as whoever took the machine over would have it. */
  keyPair(): KeyPair;
  /** Waits until it says that it works. */
  working(): Promise<void>;
  kill9(): Promise<void>;
  /** Starts it again with the same key, and waits until it works. */
  restart(): Promise<void>;
  /** Asks it to stop; gives its exit code. */
  terminate(): Promise<number | null>;
  stop(): Promise<void>;
}

export interface LabWorkerOptions {
  name: string;
  zone: string;
  /** Ports of servers, or of proxies before them, in the order in which they are tried. */
  ports: readonly number[];
  serverPublicKey: Uint8Array;
  concurrency?: number;
  env?: Readonly<Record<string, string>>;
  /** Lets it in; without, it waits to be let in. */
  admin?: Operator;
}

/** Starts `omserver worker` and, given an admin, lets it in and waits until it works. */
export async function startZoneWorker(options: LabWorkerOptions): Promise<LabWorker> {
  const { name, zone, ports, serverPublicKey, concurrency = 50, env = {}, admin } = options;
  const workspace = createWorkspace('worker');
  const dataDir = join(workspace.dir, 'data');
  const links = ports.flatMap((port) => [
    '--server',
    formatInvite({ host: '127.0.0.1', port, tls: false, serverPublicKey, code: null }),
  ]);
  const { PATH = '', HOME = '' } = process.env;
  let log = '';
  let id = '';
  let child = begin();

  function begin(): ChildProcess {
    const started = spawn(omserverBin, ['worker', '--zone', zone, '--concurrency', String(concurrency), ...links], {
      env: { PATH, HOME, NODE_COMPILE_CACHE: compileCache, OM_DATA_DIR: dataDir, OM_SSH_CONNECT_SECONDS: '30', ...env },
      cwd: workspace.dir,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    workspace.adopt(started, `omserver worker ${name}`);
    for (const stream of [started.stdout, started.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        log = (log + text).slice(-keptLogChars);
      });
    }
    return started;
  }

  /** @param from where in the log to look, so that an earlier start is not taken for this one */
  async function says(pattern: RegExp, from = 0): Promise<string> {
    const found = await waitFor(
      `the worker ${name} says ${pattern}`,
      () => {
        if (child.exitCode !== null) throw new Error(`the worker ended with ${child.exitCode}:\n${log}`);
        return pattern.exec(log.slice(from));
      },
      withinMs,
    );
    return found[1] ?? '';
  }

  async function end(signal: NodeJS.Signals): Promise<number | null> {
    if (child.exitCode === null && child.signalCode === null) {
      const gone = once(child, 'close');
      child.kill(signal);
      await gone;
    }
    return child.exitCode;
  }

  const stop = async () => {
    await end('SIGKILL');
    workspace.remove();
  };
  try {
    const publicKey = await says(/^The key of this worker is (\S+)$/m);
    const working = async (from = 0) => void (await says(/^OMServer \S+ works for the zone (\S+)$/m, from));
    if (admin) {
      ({ id } = await admin.client.call('workers.add', { name, zone, publicKey }));
      await working();
    }
    return {
      name,
      id,
      publicKey,
      dataDir,
      get pid() {
        return child.pid ?? 0;
      },
      get exitCode() {
        return child.exitCode;
      },
      logs: () => log,
      keyPair() {
        const [, publicHalf = '', secretHalf = ''] = readFileSync(join(dataDir, 'worker.key'), 'utf8')
          .trim()
          .split(' ');
        return { publicKey: decodeKey(publicHalf), secretKey: decodeKey(secretHalf) };
      },
      working: () => working(),
      async restart() {
        await end('SIGKILL');
        const from = log.length;
        child = begin();
        await working(from);
      },
      kill9: async () => void (await end('SIGKILL')),
      terminate: () => end('SIGTERM'),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
