import { access, constants } from 'node:fs/promises';
import { BlockList, isIP } from 'node:net';
import type { FastifyInstance } from 'fastify';
import pino from 'pino';
import { buildApp } from '../app.ts';
import type { Config } from '../config.ts';
import { lockDataDir } from '../dataLock.ts';
import { fitDescriptors } from '../descriptors.ts';
import { createLog } from '../logging.ts';
import { version } from '../version.ts';
import { CommandError, type ExitCode, exitCodes } from './exitCodes.ts';
import { showFirstInvite } from './firstInvite.ts';
import { requireOwnData } from './ownData.ts';
import { aborted, within } from './stopping.ts';
import type { Terminal } from './surroundings.ts';

/** What closing may take beyond the budget for hosts under way. */
const closeMs = 5000;

/**
 * Runs the server until the signal, then stops it in order and within its budget. Without `worker` it reaches no host
 * itself: other processes and the workers of zones do.
 */
export async function serve(terminal: Terminal, { worker }: { worker: boolean }): Promise<ExitCode> {
  const { signal } = terminal;
  const given = terminal.config();
  await requireGivenFiles(given);
  await requireOwnData(given.dataDir);
  // Written at once: what was logged before a crash is there to be read.
  const log = createLog(given.logLevel, pino.destination({ fd: 2, sync: true }));
  const config = fitDescriptors(given, log);
  const unlock = config.database.kind === 'sqlite' ? lockDataDir(config.dataDir) : () => {};
  try {
    const app = await buildApp(config, log);
    try {
      const url = await listen(app.http, config);
      app.start({ worker });
      if (!config.tls && !isLoopback(config.listen.host)) {
        log.warn(
          'plain HTTP is open to the network: the sealed channel protects itself, POST /rpc is refused without TLS',
        );
      }
      await showFirstInvite({ terminal, dataDir: config.dataDir, link: await app.firstInvite(), log });
      log.info({ version, url, database: config.database.kind }, 'listening');
      terminal.say(`OMServer ${version} listens on ${url}`);
      await aborted(signal);
      log.info({ budgetMs: config.stopMs }, 'stopping: no new work; servers under way are finished within the budget');
    } finally {
      await within(config.stopMs + closeMs, app.close());
    }
    log.info('stopped');
    return exitCodes.ok;
  } finally {
    unlock();
  }
}

/** Before anything is made: a setting that points nowhere is named. */
async function requireGivenFiles({ tls, moduleDir }: Config): Promise<void> {
  const given: [string, string | undefined][] = [
    ['OM_TLS_CERT', tls?.certFile],
    ['OM_TLS_KEY', tls?.keyFile],
    ['OM_MODULE_DIR', moduleDir ?? undefined],
  ];
  for (const [name, path] of given) {
    if (path === undefined) continue;
    await access(path, constants.R_OK).catch((error: unknown) => {
      const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
      throw new CommandError(`${name}: ${missing ? `there is no ${path}` : `${path} cannot be read by this user`}`);
    });
  }
}

async function listen(http: FastifyInstance, { listen: { host, port } }: Config): Promise<string> {
  try {
    return await http.listen({ host, port });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'EADDRINUSE') throw new CommandError(`OM_PORT: port ${port} of ${host} is taken by another program`);
    if (code === 'EACCES') throw new CommandError(`OM_PORT: port ${port} is for root only; choose one above 1023`);
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
      throw new CommandError(`OM_HOST: this machine has no address ${host}`);
    throw error;
  }
}

function isLoopback(host: string): boolean {
  if (host === 'localhost') return true;
  const loopback = new BlockList();
  loopback.addSubnet('127.0.0.0', 8, 'ipv4');
  loopback.addAddress('::1', 'ipv6');
  const family = isIP(host);
  return family !== 0 && loopback.check(host, family === 6 ? 'ipv6' : 'ipv4');
}
