import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';

const list = z
  .string()
  .default('')
  .transform((text) =>
    text
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== ''),
  );
const flag = z.enum(['0', '1', 'false', 'true']).transform((text) => text === '1' || text === 'true');
const count = (fallback: number, min: number, max: number) =>
  z.coerce.number(`a whole number from ${min} to ${max}`).int().min(min).max(max).default(fallback);

/** Every setting of OMServer; docs/operating.md lists exactly these (a test compares them). */
const environmentSchema = z.object({
  OM_DATA_DIR: z.string().min(1).optional(),
  OM_DATABASE_URL: z.string().optional(),
  OM_DATABASE_TLS: flag.default(true),
  OM_HOST: z.string().default('127.0.0.1'),
  OM_PORT: count(7443, 0, 65535),
  OM_PUBLIC_URL: z.url().optional(),
  OM_TLS_CERT: z.string().optional(),
  OM_TLS_KEY: z.string().optional(),
  OM_TRUSTED_PROXIES: list,
  OM_ALLOWED_HOSTS: list,
  OM_MASTER_KEY_FILE: z.string().optional(),
  OM_MODULE_DIR: z.string().optional(),
  OM_METRICS_TOKEN: z.string().min(20).optional(),
  OM_LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
  OM_CONCURRENCY: count(500, 1, 10_000),
  OM_PARALLEL: count(50, 1, 1000),
  OM_MAX_HOSTS: count(10_000, 1, 100_000),
  OM_TIMEOUT_SECONDS: count(300, 1, 604_800),
  OM_OUTPUT_CAP_KB: count(4096, 1, 1_048_576),
  OM_SSH_CONNECTIONS: count(2000, 1, 20_000),
  OM_SSH_HANDSHAKES: count(64, 1, 1000),
  OM_SSH_IDLE_SECONDS: count(60, 1, 86_400),
  OM_SSH_CONNECT_SECONDS: count(10, 1, 300),
  OM_LEASE_SECONDS: count(15, 3, 60),
  OM_STOP_SECONDS: count(20, 1, 600),
});

export const settingNames: readonly string[] = Object.keys(environmentSchema.shape);

export interface Config {
  dataDir: string;
  database: { kind: 'sqlite'; file: string } | { kind: 'mysql'; url: string; verifyTls: boolean };
  listen: { host: string; port: number };
  /** Where clients reach the server, when it is not `listen`. */
  publicUrl: URL | null;
  tls: { certFile: string; keyFile: string } | null;
  trustedProxies: string[];
  allowedHosts: string[];
  masterKeyFile: string;
  moduleDir: string | null;
  metricsToken: string | null;
  logLevel: string;
  concurrency: number;
  limits: { maxHosts: number; maxParallel: number; defaultParallel: number; defaultTimeoutMs: number };
  outputCapBytes: number;
  ssh: { maxConnections: number; maxHandshakes: number; idleMs: number; connectTimeoutMs: number };
  /** How long a worker that is silent keeps its hosts; on MySQL also how soon a crash shows as `lost`. */
  leaseMs: number;
  stopMs: number;
}

/** Mistakes in the settings, one line each, for the operator. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** Reads the settings from environment variables. Throws ConfigError that names every mistake. */
export function readConfig(environment: Record<string, string | undefined>): Config {
  const given = Object.fromEntries(
    Object.entries(environment).filter(([name, value]) => name.startsWith('OM_') && value !== ''),
  );
  const parsed = environmentSchema.safeParse(given);
  if (!parsed.success) {
    const lines = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    throw new ConfigError(lines.join('\n'));
  }
  const env = parsed.data;
  const dataDir = resolve(env.OM_DATA_DIR ?? join(homedir(), '.local/share/omserver'));
  if ((env.OM_TLS_CERT === undefined) !== (env.OM_TLS_KEY === undefined)) {
    throw new ConfigError('OM_TLS_CERT and OM_TLS_KEY belong together: give both or neither');
  }
  const publicUrl = env.OM_PUBLIC_URL ? new URL(env.OM_PUBLIC_URL) : null;
  return {
    dataDir,
    database: databaseOf(env.OM_DATABASE_URL, env.OM_DATABASE_TLS, dataDir),
    listen: { host: env.OM_HOST, port: env.OM_PORT },
    publicUrl,
    tls: env.OM_TLS_CERT && env.OM_TLS_KEY ? { certFile: env.OM_TLS_CERT, keyFile: env.OM_TLS_KEY } : null,
    trustedProxies: env.OM_TRUSTED_PROXIES,
    allowedHosts: [...env.OM_ALLOWED_HOSTS, ...(publicUrl ? [publicUrl.hostname] : []), env.OM_HOST],
    masterKeyFile: env.OM_MASTER_KEY_FILE ?? join(dataDir, 'master.key'),
    moduleDir: env.OM_MODULE_DIR ?? null,
    metricsToken: env.OM_METRICS_TOKEN ?? null,
    logLevel: env.OM_LOG_LEVEL,
    concurrency: env.OM_CONCURRENCY,
    limits: {
      maxHosts: env.OM_MAX_HOSTS,
      maxParallel: 1000,
      defaultParallel: env.OM_PARALLEL,
      defaultTimeoutMs: env.OM_TIMEOUT_SECONDS * 1000,
    },
    outputCapBytes: env.OM_OUTPUT_CAP_KB * 1024,
    ssh: {
      maxConnections: env.OM_SSH_CONNECTIONS,
      maxHandshakes: env.OM_SSH_HANDSHAKES,
      idleMs: env.OM_SSH_IDLE_SECONDS * 1000,
      connectTimeoutMs: env.OM_SSH_CONNECT_SECONDS * 1000,
    },
    leaseMs: env.OM_LEASE_SECONDS * 1000,
    stopMs: env.OM_STOP_SECONDS * 1000,
  };
}

function databaseOf(url: string | undefined, tls: boolean, dataDir: string): Config['database'] {
  if (url === undefined) return { kind: 'sqlite', file: join(dataDir, 'omserver.db') };
  if (!URL.canParse(url) || new URL(url).protocol !== 'mysql:') {
    throw new ConfigError('OM_DATABASE_URL: must look like mysql://user:password@host:3306/database');
  }
  const { hostname } = new URL(url);
  const local = hostname === 'localhost' || hostname === '::1' || /^127\./.test(hostname);
  if (!local && !tls)
    throw new ConfigError('OM_DATABASE_TLS: a database on another machine is reached by verified TLS only');
  return { kind: 'mysql', url, verifyTls: !local };
}
