import { isIP, isIPv4 } from 'node:net';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
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

const mib = 1024 * 1024;
const dayMs = 24 * 3_600_000;

/** Every setting of OMServer; docs/operating.md lists exactly these (a test compares them). */
const environmentSchema = z.object({
  OM_DATA_DIR: z.string().min(1).optional(),
  OM_DATABASE_URL: z.string().optional(),
  OM_DATABASE_TLS: flag.default(true),
  OM_REDIS_URL: z.string().optional(),
  OM_REDIS_PREFIX: z
    .string()
    .regex(/^[\w-]{1,40}$/, 'up to 40 letters, digits, _ and -')
    .default('om'),
  OM_HOST: z.string().default('127.0.0.1'),
  OM_PORT: count(7443, 0, 65535),
  OM_PUBLIC_URL: z.url().optional(),
  OM_TLS_CERT: z.string().optional(),
  OM_TLS_KEY: z.string().optional(),
  OM_TRUSTED_PROXIES: list,
  OM_ALLOWED_HOSTS: list,
  OM_MASTER_KEY_FILE: z.string().optional(),
  OM_CHECKPOINT_FILE: z.string().optional(),
  OM_CHECKPOINT_SYSLOG: z.string().refine(isSyslogUrl, 'udp://host:514, tcp://host:601 or tls://host:6514').optional(),
  OM_CHECKPOINT_WEBHOOK: z.string().refine(isWebhookUrl, 'https://…, or http:// to this machine').optional(),
  OM_MODULE_DIR: z.string().optional(),
  OM_WEB_ROOT: z.string().default(fileURLToPath(new URL('../../web/dist', import.meta.url))),
  OM_METRICS_TOKEN: z.string().min(20).optional(),
  OM_LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
  OM_CONCURRENCY: count(500, 1, 10_000),
  OM_MAX_BUSY: count(0, 0, 1_000_000),
  OM_PARALLEL: count(50, 1, 1000),
  OM_MAX_HOSTS: count(10_000, 1, 100_000),
  OM_TIMEOUT_SECONDS: count(300, 1, 604_800),
  OM_OUTPUT_CAP_KB: count(4096, 1, 1_048_576),
  OM_RUN_OUTPUT_CAP_MB: count(2048, 1, 1_048_576),
  OM_MIN_FREE_MB: count(1024, 0, 1_073_741_824),
  OM_KEEP_RUNS_DAYS: count(180, 0, 36_500),
  OM_KEEP_OUTPUT_DAYS: count(30, 0, 36_500),
  OM_KEEP_OUTPUT_GB: count(20, 0, 1_048_576),
  OM_KEEP_COMMANDS_DAYS: count(0, 0, 36_500),
  OM_LEGACY_AUDIT: list.refine((networks) => networks.every(isNetwork), 'networks, for example 10.0.0.0/8'),
  OM_ALERT_NETWORKS: list.refine((networks) => networks.every(isNetwork), 'networks, for example 10.0.0.0/8'),
  OM_KEEP_RECORDINGS_DAYS: count(365, 0, 36_500),
  OM_KEEP_RECORDINGS_GB: count(20, 0, 1_048_576),
  OM_RECORDING_CAP_MB: count(1024, 1, 1_048_576),
  OM_RECORD_INPUT: flag.default(false),
  OM_TERMINAL_IDLE_MINUTES: count(30, 1, 10_080),
  OM_SSH_CONNECTIONS: count(10_000, 1, 50_000),
  OM_SSH_HANDSHAKES: count(64, 1, 1000),
  OM_SSH_IDLE_SECONDS: count(60, 1, 86_400),
  OM_SSH_CONNECT_SECONDS: count(10, 1, 300),
  OM_LEASE_SECONDS: count(10, 3, 60),
  OM_STOP_SECONDS: count(20, 1, 600),
  OM_WORKER_SERVERS: list,
  OM_WORKER_ZONE: z.string().optional(),
  OM_WORKER_METRICS_PORT: z.coerce.number('a port').int().min(0).max(65535).optional(),
});

export const settingNames: readonly string[] = Object.keys(environmentSchema.shape);

/** Settings whose values hold a password or a token, or may: they are shown to nobody and stay out of backups. */
export const secretSettings: ReadonlySet<string> = new Set([
  'OM_DATABASE_URL',
  'OM_REDIS_URL',
  'OM_CHECKPOINT_WEBHOOK',
  'OM_METRICS_TOKEN',
]);

export interface Config {
  dataDir: string;
  database: { kind: 'sqlite'; file: string } | { kind: 'mysql'; url: string; verifyTls: boolean };
  /** Where queue and bus of several processes are; null: this process has its own. */
  redis: { url: string; prefix: string } | null;
  listen: { host: string; port: number };
  /** Where clients reach the server, when it is not `listen`. */
  publicUrl: URL | null;
  tls: { certFile: string; keyFile: string } | null;
  trustedProxies: string[];
  allowedHosts: string[];
  masterKeyFile: string;
  /** Where checkpoints of the audit ledger go: added to a file, sent elsewhere. */
  checkpoints: { file: string | null; syslog: URL | null; webhook: URL | null };
  moduleDir: string | null;
  /** Where the built web app is, if it is there; null: it is not served. */
  webRoot: string | null;
  metricsToken: string | null;
  logLevel: string;
  concurrency: number;
  /** Hosts that may be busy at once over all runs and processes; null: no limit. */
  maxBusy: number | null;
  limits: { maxHosts: number; maxParallel: number; defaultParallel: number; defaultTimeoutMs: number };
  outputCapBytes: number;
  runOutputCapBytes: number;
  /** With less free disk than this beside an SQLite database, output is not stored. */
  minFreeBytes: number;
  /** How long things are kept; null: for ever. */
  retention: { keepRunsMs: number | null; keepOutputMs: number | null; keepOutputBytes: number | null };
  commands: {
    /** How long command events are kept; null: for ever. */
    keepMs: number | null;
    /** Networks from which the original's agents may send; none: it is off. */
    legacyFrom: string[];
  };
  /** Networks to which alerts may be sent although they are not public, also without TLS. */
  alertNetworks: string[];
  terminal: { idleMs: number; recordInput: boolean; capBytes: number; keepMs: number | null; keepBytes: number | null };
  ssh: { maxConnections: number; maxHandshakes: number; idleMs: number; connectTimeoutMs: number };
  /** How long a worker that is silent keeps its hosts; on MySQL also how soon a crash shows as `lost`. */
  leaseMs: number;
  stopMs: number;
  /** For `omserver worker`. */
  worker: {
    /** Links to the servers it works for. */
    servers: string[];
    zone: string | null;
    /** On loopback; null: no metrics. */
    metricsPort: number | null;
  };
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
  const database = databaseOf(env.OM_DATABASE_URL, env.OM_DATABASE_TLS, dataDir);
  return {
    dataDir,
    database,
    redis: redisOf(env.OM_REDIS_URL, env.OM_REDIS_PREFIX, database.kind),
    listen: { host: env.OM_HOST, port: env.OM_PORT },
    publicUrl,
    tls: env.OM_TLS_CERT && env.OM_TLS_KEY ? { certFile: env.OM_TLS_CERT, keyFile: env.OM_TLS_KEY } : null,
    trustedProxies: env.OM_TRUSTED_PROXIES,
    allowedHosts: [...env.OM_ALLOWED_HOSTS, ...(publicUrl ? [publicUrl.hostname] : []), env.OM_HOST],
    masterKeyFile: env.OM_MASTER_KEY_FILE ?? join(dataDir, 'master.key'),
    checkpoints: {
      file:
        env.OM_CHECKPOINT_FILE === 'none'
          ? null
          : resolve(env.OM_CHECKPOINT_FILE ?? join(dataDir, 'ledger.checkpoints')),
      syslog: env.OM_CHECKPOINT_SYSLOG ? new URL(env.OM_CHECKPOINT_SYSLOG) : null,
      webhook: env.OM_CHECKPOINT_WEBHOOK ? new URL(env.OM_CHECKPOINT_WEBHOOK) : null,
    },
    moduleDir: env.OM_MODULE_DIR ?? null,
    webRoot: env.OM_WEB_ROOT === 'none' ? null : resolve(env.OM_WEB_ROOT),
    metricsToken: env.OM_METRICS_TOKEN ?? null,
    logLevel: env.OM_LOG_LEVEL,
    concurrency: env.OM_CONCURRENCY,
    maxBusy: env.OM_MAX_BUSY === 0 ? null : env.OM_MAX_BUSY,
    limits: {
      maxHosts: env.OM_MAX_HOSTS,
      maxParallel: 1000,
      defaultParallel: env.OM_PARALLEL,
      defaultTimeoutMs: env.OM_TIMEOUT_SECONDS * 1000,
    },
    outputCapBytes: env.OM_OUTPUT_CAP_KB * 1024,
    runOutputCapBytes: env.OM_RUN_OUTPUT_CAP_MB * mib,
    minFreeBytes: env.OM_MIN_FREE_MB * mib,
    retention: {
      keepRunsMs: env.OM_KEEP_RUNS_DAYS * dayMs || null,
      keepOutputMs: env.OM_KEEP_OUTPUT_DAYS * dayMs || null,
      keepOutputBytes: env.OM_KEEP_OUTPUT_GB * 1024 * mib || null,
    },
    commands: { keepMs: env.OM_KEEP_COMMANDS_DAYS * dayMs || null, legacyFrom: env.OM_LEGACY_AUDIT },
    alertNetworks: env.OM_ALERT_NETWORKS,
    terminal: {
      idleMs: env.OM_TERMINAL_IDLE_MINUTES * 60_000,
      recordInput: env.OM_RECORD_INPUT,
      capBytes: env.OM_RECORDING_CAP_MB * mib,
      keepMs: env.OM_KEEP_RECORDINGS_DAYS * dayMs || null,
      keepBytes: env.OM_KEEP_RECORDINGS_GB * 1024 * mib || null,
    },
    ssh: {
      maxConnections: env.OM_SSH_CONNECTIONS,
      maxHandshakes: env.OM_SSH_HANDSHAKES,
      idleMs: env.OM_SSH_IDLE_SECONDS * 1000,
      connectTimeoutMs: env.OM_SSH_CONNECT_SECONDS * 1000,
    },
    leaseMs: env.OM_LEASE_SECONDS * 1000,
    stopMs: env.OM_STOP_SECONDS * 1000,
    worker: {
      servers: env.OM_WORKER_SERVERS,
      zone: env.OM_WORKER_ZONE ?? null,
      metricsPort: env.OM_WORKER_METRICS_PORT ?? null,
    },
  };
}

function databaseOf(url: string | undefined, tls: boolean, dataDir: string): Config['database'] {
  if (url === undefined) return { kind: 'sqlite', file: join(dataDir, 'omserver.db') };
  if (!URL.canParse(url) || new URL(url).protocol !== 'mysql:') {
    throw new ConfigError('OM_DATABASE_URL: must look like mysql://user:password@host:3306/database');
  }
  const local = isLoopback(new URL(url));
  if (!local && !tls)
    throw new ConfigError('OM_DATABASE_TLS: a database on another machine is reached by verified TLS only');
  return { kind: 'mysql', url, verifyTls: !local };
}

function redisOf(url: string | undefined, prefix: string, database: Config['database']['kind']): Config['redis'] {
  if (url === undefined) return null;
  const parsed = URL.canParse(url) ? new URL(url) : null;
  const wellFormed =
    parsed && /^rediss?:$/.test(parsed.protocol) && parsed.hostname !== '' && /^(\/\d{0,4})?$/.test(parsed.pathname);
  // Options in the URL could switch off what is asked for below.
  if (!wellFormed || parsed.search !== '' || parsed.hash !== '') {
    throw new ConfigError('OM_REDIS_URL: must look like rediss://:password@host:6379 or redis://127.0.0.1:6379');
  }
  if (!isLoopback(parsed) && (parsed.protocol !== 'rediss:' || parsed.password === '')) {
    throw new ConfigError('OM_REDIS_URL: a Redis on another machine is reached by rediss:// with a password only');
  }
  if (database === 'sqlite') {
    throw new ConfigError(
      'OM_REDIS_URL: Redis joins several processes, and an SQLite database belongs to one; set OM_DATABASE_URL or leave out OM_REDIS_URL',
    );
  }
  return { url, prefix };
}

function isNetwork(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/');
  const most = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  return most > 0 && more.length === 0 && (bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most));
}

function isSyslogUrl(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !/^(udp|tcp|tls):$/.test(url.protocol) || url.hostname === '' || url.port === '0') return false;
  return `${url.username}${url.password}${url.search}${url.hash}` === '' && /^\/?$/.test(url.pathname);
}

function isWebhookUrl(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : null;
  // fetch takes no URL with a user in it.
  if (url?.username !== '' || url.password !== '') return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url));
}

function isLoopback({ hostname }: URL): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || (isIPv4(hostname) && hostname.startsWith('127.'));
}
