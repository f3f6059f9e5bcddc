import { join } from 'node:path';
import { Redis } from 'ioredis';
import { freePort } from './ports.ts';
import { waitFor } from './wait.ts';
import { createWorkspace, type LabProcess, readLog } from './workspace.ts';

export interface LabRedis {
  port: number;
  /** redis:// or rediss://, with the password; a kill and restart do not change it. */
  url: string;
  /** A command as its operator, for example CONFIG SET. */
  command(name: string, ...args: string[]): Promise<unknown>;
  /** SIGKILL, as when the machine loses power as far as the process is concerned. */
  kill9(): Promise<void>;
  /** Starts it again on the same data, after `kill9`. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

interface Options {
  password?: string;
  /** Files, PEM: it speaks TLS only. */
  tls?: { cert: string; key: string };
}

/** Starts a private Redis on a free loopback port that keeps what it was told (AOF). Needs redis-server. */
export async function startRedis({ password, tls }: Options = {}): Promise<LabRedis> {
  const workspace = createWorkspace('redis');
  const port = await freePort();
  const logFile = join(workspace.dir, 'redis.log');
  const auth = password === undefined ? '' : `:${encodeURIComponent(password)}@`;
  let server: LabProcess | undefined;

  async function start(): Promise<void> {
    const started = workspace.start('redis-server', [
      ...(tls ? ['--port', '0', '--tls-port', `${port}`] : ['--port', `${port}`]),
      ...(tls ? ['--tls-cert-file', tls.cert, '--tls-key-file', tls.key, '--tls-auth-clients', 'no'] : []),
      ...(password === undefined ? [] : ['--requirepass', password]),
      ...['--bind', '127.0.0.1', '--dir', workspace.dir, '--logfile', logFile],
      ...['--save', '', '--appendonly', 'yes', '--maxmemory-policy', 'noeviction'],
    ]);
    server = started;
    await waitFor('redis-server answers', async () => {
      if (!started.running) throw new Error(`redis-server ended: ${readLog(logFile)}`);
      return command('PING').then(
        (answer) => answer === 'PONG',
        () => false,
      );
    });
  }

  async function command(name: string, ...args: string[]): Promise<unknown> {
    const client = new Redis({
      host: '127.0.0.1',
      port,
      ...(password === undefined ? {} : { password }),
      ...(tls ? { tls: { rejectUnauthorized: false } } : {}),
      lazyConnect: true,
      retryStrategy: () => null,
    });
    client.on('error', () => {});
    try {
      await client.connect();
      return await client.call(name, ...args);
    } finally {
      client.disconnect();
    }
  }

  async function stop(): Promise<void> {
    await server?.stop();
    workspace.remove();
  }

  try {
    await start();
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    port,
    url: `${tls ? 'rediss' : 'redis'}://${auth}127.0.0.1:${port}`,
    command,
    kill9: async () => server?.kill9(),
    restart: start,
    stop,
  };
}
